import { assertEquals, assertThrows } from "@std/assert";
import { zeros } from "../../mod.ts";
import { mean } from "../../lib/ops/mean.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

/** The mean of all elements. */
const MEAN: CheckedOp = {
  op: (x) => mean(x!),
  reference: (x = []) => [x.reduce((a, b) => a + b) / x.length],
};

/** The means of the columns of a matrix. */
function columnMeans(columns: number): CheckedOp {
  return {
    op: (x) => mean(x!, 0),
    reference: (x = []) =>
      Array.from({ length: columns }, (_, c) => {
        const column = x.filter((_, i) => i % columns === c);
        return column.reduce((a, b) => a + b) / column.length;
      }),
  };
}

Deno.test("mean() matches the f64 reference", async (t) => {
  for (const shape of [[3, 2], [7, 11], [3, 5, 200]]) {
    await t.step(`[${shape}]`, async () => {
      await assertForward(MEAN, input(shape));
    });
  }
});

Deno.test("mean() over one dimension matches the f64 reference", async (t) => {
  for (const shape of [[3, 2], [7, 12], [1030, 3]]) {
    await t.step(`[${shape}]`, async () => {
      await assertForward(columnMeans(shape[1]!), input(shape));
    });
  }
});

Deno.test("mean() gradient matches central differences", async () => {
  await assertGradients(MEAN, input([7, 11]));
  await assertGradients(columnMeans(12), input([7, 12]));
});

Deno.test("mean() removes the dimension", () => {
  using _scope = device.scope();
  assertEquals(mean(zeros(device, [2, 3, 4]), -1).shape, [2, 3]);
  assertEquals(mean(zeros(device, [2, 3, 4])).shape, []);
});

Deno.test("mean() rejects a dimension out of range", () => {
  using _scope = device.scope();
  assertThrows(
    () => mean(zeros(device, [2, 3]), 2),
    RangeError,
    "Cannot apply mean to dimension 2 of [2,3]: it has 2 dimensions",
  );
});
