import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ModelCardData } from "../../../scripts/model_card/card_data.ts";
import {
  modelCard,
  withOnnxFiles,
} from "../../../scripts/model_card/model_card.ts";
import { CARD } from "./card_fixture.ts";
import golden from "./fixtures/card.txt" with { type: "text" };

/** Texts that mean something to YAML, Markdown or HTML. */
const TEXTS = [
  "<script>alert(1)</script>",
  '" onload="x',
  "| a | b |",
  "two\n\nlines # and\r\n---\n",
  "**bold** _it_ `code` ~~x~~ $x$ &lt;",
  "[a](http://b.c) ![i](d) www.e.f @alice a@b.c",
  "yes: no",
];

Deno.test("modelCard() has the figures of a run, as ModelCard of huggingface_hub reads them", () => {
  // fixtures/card.txt was read with ModelCard() of huggingface_hub 2.4.0.
  assertEquals(modelCard(CARD), golden);
});

Deno.test("modelCard() publishes no path of the computer", () => {
  assert(!modelCard(CARD).includes("/home/alice"));
});

Deno.test("modelCard() shows any text as it is", () => {
  const plainLines = modelCard(CARD).split("\n");
  const columns = (line: string) => line.split(/(?<!\\)\|/).length;
  for (const text of TEXTS) {
    const card = modelCard({
      ...CARD,
      title: text,
      baseModel: text,
      labelNames: [text, text, text],
      baselineName: text,
      dataset: { ...CARD.dataset, name: text, textColumns: [text, text] },
      evaluations: CARD.evaluations.map((evaluation) => ({
        ...evaluation,
        split: text,
        classes: evaluation.classes!.map((row) => ({ ...row, label: text })),
      })),
      config: { ...CARD.config, adapter: text },
    });
    const body = card.slice(card.indexOf("\n---\n", 4) + 5);
    const prose = body.replaceAll(/```[\s\S]*?```/g, "");
    assert(!/(?<!\\)</.test(prose), prose);
    assert(!/(?<!\\)[*_[\]](?!$)/m.test(prose), prose);
    assert(!/:\/\/|www\.|@/.test(prose), prose);
    const lines = card.split("\n");
    assertEquals(lines.length, plainLines.length);
    for (const [i, line] of lines.entries()) {
      if (line.startsWith("|")) {
        assertEquals(columns(line), columns(plainLines[i]!), line);
      }
    }
  }
});

Deno.test("modelCard() leaves out what is not known", () => {
  const { baseModel: _, evaluations, ...rest } = CARD;
  const unknown: ModelCardData = {
    ...rest,
    dataset: {
      name: "a.csv",
      format: "csv",
      textColumns: ["text"],
      labelColumns: ["label"],
      splits: [{ name: "train", rows: 5 }],
    },
    evaluations: [],
    config: {},
    onnxFiles: [],
  };
  const card = modelCard(unknown);
  const [, head] = card.split("---\n");
  assert(!/base_model|metrics|model-index|onnx|transformers\.js/.test(head!));
  assertStringIncludes(card, "The model was not evaluated.");
  assertStringIncludes(card, "A bert model, fine-tuned on a.csv");
  assert(!/undefined|NaN|\| null|setting/.test(card), card);
  // Scores that are not defined are no claim.
  const [evaluation] = evaluations;
  const scores = [{ key: "f1", name: "F1", value: NaN }];
  const odd = { ...unknown, evaluations: [{ ...evaluation!, scores }] };
  assert(!modelCard(odd).includes("model-index"));
});

Deno.test("modelCard() names the data set of the Hub", () => {
  const dataset = { ...CARD.dataset, name: "GLUE", hubName: "nyu-mll/glue" };
  const card = modelCard({ ...CARD, dataset });
  assertStringIncludes(card, 'datasets:\n  - "nyu-mll/glue"\n');
  assertStringIncludes(card, 'type: "nyu-mll/glue"\n');
  assertStringIncludes(card, "(https://huggingface.co/datasets/nyu-mll/glue)");
});

