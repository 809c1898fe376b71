import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import {
  BertForSequenceClassification,
  dataCollatorWithPadding,
  loadDataFile,
  loadSafetensors,
  requestDevice,
  saveSafetensors,
  Tokenizer,
} from "../../mod.ts";
import { modelCard } from "../../scripts/model_card/model_card.ts";
import { assertAllClose, GOLDEN_LOGITS } from "../helpers/all_close.ts";
import { needs } from "../helpers/permissions.ts";
import { CARD } from "./model_card/card_fixture.ts";
import {
  commandOf,
  type Ended,
  predict,
  trainFixture,
} from "./train_fixture.ts";

/** A line of the output. */
interface Prediction {
  readonly sentence1?: string;
  readonly sentence2?: string;
  readonly Message?: string;
  readonly label: string;
  readonly probabilities: Record<string, number>;
}

const PAIRS = [
  ["the ferry leaves at seven .", "rain ."],
  ["the rain", "the rain"], // not a header, though the texts are equal
  ['the "island" , ferry', "seven at seven"],
] as const;

const lines = ({ stdout }: Ended): Prediction[] =>
  stdout.trimEnd().split("\n").map((line) => JSON.parse(line));

/** Stderr without the progress, which is shown on slow machines. */
const messages = (stderr: string) =>
  stderr.split("\n").filter((line) => !/^(tokeniz|predict)ing /.test(line))
    .join("\n");

Deno.test("the predict task may only read", () => {
  assertEquals(commandOf("predict").permissions, ["--allow-read"]);
});

