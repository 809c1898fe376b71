import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { sum } from "../../lib/ops/sum.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
  values,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

/** Σ over the middle of [outer, length, inner]. */
function sumOf(
  dim: number | undefined,
  [outer, length, inner]: readonly [number, number, number],
): CheckedOp {
  return {
    op: (x) => sum(x!, dim),
    reference(x = []) {
      const y = Array<number>(outer * inner).fill(0);
      for (let o = 0; o < outer; o++) {
        for (let n = 0; n < length; n++) {
          for (let i = 0; i < inner; i++) {
            y[o * inner + i]! += x[(o * length + n) * inner + i]!;
          }
        }
      }
      return y;
    },
  };
}

interface Case {
  shape: readonly number[];
  dim?: number;
  around: readonly [number, number, number];
}

const SMALL: readonly Case[] = [
  { shape: [2, 3, 4], around: [1, 24, 1] },
  { shape: [], around: [1, 1, 1] },
  { shape: [5, 7], dim: 0, around: [1, 5, 7] },
  { shape: [5, 7], dim: -1, around: [5, 7, 1] },
  { shape: [2, 20, 36], dim: 1, around: [2, 20, 36] },
];
// Two, and three, levels of chunks.
const LARGE: readonly Case[] = [
  { shape: [3000], around: [1, 3000, 1] },
  { shape: [1025, 1030], around: [1, 1025 * 1030, 1] },
  { shape: [2, 1100, 8], dim: 1, around: [2, 1100, 8] },
  { shape: [2, 2050], dim: 1, around: [2, 2050, 1] },
];

function name({ shape, dim }: Case): string {
  return `[${shape}], ${dim ?? "all"}`;
}

Deno.test("sum() matches the f64 reference", async (t) => {
  for (const c of [...SMALL, ...LARGE]) {
    await t.step(name(c), async () => {
      // Around 1, so that the sum is as large as its terms.
      const x = input(c.shape);
      const shifted = x.values.map((v) => Math.fround(1 + v / 4));
      await assertForward(sumOf(c.dim, c.around), { ...x, values: shifted });
    });
  }
});

Deno.test("sum() gradient matches central differences", async (t) => {
  for (const c of SMALL) {
    await t.step(name(c), async () => {
      await assertGradients(sumOf(c.dim, c.around), input(c.shape));
    });
  }
});

Deno.test("sum() computes more sums than one axis has workgroups", async () => {
  using _scope = device.scope();
  const rows = 66001; // odd: two axes hold one more
  const x = values(2 * rows);
  const y = await sum(fromArray(device, x, [rows, 2]), 1).toArray();
  assertAllClose(y, sumOf(1, [rows, 2, 1]).reference(x), F32_OP);
});

Deno.test("sum() removes the dimension", () => {
  using _scope = device.scope();
  const x = zeros(device, [2, 3, 4]);
  assertEquals(sum(x).shape, []);
  assertEquals(sum(x, 1).shape, [2, 4]);
  assertEquals(sum(x, -1).shape, [2, 3]);
});

Deno.test("sum() of nothing is 0", async () => {
  using _scope = device.scope();
  assertEquals([...await sum(zeros(device, [0, 2]), 0).toArray()], [0, 0]);
});

Deno.test("sum() keeps nothing but its result", () => {
  using _scope = device.scope();
  const x = zeros(device, [3000]);
  const before = device.counters.liveBuffers;
  sum(x);
  assertEquals(device.counters.liveBuffers, before + 1);
});

Deno.test("sum() rejects a dimension out of range", () => {
  using _scope = device.scope();
  assertThrows(
    () => sum(zeros(device, [2, 3]), -3),
    RangeError,
    "Cannot apply sum to dimension -3 of [2,3]: it has 2 dimensions",
  );
});
