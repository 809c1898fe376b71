import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { embedding } from "../../lib/ops/embedding.ts";
import type { HostArray } from "../../lib/ops/host_array.ts";
import { assertAllClose, F32_GRAD } from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
  values,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

function ids(shape: readonly number[], data: readonly number[]): HostArray {
  return { shape, data: Int32Array.from(data) };
}

function embeddingOf(list: HostArray, columns: number): CheckedOp {
  return {
    op: (weight) => embedding(weight!, list),
    reference: (weight = []) =>
      Array.from(list.data).flatMap((id) =>
        weight.slice(id * columns, (id + 1) * columns)
      ),
  };
}

const CASES = [
  { table: [5, 8], list: ids([2, 3], [4, 0, 4, 2, 4, 0]) },
  { table: [3, 7], list: ids([4], [2, 2, 1, 2]) },
  { table: [6, 140], list: ids([2, 1, 2], [5, 5, 0, 5]) },
];

Deno.test("embedding() matches the f64 reference", async (t) => {
  for (const { table, list } of CASES) {
    await t.step(`[${table}]`, async () => {
      await assertForward(embeddingOf(list, table[1]!), input(table));
    });
  }
});

Deno.test("embedding() gradient matches central differences", async (t) => {
  for (const { table, list } of CASES) {
    await t.step(`[${table}]`, async () => {
      await assertGradients(embeddingOf(list, table[1]!), input(table));
    });
  }
});

Deno.test("embedding() adds a dimension to the shape of the ids", () => {
  using _scope = device.scope();
  const y = embedding(zeros(device, [3, 4]), ids([2, 5], Array(10).fill(1)));
  assertEquals(y.shape, [2, 5, 4]);
});

Deno.test("embedding() gives the padding row no gradient", async () => {
  using _scope = device.scope();
  const leaf = fromArray(device, values(12), [3, 4], { requiresGrad: true });
  const y = embedding(leaf, ids([4], [1, 0, 1, 2]), { paddingIdx: 1 });
  const dY = values(16, 1);
  y.backward(fromArray(device, dY, [4, 4]));
  assertEquals(
    [...await leaf.grad!.toArray()],
    [...dY.slice(4, 8), 0, 0, 0, 0, ...dY.slice(12)],
  );
});

Deno.test("embedding() accumulates the gradient of the table", async () => {
  using _scope = device.scope();
  const leaf = fromArray(device, values(12), [3, 4], { requiresGrad: true });
  const dY = fromArray(device, values(12, 1), [3, 4]);
  embedding(leaf, ids([3], [2, 0, 2])).backward(dY);
  const once = await leaf.grad!.toArray();
  embedding(leaf, ids([3], [2, 0, 2])).backward(dY);
  assertAllClose(
    await leaf.grad!.toArray(),
    once.map((v) => 2 * v),
    F32_GRAD,
  );
});

Deno.test("embedding() rejects an id without a row", () => {
  using _scope = device.scope();
  const table = zeros(device, [3, 4]);
  const cases: [() => void, string][] = [
    [
      () => embedding(table, ids([2], [0, 3])),
      "Cannot look up id 3, at position 1: the table has rows 0 to 2",
    ],
    [
      () => embedding(table, ids([1], [-1])),
      "Cannot look up id -1, at position 0: the table has rows 0 to 2",
    ],
    [
      () => embedding(table, ids([1], [0]), { paddingIdx: 3 }),
      "Cannot look up paddingIdx 3",
    ],
    [
      () => embedding(zeros(device, [3]), ids([1], [0])),
      "Cannot look up rows of a tensor of shape [3]: an embedding table has shape [V,H]",
    ],
  ];
  for (const [call, message] of cases) {
    assertThrows(call, RangeError, message);
  }
});
