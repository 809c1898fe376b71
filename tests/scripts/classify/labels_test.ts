import { assertEquals, assertThrows } from "@std/assert";
import { Dataset, DatasetDict } from "../../../mod.ts";
import {
  type Label,
  type Labels,
  readLabels,
} from "../../../scripts/classify/labels.ts";
import {
  customTask,
  type OwnLabels,
  type Task,
  TASKS,
} from "../../../scripts/classify/tasks.ts";
import { printed } from "../../helpers/printed.ts";

const CUSTOM = customTask(["text"], "label");
const CLASSES = "single_label_classification";
const NUMBERS = "regression";

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

/** Label names of a checkpoint that has none. */
const NO_NAMES = ["LABEL_0", "LABEL_1"];

/** The class names, the numbers of both splits, and the problem type. */
function labelsOf(
  train: unknown[],
  validation: unknown[],
  task: Task = CUSTOM,
  names: Record<string, string[]> = {},
  model = NO_NAMES,
): [Labels["names"], Label[], Label[], Labels["head"]["problemType"]] {
  using _output = printed();
  const data = splits({ train, validation }, names);
  const labels = readLabels(data, task, model);
  return [
    labels.names,
    labels.numbersOf(data.train),
    labels.numbersOf(data.validation),
    labels.head.problemType,
  ];
}

Deno.test("readLabels() distinguishes classes from regression, and sorts the classes", () => {
  assertEquals(labelsOf(["spam", "ham", "spam"], ["ham"]), [
    ["ham", "spam"],
    [1, 0, 1],
    [0],
    CLASSES,
  ]);
  // 10 after 9: as numbers, not as text.
  assertEquals(labelsOf([10, 9, 10], [9]), [
    ["9", "10"],
    [1, 0, 1],
    [0],
    CLASSES,
  ]);
  assertEquals(labelsOf([2, 0, 1], [1]), [
    ["LABEL_0", "LABEL_1", "LABEL_2"],
    [2, 0, 1],
    [1],
    CLASSES,
  ]);
  assertEquals(labelsOf([-1, 1, 0], [-1]), [
    ["-1", "0", "1"],
    [0, 2, 1],
    [0],
    CLASSES,
  ]);
  assertEquals(labelsOf([-1, 1], [1]).slice(0, 3), [["-1", "1"], [0, 1], [1]]);
  assertEquals(
    labelsOf([true, false], [true]).slice(0, 3),
    [["false", "true"], [1, 0], [1]],
  );
  // A column of text that holds numbers alone.
  assertEquals(labelsOf(["10", "9"], ["9"]).slice(0, 2), [["9", "10"], [1, 0]]);
  // The kind of the labels can be given.
  const kinds = (labels: OwnLabels) =>
    labelsOf([2, 1, 2], [1], customTask(["text"], "label", labels));
  assertEquals(kinds("classes").slice(1), [[1, 0, 1], [0], CLASSES]);
  assertEquals(kinds("numbers").slice(1), [[2, 1, 2], [1], NUMBERS]);
  const classes = customTask(["text"], "label", "classes");
  assertEquals(
    labelsOf([0.5, 1], [0.5], classes).slice(0, 3),
    [["0.5", "1"], [0, 1], [0]],
  );
  // With fractions, -1 is an ordinary number.
  assertEquals(labelsOf([0.5, -1, 3], [2]), [
    undefined,
    [0.5, -1, 3],
    [2],
    NUMBERS,
  ]);
});

Deno.test("readLabels() uses the class names of the files and of GLUE", () => {
  const names = ["no", "yes"];
  assertEquals(
    labelsOf([1, 0], [0], CUSTOM, { train: names, validation: names }),
    [names, [1, 0], [0], CLASSES],
  );
  // In one split only, and labels as text.
  assertEquals(labelsOf(["yes", "no"], ["no"], CUSTOM, { validation: names }), [
    names,
    [1, 0],
    [0],
    CLASSES,
  ]);
  const { rte, wnli, stsb } = TASKS;
  assertEquals(labelsOf([0, 1], ["not_entailment"], rte), [
    ["entailment", "not_entailment"],
    [0, 1],
    [1],
    CLASSES,
  ]);
  // The same names in the other order.
  assertEquals(labelsOf([0, 1], ["not_entailment"], wnli)[2], [0]);
  assertEquals(labelsOf([5, 0], [1], stsb).slice(1), [[5, 0], [1], NUMBERS]);
});

