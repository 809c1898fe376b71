import { assertEquals } from "@std/assert";
import { groupIds, groupsByShard } from "../../lib/ops/id_groups.ts";

Deno.test("groupIds() lists the positions of each id, in order", () => {
  const { ids, starts, positions } = groupIds([7, 2, 7, 0, 2, 7]);
  assertEquals([...ids], [0, 2, 7]);
  assertEquals([...starts], [0, 1, 3, 6]);
  assertEquals([...positions], [3, 1, 4, 0, 2, 5]);
});

Deno.test("groupIds() skips an id", () => {
  const { ids, starts, positions } = groupIds([7, 0, 7, 3], 7);
  assertEquals([...ids], [0, 3]);
  assertEquals([...starts], [0, 1, 2]);
  assertEquals([...positions], [1, 3]);
});

Deno.test("groupIds() of nothing is empty", () => {
  const { ids, starts, positions } = groupIds([5, 5], 5);
  assertEquals([...ids], []);
  assertEquals([...starts], [0]);
  assertEquals([...positions], []);
});

Deno.test("groupsByShard() assigns groups by the first row of each shard", () => {
  const groups = groupIds([7, 2, 7, 0, 2, 9]); // 0, 2, 7, 9
  const counts = (firsts: number[]) =>
    groupsByShard(groups, firsts).map(({ from, count }) => [from, count]);
  assertEquals(counts([0]), [[0, 4]]);
  assertEquals(counts([0, 2, 8]), [[0, 1], [1, 2], [3, 1]]);
  assertEquals(counts([0, 3, 4, 9]), [[0, 2], [2, 0], [2, 1], [3, 1]]);
  assertEquals(counts([0, 10, 20]), [[0, 4], [4, 0], [4, 0]]);
});
