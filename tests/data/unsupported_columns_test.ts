import { assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../lib/data/dataset.ts";
import { joinShards } from "../../lib/data/shards.ts";

const MESSAGE = 'Cannot read column "when" of x.arrow: its type is a time';

function withTime(columns: Record<string, unknown[]>): Dataset {
  return new Dataset(columns, {
    source: "x.arrow",
    unsupportedColumns: new Map([["when", "its type is a time"]]),
  });
}

Deno.test("Dataset throws the reason when a column that was left out is read", () => {
  const dataset = withTime({ text: ["a", "b"] });
  assertEquals(dataset.columnNames, ["text"]);
  assertThrows(() => dataset.column("when"), RangeError, MESSAGE);
  assertThrows(() => dataset.labelNames("when"), RangeError, MESSAGE);
  assertThrows(() => dataset.at(0).when, RangeError, MESSAGE);
  assertThrows(() => dataset.map(({ when }) => ({ when })), Error, MESSAGE);
  assertThrows(
    () => dataset.renameColumn("when", "then"),
    RangeError,
    'Cannot rename column "when" of x.arrow: its type is a time',
  );
});

Deno.test("Dataset keeps the reasons in what it makes", () => {
  const dataset = withTime({ text: ["a", "b"] });
  const made = [
    dataset.select([1]),
    dataset.shuffle(1),
    dataset.renameColumn("text", "sentence"),
    dataset.map(() => ({ label: 1 })),
    joinShards([dataset, dataset]),
  ];
  for (const other of made) {
    assertThrows(() => other.column("when"), RangeError, MESSAGE);
  }
});

Deno.test("Dataset forgets a reason when the column is removed or replaced", () => {
  const dataset = withTime({ text: ["a", "b"] });
  const removed = dataset.removeColumns(["when"]);
  assertThrows(() => removed.column("when"), RangeError, "no such column");
  assertEquals(removed.at(0).when, undefined);
  const replaced = dataset.map((_, when) => ({ when }));
  assertEquals(replaced.column("when"), [0, 1]);
  assertEquals(replaced.at(1), { text: "b", when: 1 });
});

Deno.test("a row can be spread, listed and extended in spite of a column that was left out", () => {
  const row = withTime({ text: ["a"] }).at(0);
  assertEquals({ ...row }, { text: "a" });
  assertEquals(Object.keys(row), ["text"]);
  assertEquals(JSON.stringify(row), '{"text":"a"}');
  row.when = 1;
  assertEquals({ ...row }, { text: "a", when: 1 });
});

Deno.test("joinShards() leaves out a column that one shard leaves out", () => {
  const joined = joinShards([
    new Dataset({ text: ["a"], when: [1] }, { source: "0.arrow" }),
    withTime({ text: ["b"] }),
  ]);
  assertEquals(joined.column("text"), ["a", "b"]);
  assertThrows(
    () => joined.column("when"),
    RangeError,
    'Cannot read column "when" of 0.arrow: its type is a time',
  );
});
