import { assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../../mod.ts";
import {
  positiveLabel,
  readLabels,
} from "../../../scripts/inference/references.ts";

Deno.test("readLabels() takes numbers and names, and reports other labels", async (t) => {
  const read = (label: unknown[], names: string[]) =>
    readLabels(new Dataset({ label }, { source: "a.tsv" }), "label", names);
  assertEquals(read([1, 0], ["no", "yes"]), [1, 0]);
  assertEquals(read(["yes", "no"], ["no", "yes"]), [1, 0]);
  assertEquals(read([5, 3], ["3", "5"]), [1, 0]); // the names are numbers
  assertEquals(read([2.5, 3], ["3"]), [2.5, 3]); // regression ignores the name
  const cases: [unknown[], string[], string][] = [
    [
      [0, 2],
      ["no", "yes"],
      "a.tsv has label 2 in row 1, and the labels of the model are no, yes: correct it, or leave the row out",
    ],
    [
      ["yes", "maybe"],
      ["no", "yes"],
      'a.tsv has label "maybe" in row 1, and the labels of the model are no, yes: correct it, or leave the row out',
    ],
    [
      [-1],
      ["no", "yes"],
      "a.tsv has label -1 in row 0, and the labels of the model are no, yes: rows without a label can be predicted, not evaluated",
    ],
    [
      ["1.0", "3.0"],
      ["1.0", "2.0", "x"],
      'a.tsv has label "3.0" in row 1, and the labels of the model are 1.0, 2.0, x: correct it, or leave the row out',
    ],
    [
      ["high"],
      ["LABEL_0"],
      'a.tsv has label "high" in row 0, and the model predicts numbers: correct it, or leave the row out',
    ],
  ];
  for (const [labels, names, message] of cases) {
    await t.step(message, () => {
      assertThrows(() => read(labels, names), RangeError, message);
    });
  }
  assertThrows(
    () => readLabels(new Dataset({ y: [1] }, { source: "a.tsv" }), "label", []),
    RangeError,
    'a.tsv has no column "label", only y: name the label column with --label-column',
  );
});

const NLI = ["contradiction", "entailment", "neutral"];

/** Labels of a table, with class names in the file or without. */
const read = (label: unknown[], model: string[], names?: string[]) =>
  readLabels(
    new Dataset({ label }, {
      source: "a.parquet",
      ...names && { labelNames: { label: names } },
    }),
    "label",
    model,
  );

Deno.test("readLabels() matches class names to those of the model", async (t) => {
  const cases: [string, unknown[], string[], string[] | undefined, number[]][] =
    [
      [
        "in another order",
        [0, 1, 2],
        NLI,
        ["entailment", "neutral", "contradiction"],
        [1, 2, 0],
      ],
      ["in capitals", [0, 1], ["NEGATIVE", "POSITIVE"], [
        "positive",
        "negative",
      ], [1, 0]],
      ["as text", ["Neutral", "entailment"], NLI, undefined, [2, 1]],
      ["as codes", ["0112", "0111 "], ["0111", "0112"], undefined, [1, 0]],
      ["as codes, some of them", ["01", "02"], ["01", "02", "x"], undefined, [
        0,
        1,
      ]],
      ["as codes of one number", ["01", "1"], ["1", "01"], undefined, [1, 0]],
      [
        "exactly, where case tells them apart",
        ["us", "US"],
        ["US", "us"],
        undefined,
        [1, 0],
      ],
      ["none in the file", [2, 0], NLI, ["LABEL_0", "LABEL_1", "LABEL_2"], [
        2,
        0,
      ]],
      ["digits in the file", [2, 0], NLI, ["0", "1", "2"], [2, 0]],
      ["LABEL_2 as text", ["LABEL_2", "LABEL_0"], NLI, undefined, [2, 0]],
      ["none in the model", [1, 0], ["LABEL_0", "LABEL_1"], ["no", "yes"], [
        1,
        0,
      ]],
      [
        "text, and none in the model",
        ["yes", "no"],
        ["LABEL_0", "LABEL_1"],
        ["no", "yes"],
        [1, 0],
      ],
      ["numbers", [-1, 1, 0], ["-1", "0", "1"], undefined, [0, 2, 1]],
      ["numbers as text", ["-1", "1"], ["-1", "0", "1"], undefined, [0, 2]],
      // datasets sorts text: label 2 is 10
      [
        "numbers in the order of text",
        [2, 1],
        ["0", "10", "2"],
        ["0", "10", "2"],
        [2, 1],
      ],
      ["true and false", [true, false], ["false", "true"], undefined, [1, 0]],
      ["True and False", ["True", "False"], ["LABEL_0", "LABEL_1"], undefined, [
        1,
        0,
      ]],
    ];
  for (const [name, labels, model, names, expected] of cases) {
    await t.step(name, () => {
      assertEquals(read(labels, model, names), expected);
    });
  }
});

Deno.test("readLabels() refuses labels of another meaning", async (t) => {
  const remedy =
    "evaluate a model that was trained on these labels, or name its labels as here in id2label of its config.json";
  const cases: [string, () => unknown, string][] = [
    [
      "other names in the file",
      () => read([0], NLI, ["negative", "neutral", "positive"]),
      `a.parquet has the labels negative, neutral, positive, and those of the model are contradiction, entailment, neutral: ${remedy}`,
    ],
    [
      "fewer names in the file",
      () => read([0], NLI, ["entailment", "neutral"]),
      `a.parquet has the labels entailment, neutral, and those of the model are contradiction, entailment, neutral: ${remedy}`,
    ],
    [
      "more names than the model has labels",
      () => read([0], ["LABEL_0", "LABEL_1"], ["a", "b", "c"]),
      `a.parquet has the labels a, b, c, and those of the model are LABEL_0, LABEL_1: ${remedy}`,
    ],
    [
      "other text",
      () => read(["pos", "neg", "pos"], ["no", "yes"]),
      `a.parquet has the labels neg, pos, and those of the model are no, yes: ${remedy}`,
    ],
    [
      "true and false",
      () => read([true, false], ["no", "yes"]),
      `a.parquet has the labels false, true, and those of the model are no, yes: ${remedy}`,
    ],
    [
      "one other text",
      () => read(["yes", "maybe"], ["no", "yes"]),
      'a.parquet has label "maybe" in row 1, and the labels of the model are no, yes: correct it, or leave the row out',
    ],
    [
      "a number among names that are numbers",
      () => read([2], ["-1", "0", "1"]),
      "a.parquet has label 2 in row 0, and the labels of the model are -1, 0, 1: correct it, or leave the row out",
    ],
    [
      "a number that would mean two labels",
      () => read([0, 1], ["1", "other"]),
      "a.parquet has label 0 in row 0, and the labels of the model are 1, other: correct it, or leave the row out",
    ],
    [
      "-1 among others",
      () => read([1, -1], ["no", "yes"]),
      "a.parquet has label -1 in row 1, and the labels of the model are no, yes: leave out rows without a label; if -1 is a class, evaluate a model that was trained on it",
    ],
    [
      "classes for a model of numbers",
      () => read([1, 0], ["LABEL_0"], ["no", "yes"]),
      "a.parquet has the labels no, yes, and the model predicts numbers: evaluate a model that was trained on these labels",
    ],
  ];
  for (const [name, call, message] of cases) {
    await t.step(name, () => {
      assertEquals(assertThrows(call, RangeError).message, message);
    });
  }
});

Deno.test("positiveLabel() is label 1 of the data in the model's numbers", () => {
  const positive = (names?: string[]) =>
    positiveLabel(
      new Dataset(
        { label: [0] },
        names ? { labelNames: { label: names } } : {},
      ),
      "label",
      ["equivalent", "not_equivalent"],
    );
  assertEquals(positive(["not_equivalent", "equivalent"]), 0);
  assertEquals(positive(["equivalent", "not_equivalent"]), 1);
  assertEquals(positive(), 1);
});
