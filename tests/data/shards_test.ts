import { assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../lib/data/dataset.ts";
import { joinShards } from "../../lib/data/shards.ts";

const shard = (labels: number[], source: string, names = ["no", "yes"]) =>
  new Dataset({ text: labels.map(String), label: labels }, {
    source,
    labelNames: { label: names },
  });

Deno.test("joinShards() concatenates the rows, and keeps the class names", () => {
  const joined = joinShards([
    shard([1, 0], "a"),
    shard([], "b"),
    shard([1], "c"),
  ]);
  assertEquals([...joined], [
    { text: "1", label: 1 },
    { text: "0", label: 0 },
    { text: "1", label: 1 },
  ]);
  assertEquals(joined.labelNames("label"), ["no", "yes"]);
  assertEquals(joined.source, "a");
});

Deno.test("joinShards() refuses shards that differ", () => {
  assertThrows(
    () => joinShards([shard([1], "a"), shard([0], "b", ["yes", "no"])]),
    RangeError,
    "Cannot join a and b: their columns are text, label (no, yes) and text, label (yes, no); download or write all shards again",
  );
  assertThrows(
    () => joinShards([shard([1], "a"), new Dataset({ text: ["x"] })]),
    RangeError,
    "their columns are text, label (no, yes) and text;",
  );
});

Deno.test("joinShards() refuses a column of numbers in one shard and of text in another", () => {
  const of = (label: unknown[], source: string) =>
    new Dataset({ label }, { source });
  assertThrows(
    () => joinShards([of([1], "a"), of([null, "1"], "b")]),
    RangeError,
    'Cannot join a and b: column "label" is numbers in one and text in the other; write the same in all shards',
  );
  assertEquals(
    joinShards([of(["x"], "a"), of([null], "b"), of([], "c")]).column("label"),
    ["x", null],
  );
});

Deno.test("joinShards() leaves out a column that one shard leaves out", () => {
  const whole = new Dataset({ id: [1], x: [2] }, { source: "a" });
  const part = new Dataset({ x: [3] }, {
    source: "b",
    unsupportedColumns: new Map([["id", "it is too large; write it as text"]]),
  });
  for (const shards of [[whole, part], [part, whole]]) {
    const joined = joinShards(shards);
    assertEquals(joined.columnNames, ["x"]);
    assertEquals([...joined.unsupportedColumns.keys()], ["id"]);
  }
});
