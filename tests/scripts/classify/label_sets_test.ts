import { assertEquals, assertThrows } from "@std/assert";
import { Dataset, DatasetDict } from "../../../mod.ts";
import {
  labelFlags,
  readLabelSets,
  withLabelSets,
} from "../../../scripts/classify/label_sets.ts";
import { customTask } from "../../../scripts/classify/tasks.ts";
import { ROW } from "../../../scripts/train/divide.ts";
import { printed } from "../../helpers/printed.ts";

const NO_NAMES = ["LABEL_0", "LABEL_1"];

/** The lists of a label column, or of several. */
function setsOf(
  columns: Record<string, unknown[]>,
  separator?: string,
): unknown[] {
  const table = new Dataset({
    text: Object.values(columns)[0]!.map(String),
    ...columns,
  }, {
    source: "m.csv",
  });
  const sets = withLabelSets(table, Object.keys(columns), separator, "sets");
  assertEquals(sets.columnNames, ["text", "sets"]);
  return sets.column("sets");
}

/** The names of the labels, and the flags of both splits. */
function flagsOf(
  train: unknown[],
  validation: unknown[],
  names?: string[],
  model = NO_NAMES,
): unknown[] {
  using _output = printed();
  const split = (label: unknown[], source: string) =>
    new Dataset({ label }, {
      source,
      ...names && { labelNames: { label: names } },
    });
  const data = new DatasetDict({
    train: split(train, "train"),
    validation: split(validation, "validation"),
  });
  const labels = readLabelSets(
    data,
    customTask(["text"], "label", "sets"),
    model,
  );
  assertEquals(labels.head.problemType, "multi_label_classification");
  assertEquals(labels.head.numLabels, labels.names!.length);
  return [
    labels.names,
    labels.numbersOf(data.train),
    labels.numbersOf(data.validation),
  ];
}

Deno.test("withLabelSets() reads lists, text with a separator, and columns of 0 and 1", () => {
  assertEquals(setsOf({ tags: [["a", "b"], [], ["b", "b"]] }), [
    ["a", "b"],
    [],
    ["b"],
  ]);
  assertEquals(setsOf({ tags: ["a; b", "b", ";a;;a"] }, ";"), [["a", "b"], [
    "b",
  ], ["a"]]);
  assertEquals(
    setsOf({ toxic: ["1", " 0", "1"], rude: [0, 1, true], sad: [0, false, 0] }),
    [[0], [1], [0, 1]],
  );
  const table = new Dataset({ a: [1], b: [0] });
  const named = withLabelSets(table, ["a", "b"], undefined, "a,b");
  assertEquals(named.labelNames("a,b"), ["a", "b"]);
});

Deno.test("withLabelSets() refuses other values", () => {
  const cases: [() => unknown, string][] = [
    [
      () => setsOf({ tags: ["a,b"] }),
      'm.csv has label "a,b" in row 0, and several labels a row are lists of names or of numbers: name the character between two of them with --label-separator',
    ],
    [() => setsOf({ tags: [["a"], 3] }), "label 3 in row 1"],
    [() => setsOf({ tags: [[0.5]] }), "label [0.5] in row 0"],
    [
      () => setsOf({ tags: [[0, 1, 1]] }),
      "label [0,1,1] in row 0, and several labels a row are lists of names or of numbers: it has a number twice; for 0 and 1 give a column for each label",
    ],
    [
      () => setsOf({ a: [1, 1], b: [0, "yes"] }),
      'm.csv has "yes" in column "b" of row 1: it must be 1 where the row has the label, else 0',
    ],
  ];
  for (const [run, message] of cases) assertThrows(run, RangeError, message);
});

Deno.test("readLabelSets() numbers the labels of all splits", () => {
  assertEquals(flagsOf([["spam", "ad"], []], [["old"]]), [
    ["ad", "old", "spam"],
    [[1, 0, 1], [0, 0, 0]],
    [[0, 1, 0]],
  ]);
  assertEquals(flagsOf([[0, 2], [1]], [[2]]), [
    ["LABEL_0", "LABEL_1", "LABEL_2"],
    [[1, 0, 1], [0, 1, 0]],
    [[0, 0, 1]],
  ]);
  assertEquals((flagsOf([[3]], [[3]])[0] as string[]).length, 4);
  // Stored names keep their order, and those of the model win.
  assertEquals(flagsOf([[0]], [["b"]], ["b", "a"]), [["b", "a"], [[1, 0]], [[
    1,
    0,
  ]]]);
  assertEquals(
    flagsOf([["a"]], [["b"]], undefined, ["B", "A"]),
    [["B", "A"], [[0, 1]], [[1, 0]]],
  );
});

Deno.test("readLabelSets() refuses rows without any label, and unknown ones", () => {
  const cases: [() => unknown, string][] = [
    [() => flagsOf([[]], [[]]), "train has no label in any row"],
    [() => flagsOf([["a", 1]], [[]]), "train has names and numbers as labels"],
    [
      () => flagsOf([["a"]], [["c"]], ["a", "b"]),
      'validation has label "c" in row 0, and the labels are a, b',
    ],
    [
      () => flagsOf([[0]], [[2]], ["a", "b"]),
      "validation has label 2 in row 0, and the labels are a, b",
    ],
  ];
  for (const [run, message] of cases) assertThrows(run, RangeError, message);
});

Deno.test("labelFlags() finds the numbers of a model", () => {
  const flags = (
    columns: Record<string, unknown[]>,
    separator?: string,
    names?: string[],
  ) => {
    const [column] = Object.keys(columns);
    const table = new Dataset(columns, {
      source: "m.csv",
      ...names && { labelNames: { [column!]: names } },
    });
    const labelColumns = Object.keys(columns);
    const options = { labelColumns, labelSeparator: separator };
    return labelFlags(table, options, ["a", "b", "c"]);
  };
  const expected = [[1, 0, 1], [0, 0, 0]];
  assertEquals(flags({ tags: [["c", "a"], []] }), expected);
  assertEquals(flags({ tags: [[2, 0], []] }), expected);
  assertEquals(flags({ tags: [[0, 1], []] }, undefined, ["C", "a"]), expected);
  assertEquals(flags({ tags: ["c; A", ";"] }, ";"), expected);
  assertEquals(flags({ c: [1, 0], a: ["1", 0], b: [0, 0] }), expected);
  const cases: [() => unknown, string][] = [
    [
      () => flags({ tags: [["a"], ["d"]] }),
      'm.csv has label "d" in row 1, and the labels of the model are a, b, c: correct it, or leave the row out',
    ],
    [() => flags({ tags: [[3]] }), "m.csv has label 3 in row 0"],
    [
      () => flags({ tags: [[2]] }, undefined, ["a", "b"]),
      "m.csv has label 2 in row 0",
    ],
    [
      () => flags({ a: [1], b: [1] }),
      "--label-column names a, b, and the labels of the model are a, b, c: name a column for each of these",
    ],
  ];
  for (const [run, message] of cases) assertThrows(run, RangeError, message);
});

Deno.test("withLabelSets() names the rows of the file", () => {
  const table = new Dataset({ tags: [["a"], 3], [ROW]: [4, 7] });
  assertThrows(
    () => withLabelSets(table, ["tags"], undefined, "sets"),
    RangeError,
    "label 3 in row 7",
  );
  const flags = new Dataset({ a: [0, 2], b: [0, 1], [ROW]: [4, 7] });
  assertThrows(
    () => withLabelSets(flags, ["a", "b"], undefined, "sets"),
    RangeError,
    'has 2 in column "a" of row 7',
  );
});