Deno.test(
  needs(
    "predict.ts gives the same labels for the same pairs from every source",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const tsv = PAIRS.map((pair) => `${pair.join("\t")}\n`).join("");
    const csv = PAIRS.map((pair) =>
      pair.map((text) => `"${text.replaceAll('"', '""')}"`).join(",") + "\r\n"
    ).join("");
    const rows = PAIRS.map(([sentence1, sentence2], idx) => ({
      idx,
      sentence2,
      label: -1,
      sentence1,
    }));
    const files = {
      "pairs.tsv": `sentence1\tsentence2\n${tsv}`,
      "pairs.csv": `\ufeffsentence1,sentence2\r\n${csv}`,
      "pairs.jsonl": rows.map((row) => JSON.stringify(row)).join("\n"),
      "bare.tsv": tsv,
      "bare.csv": csv,
    };
    for (const [name, content] of Object.entries(files)) {
      await fixture.write(name, content);
    }
    const first = await predict(fixture, "--model model --data pairs.tsv");
    assertEquals(first.code, 0, first.stderr);
    assertMatch(messages(first.stderr), /^Running on [^\n]+\n$/);
    const expected = lines(first);

    await t.step("the softmax of the logits", async () => {
      using device = await requestDevice();
      const tokenizer = await Tokenizer.fromPretrained(`${fixture.path}/model`);
      const model = await BertForSequenceClassification.fromPretrained(
        `${fixture.path}/model`,
        { device },
      );
      const batch = dataCollatorWithPadding(tokenizer)(
        PAIRS.map(([a, b]) => ({ ...tokenizer.encode(a, b) })),
      );
      using _scope = device.scope();
      const logits = await model.forward(batch).logits.toArray();
      assertEquals(
        expected.map(({ sentence1, sentence2 }) => [sentence1, sentence2]),
        PAIRS.map((pair) => [...pair]),
      );
      expected.forEach(({ label, probabilities }, row) => {
        // softmax of two logits is 1 / (1 + exp(-difference))
        const p = 1 / (1 + Math.exp(logits[2 * row]! - logits[2 * row + 1]!));
        assertAllClose(
          [probabilities.LABEL_0!, probabilities.LABEL_1!],
          [1 - p, p],
          GOLDEN_LOGITS,
        );
        assertEquals(label, p > 0.5 ? "LABEL_1" : "LABEL_0");
      });
    });
    for (const name of Object.keys(files).slice(1)) {
      await t.step(name, async () => {
        const run = await predict(fixture, `--model model --data ${name}`);
        assertEquals(run.code, 0, run.stderr);
        assertEquals(
          lines(run).map((line) => JSON.stringify(line, KEYS)),
          expected.map((line) => JSON.stringify(line, KEYS)),
        );
        const warning =
          `Warning: ${name} has no header with a name of a text or label column: its first line is read as a pair of texts, "`;
        assertEquals(
          run.stderr.includes(warning),
          name.startsWith("bare"),
          run.stderr,
        );
      });
    }
    await t.step("the only column that can be that of the texts", async () => {
      const texts = [
        "The rain stops at seven.",
        "The ferry leaves the island.",
      ];
      const rows = (header: string) =>
        `${header}\n${texts.map((text) => `${text};rain\n`).join("")}`;
      await fixture.write("data/guess.csv", rows("Message;Topic"));
      const run = await predict(
        fixture,
        "--model model --data data/guess.csv --delimiter ;",
      );
      assertEquals(run.code, 0, run.stderr);
      assertEquals(lines(run).map(({ Message }) => Message), texts);
      assertStringIncludes(run.stderr, "Text column: Message\n");
      assertEquals(run.stderr.includes("Warning"), false);
    });
    await t.step("standard input, and the columns of its header", async () => {
      const columns = "--text-columns sentence1,sentence2";
      for (
        const [stdin, flags] of [
          [tsv, ""],
          [tsv.replaceAll("\n", "\r\n").trimEnd(), ""],
          [`\ufeff${files["pairs.tsv"]}`, columns],
        ] as const
      ) {
        const run = await predict(fixture, `--model model ${flags}`, { stdin });
        assertEquals(lines(run), expected, run.stderr);
        assertMatch(messages(run.stderr), /^Running on [^\n]+\n$/);
      }
    });
    await t.step("the command line", async () => {
      for (const [row, texts] of PAIRS.entries()) {
        const run = await predict(fixture, "--model model", { texts });
        const [line] = lines(run);
        assertEquals(line!.label, expected[row]!.label);
        assertAllClose(
          Object.values(line!.probabilities),
          Object.values(expected[row]!.probabilities),
          GOLDEN_LOGITS,
        );
      }
    });
    await t.step("in batches of one, the same bytes twice", async () => {
      const flags = "--model model --data pairs.csv --batch-size 1";
      const [one, two] = [
        await predict(fixture, flags),
        await predict(fixture, flags),
      ];
      assertEquals(one.stdout, two.stdout);
      assertEquals(
        lines(one).map(({ label }) => label),
        expected.map(({ label }) => label),
      );
    });
    await t.step("nothing was written", async () => {
      assertEquals(
        await fixture.list("."),
        [...Object.keys(files), "data", "model"].sort(),
      );
    });
  },
);

/** The keys of a line in a fixed order, so that lines can be compared. */
const KEYS = [
  "sentence1",
  "sentence2",
  "label",
  "probabilities",
  "LABEL_0",
  "LABEL_1",
];

