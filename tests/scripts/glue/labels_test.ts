import { assertEquals, assertThrows } from "@std/assert";
import { Dataset, DatasetDict } from "../../../mod.ts";
import { type Labels, readLabels } from "../../../scripts/glue/labels.ts";
import { customTask, type Task, TASKS } from "../../../scripts/glue/tasks.ts";

const CUSTOM = customTask(["text"], "label");

/** Splits with these labels, and optionally with class names stored in the files. */
function splits(
  columns: Record<string, unknown[]>,
  names: Record<string, string[]> = {},
): DatasetDict {
  return new DatasetDict(Object.fromEntries(
    Object.entries(columns).map(([split, label]) => [
      split,
      new Dataset({ label }, {
        source: split,
        labelNames: names[split] ? { label: names[split] } : {},
      }),
    ]),
  ));
}

/** The class names, the numbers of both splits, and the metric. */
function labelsOf(
  train: unknown[],
  validation: unknown[],
  task: Task = CUSTOM,
  names: Record<string, string[]> = {},
): [Labels["names"], number[], number[], Labels["metric"]] {
  const data = splits({ train, validation }, names);
  const labels = readLabels(data, task);
  return [
    labels.names,
    labels.numbersOf(data.train),
    labels.numbersOf(data.validation),
    labels.metric,
  ];
}

Deno.test("readLabels() distinguishes classes from regression, and sorts the classes", () => {
  assertEquals(labelsOf(["spam", "ham", "spam"], ["ham"]), [
    ["ham", "spam"],
    [1, 0, 1],
    [0],
    "sst2",
  ]);
  // 10 after 9: as numbers, not as text.
  assertEquals(labelsOf([10, 9, 10], [9]), [
    ["9", "10"],
    [1, 0, 1],
    [0],
    "sst2",
  ]);
  assertEquals(labelsOf([2, 0, 1], [1]), [
    ["LABEL_0", "LABEL_1", "LABEL_2"],
    [2, 0, 1],
    [1],
    "sst2",
  ]);
  // With fractions, -1 is an ordinary number.
  assertEquals(labelsOf([0.5, -1, 3], [2]), [
    undefined,
    [0.5, -1, 3],
    [2],
    "stsb",
  ]);
});

Deno.test("readLabels() uses the class names of the files and of GLUE", () => {
  const names = ["no", "yes"];
  assertEquals(
    labelsOf([1, 0], [0], CUSTOM, { train: names, validation: names }),
    [names, [1, 0], [0], "sst2"],
  );
  // In one split only, and labels as text.
  assertEquals(labelsOf(["yes", "no"], ["no"], CUSTOM, { validation: names }), [
    names,
    [1, 0],
    [0],
    "sst2",
  ]);
  const { rte, wnli, stsb } = TASKS;
  assertEquals(labelsOf([0, 1], ["not_entailment"], rte), [
    ["entailment", "not_entailment"],
    [0, 1],
    [1],
    "rte",
  ]);
  // The same names in the other order.
  assertEquals(labelsOf([0, 1], ["not_entailment"], wnli)[2], [0]);
  assertEquals(labelsOf([5, 0], [1], stsb).slice(1), [[5, 0], [1], "stsb"]);
});

const REFUSED: Record<string, readonly [() => unknown, string]> = {
  "a class that is not in train": [
    () => labelsOf(["a", "b"], ["b", "c"]),
    'validation has label "c" in row 1, and the labels are a, b: correct it, or leave the row out',
  ],
  "text among numbers": [
    () => labelsOf([0.5, 1], ["a"]),
    'validation has label "a" in row 0, and the labels are numbers',
  ],
  "names that differ from split to split": [
    () =>
      labelsOf([0], [0], CUSTOM, { train: ["a", "b"], validation: ["b", "a"] }),
    "The labels of train are a, b, those of validation are b, a: they must be the same, in the same order",
  ],
  "names that differ from GLUE's": [
    () => labelsOf([0], [0], TASKS.rte, { train: ["yes", "no"] }),
    "The labels of train are yes, no, those of GLUE are entailment, not_entailment",
  ],
  "a class that is not in GLUE": [
    () => labelsOf([0, 1, 2], [0], TASKS.rte),
    "train has label 2 in row 2, and the labels are entailment, not_entailment",
  ],
  "one class": [
    () => labelsOf(["a", "a"], ["a"]),
    'train has only the label "a" in column "label": there is nothing to learn, so add rows with another label',
  ],
  "two types": [
    () => labelsOf(["a", 1], ["a"]),
    'train has labels of type string and number in column "label": they must be all text or all numbers',
  ],
  "neither text nor number": [
    () => labelsOf([true, false], [true]),
    'train has labels of type boolean in column "label": they must be all text or all numbers',
  ],
  ...Object.fromEntries(
    [null, undefined, "", -1, NaN].map((label) => [
      `${label} for a label`,
      [
        () => labelsOf([1, 0], [1, label, label]),
        "validation has 2 of 3 rows without a label, the first of them row 1: leave these rows out",
      ],
    ]),
  ),
};

Deno.test("readLabels() refuses invalid labels", async (t) => {
  for (const [name, [read, message]] of Object.entries(REFUSED)) {
    await t.step(name, () => {
      assertThrows(read, RangeError, message);
    });
  }
});
