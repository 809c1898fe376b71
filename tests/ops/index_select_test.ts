import { assertThrows } from "@std/assert";
import { zeros } from "../../mod.ts";
import { indexSelect } from "../../lib/ops/index_select.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

interface Case {
  shape: readonly number[];
  dim: number;
  indices: readonly number[];
  /** Products of the sizes before, at and after the dimension. */
  around: readonly [outer: number, length: number, inner: number];
}

function indexSelectOf({ dim, indices, around }: Case): CheckedOp {
  const [outer, length, inner] = around;
  return {
    op: (x) => indexSelect(x!, dim, indices),
    reference(x = []) {
      const y: number[] = [];
      for (let o = 0; o < outer; o++) {
        for (const j of indices) {
          for (let i = 0; i < inner; i++) {
            y.push(x[(o * length + j) * inner + i]!);
          }
        }
      }
      return y;
    },
  };
}

// Rows of whole vec4s in several workgroups; columns; the middle dimension; rows of 5.
const CASES: readonly Case[] = [
  { shape: [4, 72], dim: 0, indices: [3, 0, 3, 3], around: [1, 4, 72] },
  { shape: [3, 7], dim: -1, indices: [6, 6, 1], around: [3, 7, 1] },
  { shape: [2, 3, 4], dim: 1, indices: [2, 0, 2, 2], around: [2, 3, 4] },
  { shape: [6, 5], dim: 0, indices: [5], around: [1, 6, 5] },
];

Deno.test("indexSelect() matches the f64 reference", async (t) => {
  for (const c of CASES) {
    await t.step(`[${c.shape}], ${c.dim}, [${c.indices}]`, async () => {
      await assertForward(indexSelectOf(c), input(c.shape));
    });
  }
});

Deno.test("indexSelect() gradient matches central differences", async (t) => {
  for (const c of CASES) {
    await t.step(`[${c.shape}], ${c.dim}, [${c.indices}]`, async () => {
      await assertGradients(indexSelectOf(c), input(c.shape));
    });
  }
});

Deno.test("indexSelect() sums the gradients of many equal indices", async () => {
  const indices = Array.from({ length: 50 }, (_, i) => i % 2);
  const c = { shape: [2, 6], dim: 0, indices, around: [1, 2, 6] } as const;
  await assertGradients(indexSelectOf(c), input(c.shape));
});

Deno.test("indexSelect() rejects an index out of range", () => {
  using _scope = device.scope();
  const x = zeros(device, [2, 3]);
  assertThrows(
    () => indexSelect(x, 1, [0, 3]),
    RangeError,
    "Cannot apply indexSelect to dimension 1 of [2,3]: index 3 at position 1 is not in 0 to 2",
  );
  assertThrows(
    () => indexSelect(x, 2, [0]),
    RangeError,
    "Cannot apply indexSelect to dimension 2 of [2,3]: it has 2 dimensions",
  );
});