Deno.test(
  needs(
    "predict.ts takes single sentences, and other columns and labels",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    await t.step("one sentence, after -- even with a hyphen", async () => {
      const run = await predict(fixture, "--model model --", {
        texts: ["-5 at seven"],
      });
      const [{ label, ...line } = {}] = lines(run) as Partial<Prediction>[];
      assertEquals(run.code, 0, run.stderr);
      assertEquals(
        line,
        {
          sentence: "-5 at seven",
          probabilities: line.probabilities!,
        } as typeof line,
      );
      assertEquals(label, "LABEL_1");
    });
    await t.step(
      "lines of one sentence; what looks like a number stays as it is written",
      async () => {
        const run = await predict(fixture, "--model model", {
          stdin: "1.50\n\n007",
        });
        assertEquals(
          lines(run).map((line) => Object.values(line)[0]),
          ["1.50", "", "007"] as unknown[],
          run.stderr,
        );
      },
    );
    await t.step("columns by name", async () => {
      await fixture.write("own.csv", "id,b,a\n1,rain,ferry\n");
      const run = await predict(
        fixture,
        "--model model --data own.csv --text-columns a,b",
      );
      const [line] = lines(run);
      assertEquals(
        Object.entries(line!).slice(0, 2),
        [["a", "ferry"], ["b", "rain"]],
        run.stderr,
      );
    });
    await t.step("two texts for a model of single texts", async () => {
      await fixture.write("model/README.md", modelCard(CARD));
      const run = await predict(fixture, "--model model", {
        texts: ["rain", "ferry"],
      });
      assertEquals(lines(run).length, 1, run.stderr);
      assertStringIncludes(run.stderr, "are taken as one pair");
    });
    await t.step("label names", async () => {
      const config = (await fixture.text("model/config.json"))
        .replace('"LABEL_1"', '"equivalent"');
      await fixture.write("model/config.json", config);
      const run = await predict(fixture, "--model model", { texts: ["rain"] });
      const [line] = lines(run);
      assertEquals(line!.label, "equivalent");
      assertEquals(Object.keys(line!.probabilities), ["LABEL_0", "equivalent"]);
    });
    await t.step(
      "a warning for a model that was not fine-tuned",
      async () => {
        const path = "model/model.safetensors";
        const tensors = loadSafetensors(
          await Deno.readFile(`${fixture.path}/${path}`),
        );
        tensors.delete("classifier.weight");
        await fixture.write(path, saveSafetensors(tensors));
        const run = await predict(fixture, "--model model", {
          texts: ["rain"],
        });
        assertEquals(run.code, 0, run.stderr);
        assertMatch(run.stderr, /\nclassifier\.weight +\| MISSING\n/);
      },
    );
  },
);

Deno.test(
  needs(
    "predict.ts truncates a row of 5,000 words, with one warning",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const long = "ferry ".repeat(5000).trim();
    await fixture.write(
      "long.tsv",
      `sentence1\tsentence2\n${long}\train\n${long}\t${long}\nrain\train\n`,
    );
    const warnings = (stderr: string) =>
      stderr.split("\n").filter((line) => line.startsWith("Warning"));
    await t.step("to the maximum of the model", async () => {
      const run = await predict(fixture, "--model model --data long.tsv");
      assertEquals([run.code, lines(run).length], [0, 3], run.stderr);
      assertEquals(warnings(run.stderr), [
        "Warning: 2 of 3 rows of long.tsv have more than 32 tokens and were truncated",
      ]);
    });
    await t.step("to --max-length", async () => {
      const at = (length: number) =>
        predict(fixture, `--model model --max-length ${length}`, {
          texts: ["ferry rain island", "rain rain"],
        });
      const [whole, cut] = [await at(8), await at(6)];
      assertEquals(warnings(whole.stderr), []);
      assertEquals(warnings(cut.stderr), [
        "Warning: 1 of 1 rows of the command line have more than 6 tokens and were truncated",
      ]);
      assertNotEquals(whole.stdout, cut.stdout);
    });
  },
);

Deno.test(
  needs(
    "predict.ts ends without a message when stdout is closed",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const child = fixture.start("--model model --batch-size 8", {
      task: "predict",
      stdin: "rain at seven\tferry\n".repeat(5000),
    });
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    assertEquals((await child.status).code, 141); // 128 + SIGPIPE
    assertMatch(messages(await stderr), /^Running on [^\n]+\n$/);
  },
);

Deno.test(
  needs(
    "predict.ts and evaluate.ts agree on every label",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const predicted = lines(
      await predict(fixture, "--model model --data data/train.tsv"),
    );
    const run = await fixture.run(
      "--model model --data data --split train --json",
      { task: "evaluate" },
    );
    const { confusionMatrix, rows } = JSON.parse(run.stdout);
    const references = (await loadDataFile(`${fixture.path}/data/train.tsv`))
      .column("label") as number[];
    const counts = [[0, 0], [0, 0]];
    predicted.forEach(({ label }, row) =>
      counts[references[row]!]![Number(label.slice(-1))]!++
    );
    assertEquals([confusionMatrix, rows], [counts, references.length]);
  },
);
