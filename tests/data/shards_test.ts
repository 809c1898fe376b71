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