Deno.test("readLabels() takes a stored label as an index, also where names are numbers", () => {
  const stars = ["1", "2", "3", "4", "5"];
  const stored = { train: stars, validation: stars };
  assertEquals(
    labelsOf([0, 1, 2, 3, 4], [4], CUSTOM, stored).slice(0, 3),
    [stars, [0, 1, 2, 3, 4], [4]],
  );
  const swapped = ["1", "0"];
  assertEquals(
    labelsOf([0, 1], [1], CUSTOM, { train: swapped, validation: swapped })
      .slice(0, 3),
    [swapped, [0, 1], [1]],
  );
  // Text is a name, and so are the numbers of a file without stored names.
  assertEquals(
    labelsOf(["5", "1"], [4], CUSTOM, stored).slice(1, 3),
    [[4, 0], [4]],
  );
  assertEquals(
    labelsOf([0, 4], [5, 1], CUSTOM, { train: stars }).slice(1, 3),
    [[0, 4], [4, 0]],
  );
});

Deno.test("readLabels() tells numbers from codes by all splits", () => {
  assertEquals(
    labelsOf(["01", "02", "x"], ["02", "01"]).slice(0, 3),
    [["01", "02", "x"], [0, 1, 2], [1, 0]],
  );
  assertEquals(
    labelsOf(["1.0", "2.0", "beta"], ["1.0"]).slice(0, 3),
    [["1.0", "2.0", "beta"], [0, 1, 2], [0]],
  );
  assertEquals(
    labelsOf(["1.0", "2.0"], ["2"]).slice(0, 3),
    [["1", "2"], [0, 1], [1]],
  );
});

