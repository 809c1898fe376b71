import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { Dataset } from "../../lib/data/dataset.ts";

function example(): Dataset {
  return new Dataset(
    { text: ["a", "b", "c", "d"], label: [0, 1, 1, 0], idx: [9, 8, 7, 6] },
    { source: "train.tsv", labelNames: { label: ["no", "yes"] } },
  );
}

Deno.test("Dataset returns rows, also counted from the end, and columns", () => {
  const dataset = example();
  assertEquals(dataset.length, 4);
  assertEquals(dataset.columnNames, ["text", "label", "idx"]);
  assertEquals(dataset.at(1), { text: "b", label: 1, idx: 8 });
  assertEquals(dataset.at(-1), { text: "d", label: 0, idx: 6 });
  assertEquals(dataset.column("idx"), [9, 8, 7, 6]);
  assertEquals([...dataset].map((row) => row.text), ["a", "b", "c", "d"]);
  assertEquals(dataset.labelNames("label"), ["no", "yes"]);
  assertEquals(dataset.labelNames("idx"), undefined);
});

Deno.test("Dataset.map() adds columns, replaces those of the same name, and runs eagerly", () => {
  const calls: [string, number][] = [];
  const dataset = example();
  const mapped = dataset.map((row, i) => {
    calls.push([row.text, i]);
    return { length: row.text.length + i, label: 1 - row.label };
  });
  assertEquals(mapped.columnNames, ["text", "label", "idx", "length"]);
  assertEquals(mapped.at(2), { text: "c", label: 0, idx: 7, length: 3 });
  mapped.at(2);
  assertEquals(calls, [["a", 0], ["b", 1], ["c", 2], ["d", 3]]);
  assertEquals(
    mapped.labelNames("label"),
    undefined,
    "the labels were replaced",
  );
  assertEquals(dataset.at(2), { text: "c", label: 1, idx: 7 }, "unchanged");
});

Deno.test("Dataset.map() reports its progress", () => {
  const progress: number[][] = [];
  example().map(() => ({}), {
    onProgress: (done, total) => progress.push([done, total]),
  });
  assertEquals(progress, [[1, 4], [2, 4], [3, 4], [4, 4]]);
});

Deno.test("Dataset.map() names row, file and columns in an error", () => {
  assertThrows(
    () =>
      example().map((row) => {
        if (row.idx === 7) throw new TypeError("sentence1 is undefined");
        return {};
      }),
    Error,
    "Cannot map row 2 of train.tsv: sentence1 is undefined; the columns are text, label, idx",
  );
  assertThrows(
    () => example().map((_, i) => i === 1 ? { b: 1 } : { a: 1 }),
    RangeError,
    "Cannot map train.tsv: row 1 returns the columns b, but row 0 returned a; return the same keys for every row",
  );
  assertThrows(
    () => example().map((_, i) => i === 3 ? {} : { a: 1 }),
    RangeError,
    "row 3 returns the columns none, but row 0 returned a",
  );
  assertThrows(
    () => example().map(() => Promise.resolve({ a: 1 })),
    TypeError,
    "Cannot map row 0 of train.tsv: the function must return an object of columns, not a promise",
  );
  for (const value of [undefined, 1, [1], null]) {
    assertThrows(
      () => example().map(() => value as unknown as object),
      TypeError,
      "must return an object of columns",
    );
  }
});

Deno.test("Dataset.select() selects rows in the order given, also from a selection", () => {
  const selected = example().select([3, 0, 3]);
  assertEquals(selected.column("text"), ["d", "a", "d"]);
  assertEquals(selected.select(new Set([1])).at(0), {
    text: "a",
    label: 0,
    idx: 9,
  });
  assertEquals(selected.labelNames("label"), ["no", "yes"]);
  assertEquals(
    selected.map((row) => ({ upper: row.text.toUpperCase() })).column("upper"),
    ["D", "A", "D"],
  );
});

Deno.test("Dataset.shuffle() keeps every row once, in an order that depends on the seed", () => {
  const rows = new Dataset({ i: Array.from({ length: 50 }, (_, i) => i) });
  const order = rows.shuffle(1).column("i");
  assertEquals(rows.shuffle(1).column("i"), order);
  assertNotEquals(rows.shuffle(2).column("i"), order);
  assertNotEquals(order, rows.column("i"));
  assertEquals(new Set(order).size, 50);
});

Deno.test("Dataset.removeColumns() and renameColumn() keep order, rows and class names", () => {
  const dataset = example().removeColumns(["text"]).renameColumn(
    "label",
    "labels",
  );
  assertEquals(dataset.columnNames, ["labels", "idx"]);
  assertEquals(dataset.at(1), { labels: 1, idx: 8 });
  assertEquals(dataset.labelNames("labels"), ["no", "yes"]);
  assertEquals(example().removeColumns([]).columnNames, example().columnNames);
});

Deno.test("Dataset lists its columns if one is missing", async (t) => {
  const known = "there is no such column; the columns are text, label, idx";
  const cases: [string, (dataset: Dataset) => unknown][] = [
    ["remove", (dataset) => dataset.removeColumns(["idx", "sentence3"])],
    ["rename", (dataset) => dataset.renameColumn("sentence3", "x")],
    ["read", (dataset) => dataset.column("sentence3")],
    ["read", (dataset) => dataset.labelNames("sentence3")],
  ];
  for (const [verb, call] of cases) {
    await t.step(verb, () => {
      assertThrows(
        () => call(example()),
        RangeError,
        `Cannot ${verb} column "sentence3" of train.tsv: ${known}`,
      );
    });
  }
});

Deno.test("Dataset names the column that is alike but for white space and capitals", () => {
  const dataset = new Dataset({ text: ["a"], " Label": ["b"] });
  assertThrows(
    () => dataset.column("label"),
    RangeError,
    'Cannot read column "label" of the data set: there is no such column; the columns are text,  Label; use " Label"',
  );
});

Deno.test("Dataset rejects duplicate names, missing rows, and columns of unequal length", () => {
  assertThrows(
    () => example().renameColumn("label", "idx"),
    RangeError,
    'Cannot rename column "label" of train.tsv to "idx": there already is a column of that name',
  );
  for (const row of [4, -5, 0.5, NaN]) {
    assertThrows(
      () => example().at(row),
      RangeError,
      `Cannot take row ${row} of train.tsv: it has 4 rows`,
    );
  }
  assertThrows(() => example().select([0, 4]), RangeError, "row 4");
  assertThrows(() => example().select([-1]), RangeError, "row -1");
  assertThrows(
    () => new Dataset({ a: [1], b: [1, 2] }),
    RangeError,
    'Cannot make a data set: column "b" has 2 rows and column "a" has 1',
  );
});

Deno.test("Dataset reads columns lazily", () => {
  let reads = 0;
  const column = { length: 3, at: (i: number) => (reads++, i) };
  const dataset = new Dataset({ column, other: [1, 2, 3] })
    .select([2, 1]).shuffle(0).renameColumn("column", "c");
  assertEquals(reads, 0);
  assertEquals(new Set([dataset.at(0).c, dataset.at(1).c]), new Set([1, 2]));
  assert(reads === 2, `${reads} reads`);
});
