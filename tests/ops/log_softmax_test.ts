import { assertEquals } from "@std/assert";
import { fromArray } from "../../mod.ts";
import { logSoftmax } from "../../lib/ops/log_softmax.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { NOT_FINITE } from "../helpers/not_finite.ts";

/** log softmax over rows of `columns` elements. */
function logSoftmaxOf(columns: number): CheckedOp {
  return {
    op: (x) => logSoftmax(x!),
    reference: (x = []) =>
      Array.from({ length: x.length / columns }, (_, r) => {
        const row = x.slice(r * columns, (r + 1) * columns);
        const sum = row.reduce((a, v) => a + Math.exp(v), 0);
        return row.map((v) => v - Math.log(sum));
      }).flat(),
  };
}

// Fewer columns than threads, no multiple of 4, more than one stride, one column.
const SHAPES = [[3, 8], [2, 2, 7], [2, 600], [3, 1]];

Deno.test("logSoftmax() matches the f64 reference", async (t) => {
  for (const shape of SHAPES) {
    await t.step(`[${shape}]`, async () => {
      await assertForward(logSoftmaxOf(shape.at(-1)!), input(shape));
    });
  }
});

Deno.test("logSoftmax() gradient matches central differences", async (t) => {
  for (const shape of [[3, 8], [2, 2, 7], [1, 75]]) {
    await t.step(`[${shape}]`, async () => {
      await assertGradients(logSoftmaxOf(shape.at(-1)!), input(shape));
    });
  }
});

Deno.test("logSoftmax() is finite where softmax is 0", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1e4, 0, -1e4, -2e4, 1, -1e30], [3, 2]);
  const y = await logSoftmax(x).toArray();
  assertAllClose(y, [0, -1e4, 0, -1e4, 0, -1e30], F32_OP);
});

Deno.test("logSoftmax() propagates NaN within its row only", async () => {
  for (const { device } of KERNEL_SETS) {
    using _scope = device.scope();
    for (const bits of NOT_FINITE) {
      const rows = Float32Array.of(1, 0, 2);
      new Uint32Array(rows.buffer)[1] = bits;
      const y = logSoftmax(fromArray(device, rows, [3, 1]));
      assertEquals([...await y.toArray()], [0, NaN, 0]);
    }
  }
});
