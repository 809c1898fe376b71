import { assertEquals } from "@std/assert";
import { fromArray } from "../../mod.ts";
import { softmax } from "../../lib/ops/softmax.ts";
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

/** Softmax over rows of `columns` elements. */
function softmaxOf(columns: number): CheckedOp {
  return {
    op: (x) => softmax(x!),
    reference: (x = []) =>
      Array.from({ length: x.length / columns }, (_, r) => {
        const row = x.slice(r * columns, (r + 1) * columns);
        const sum = row.reduce((a, v) => a + Math.exp(v), 0);
        return row.map((v) => Math.exp(v) / sum);
      }).flat(),
  };
}

// Fewer columns than threads, no multiple of 4, more than one stride, one column,
// more rows than one axis has workgroups.
const SHAPES = [[3, 8], [2, 2, 7], [2, 600], [3, 1], [66000, 3]];

Deno.test("softmax() matches the f64 reference", async (t) => {
  for (const shape of SHAPES) {
    await t.step(`[${shape}]`, async () => {
      await assertForward(softmaxOf(shape.at(-1)!), input(shape));
    });
  }
});

Deno.test("softmax() gradient matches central differences", async (t) => {
  for (const shape of [[3, 8], [2, 2, 7], [1, 75]]) {
    await t.step(`[${shape}]`, async () => {
      await assertGradients(softmaxOf(shape.at(-1)!), input(shape));
    });
  }
});

Deno.test("softmax() is invariant to a common shift", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [-1e4, -1e4 - 1, 1e4, 1e4 - 1], [2, 2]);
  // e / (1 + e) and 1 / (1 + e)
  const expected = [Math.E / (1 + Math.E), 1 / (1 + Math.E)];
  assertAllClose(
    await softmax(x).toArray(),
    [...expected, ...expected],
    F32_OP,
  );
});

Deno.test("softmax() takes large values, and -Infinity as a mask", async () => {
  using _scope = device.scope();
  const x = [1e30, 1e30, 0, -1e30, 5, -Infinity, 5, -Infinity];
  const y = await softmax(fromArray(device, x, [2, 4])).toArray();
  assertAllClose(y, [0.5, 0.5, 0, 0, 0.5, 0, 0.5, 0], F32_OP);
});

Deno.test("softmax() finds the largest element at any index", async (t) => {
  const size = 300; // whole vec4s, more than threads
  const diagonal = Array.from(
    { length: size * size },
    (_, i) => Number(i % (size + 1) === 0),
  );
  for (const { name, device } of KERNEL_SETS) {
    await t.step(name, async () => {
      using _scope = device.scope();
      // e¹⁰⁰ is beyond f32.
      const x = fromArray(device, diagonal.map((v) => 100 * v), [size, size]);
      assertAllClose(await softmax(x).toArray(), diagonal, F32_OP);
    });
  }
});

Deno.test("softmax() propagates NaN within its row only", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    await t.step(name, async () => {
      using _scope = device.scope();
      for (const bits of NOT_FINITE) {
        for (const columns of [2, 8]) {
          const rows = new Float32Array(2 * columns).fill(2);
          new Uint32Array(rows.buffer)[1] = bits;
          const y = await softmax(fromArray(device, rows, [2, columns]))
            .toArray();
          const [first, second] = [y.slice(0, columns), y.slice(columns)];
          assertEquals([...first], Array(columns).fill(NaN));
          assertEquals([...second], Array(columns).fill(1 / columns));
        }
      }
    });
  }
});