Deno.test("modelCard() has the thresholds of a multi-label model", () => {
  const card = modelCard({
    ...CARD,
    problemType: "multi_label_classification",
    thresholds: [0.25, 0.5, 0.75],
  });
  assertStringIncludes(
    card,
    "| label | rows of train | rows of validation | threshold |",
  );
  assertStringIncludes(card, "| yes | 500 | 55 | 0.2500 |");
  assertStringIncludes(card, "labels texts with any of 3 labels");
});

Deno.test("modelCard() shows the use for each kind of labels, and for pairs", () => {
  for (
    const [problemType, columns, ...codes] of [
      [
        "single_label_classification",
        ["a"],
        'classifier("The ferry leaves at seven.", top_k=None,',
        "softmax(logits.data).forEach",
        'predict("The ferry leaves at seven.", { topK: null })',
      ],
      [
        "multi_label_classification",
        ["a", "b"],
        '{"text": "The ferry leaves at seven.", "text_pair": "It leaves at seven."}, top_k=None,',
        'text_pair: "It leaves at seven.", truncation: true',
        "logits.sigmoid().data.forEach",
        '{ text: "The ferry leaves at seven.", textPair: "It leaves at seven." }, { topK: null }',
      ],
      [
        "regression",
        ["a"],
        'function_to_apply="none"',
        "console.log(logits.data[0])",
        'predict("The ferry leaves at seven."))',
      ],
    ] as const
  ) {
    const dataset = { ...CARD.dataset, textColumns: columns };
    const card = modelCard({ ...CARD, problemType, dataset });
    for (const code of codes) assertStringIncludes(card, code);
  }
  for (
    const [file, dtype] of [
      ["onnx/model_fp16.onnx", "fp16"],
      ["onnx/model_quantized.onnx", "q8"],
    ] as const
  ) {
    const card = modelCard({ ...CARD, onnxFiles: [file] });
    assertStringIncludes(card, `{ dtype: "${dtype}" }`);
  }
});

Deno.test("withOnnxFiles() gives the card that modelCard() writes with these files", () => {
  const [fp32, fp16, q8] = ["", "_fp16", "_quantized"]
    .map((name) => `onnx/model${name}.onnx`);
  const kinds = [
    { ...CARD, problemType: "regression" },
    { ...CARD, problemType: "multi_label_classification" },
    { ...CARD, dataset: { ...CARD.dataset, textColumns: ["a", "b"] } },
  ] as const;
  for (const card of kinds) {
    for (
      const [before, after] of [
        [[], [fp32!]],
        [[], [fp16!, q8!]],
        [[q8!], [fp32!, q8!]],
        [[fp32!], [fp32!]],
      ]
    ) {
      assertEquals(
        withOnnxFiles(modelCard({ ...card, onnxFiles: before! }), after!),
        modelCard({ ...card, onnxFiles: after! }),
      );
    }
  }
});

Deno.test("withOnnxFiles() keeps what a user wrote", () => {
  const card = modelCard({ ...CARD, onnxFiles: [] });
  const edited = card
    .replace("tags:\n", 'license: "mit"\ntags:\n  - "messages"\n')
    .replace("## Data\n", "## Data\n\nFrom our help desk.\n");
  const named = withOnnxFiles(edited, ["onnx/model.onnx"]);
  assertStringIncludes(named, '  - "transformers.js"\n  - "onnx"\n');
  assertEquals(
    named.replace('license: "mit"\n', "").replace('  - "messages"\n', "")
      .replace("\n\nFrom our help desk.\n", "\n"),
    modelCard({ ...CARD, onnxFiles: ["onnx/model.onnx"] }),
  );
  const other = "# My model\n\ntransformers.js, my favourite\n";
  assertEquals(withOnnxFiles(other, ["onnx/model.onnx"]), other);
});