Deno.test("readLabels() keeps codes apart that are the same number", () => {
  assertEquals(
    labelsOf(["01", "1", "001", "2"], ["1"]).slice(0, 3),
    [["001", "01", "1", "2"], [1, 2, 0, 3], [2]],
  );
  assertEquals(
    labelsOf(["1e5", "100000", "2e3"], ["100000"]).slice(0, 3),
    [["100000", "1e5", "2e3"], [1, 0, 2], [0]],
  );
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
  ...Object.fromEntries(
    [Infinity, -Infinity].map((label) => [
      `${label} for a label`,
      [
        () => labelsOf([1, 0], [1, label]),
        `validation has label "${label}" in row 1, and a label is a finite number: correct it, or leave the row out`,
      ],
    ]),
  ),
  ...Object.fromEntries(
    ["NaN", "n/a", "-inf", "1e999"].map((word) => [
      `${word} among numbers`,
      [
        () => labelsOf(["0.5", word, "2"], ["1"]),
        `train has label "${word}" in row 1, and the others are numbers: correct it, or leave the row out`,
      ],
    ]),
  ),
  "one class": [
    () => labelsOf(["a", "a"], ["a"]),
    'train has only the label "a" in column "label": there is nothing to learn, so add rows with another label',
  ],
  "two types": [
    () => labelsOf(["a", 1], ["a"]),
    'train has labels of type string and number in column "label": they must be all text, all numbers, or all true and false',
  ],
  "lists": [
    () => labelsOf([[1], [0]], [[1]]),
    'train has labels of type object in column "label": they must be all text, all numbers, or all true and false',
  ],
  "-1 in one split": [
    () => labelsOf([0, 1], [1, -1]),
    "validation has label -1 in row 1, and the labels are 0, 1: correct it, or leave the row out",
  ],
  "-1 where classes have names": [
    () => labelsOf([0, 1], [-1], CUSTOM, { train: ["a", "b"] }),
    "validation has 1 of 1 rows without a label, the first of them row 0: leave these rows out",
  ],
  "-1 in a task of GLUE with numbers": [
    () => labelsOf([2.5, -1], [1], TASKS.stsb),
    "train has 1 of 2 rows without a label, the first of them row 1: leave these rows out",
  ],
  "-1 in a task of GLUE": [
    () => labelsOf([0, 1], [-1], TASKS.rte),
    "validation has 1 of 1 rows without a label, the first of them row 0: leave these rows out",
  ],
  ...Object.fromEntries(
    [null, undefined, "", NaN].map((label) => [
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

Deno.test("readLabels() gives the model's numbers to classes of the same names", () => {
  const model = ["CONTRADICTION", "ENTAILMENT", "NEUTRAL"];
  const names = ["entailment", "neutral", "contradiction"];
  using output = printed();
  const data = splits({ train: [0, 1, 2], validation: ["neutral", 2] }, {
    train: names,
  });
  const labels = readLabels(data, CUSTOM, model);
  assertEquals(labels.names, model);
  assertEquals(labels.namesOfData, names);
  assertEquals(labels.numbersOf(data.train), [1, 2, 0]);
  assertEquals(labels.numbersOf(data.validation), [2, 0]);
  assertEquals([0, 1, 2].map(labels.toData), [2, 0, 1]);
  assertEquals([labels.head.id2label, labels.head.newHead], [
    { ...model },
    false,
  ]);
  assertEquals(output.lines, [
    "Labels are numbered as in the model: CONTRADICTION, ENTAILMENT, NEUTRAL",
  ]);
  // Text labels in the order of the alphabet, which is the model's here.
  const text = splits({ train: [...names], validation: ["Neutral"] });
  const ofText = readLabels(text, CUSTOM, model);
  assertEquals(ofText.numbersOf(text.train), [1, 2, 0]);
});

Deno.test("readLabels() takes another head for other labels", async (t) => {
  const head = (train: unknown[], model: string[], names?: string[]) => {
    using output = printed();
    const data = splits(
      { train, validation: train.slice(0, 1) },
      names ? { train: names } : {},
    );
    const { head } = readLabels(data, CUSTOM, model);
    return [head.newHead, head.id2label, output.lines[0]];
  };
  const cases: [string, unknown[], unknown[]][] = [
    [
      "other names",
      head(["pos", "neg"], ["no", "yes"]),
      [
        true,
        { 0: "neg", 1: "pos" },
        "The labels of the model are no, yes, and those of the data neg, pos: its head starts from new weights",
      ],
    ],
    [
      "another number",
      head([0, 1, 2], ["no", "yes"]),
      [
        true,
        undefined,
        "The labels of the model are no, yes, and those of the data 0, 1, 2: its head starts from new weights",
      ],
    ],
    [
      "regression",
      head([0.5, 1], ["no", "yes"]),
      [
        true,
        undefined,
        "The labels of the model are no, yes, and those of the data are numbers: its head starts from new weights",
      ],
    ],
    ["a model of numbers", head([0.5, 1], ["LABEL_0"]), [
      false,
      undefined,
      undefined,
    ]],
    [
      "no names in the data",
      head([1, 0], ["no", "yes"]),
      [
        false,
        { 0: "no", 1: "yes" },
        "Labels 0, 1, which have no names, are those of the model: no, yes",
      ],
    ],
    [
      "no names in the model",
      head(["a", "b"], NO_NAMES),
      [false, { 0: "a", 1: "b" }, undefined],
    ],
    [
      "LABEL_0 in the data",
      head([1, 0], ["no", "yes"], NO_NAMES),
      [
        false,
        { 0: "no", 1: "yes" },
        "Labels 0, 1, which have no names, are those of the model: no, yes",
      ],
    ],
  ];
  for (const [name, actual, expected] of cases) {
    await t.step(name, () => assertEquals(actual, expected));
  }
});
