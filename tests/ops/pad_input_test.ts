import { padInput } from "../../lib/ops/pad_input.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";

interface Case {
  width: number;
  indices: readonly number[];
  size: readonly [rows: number, columns: number];
}

function padInputOf({ width, indices, size }: Case): CheckedOp {
  return {
    op: (x) => padInput(x!, indices, size),
    reference(x = []) {
      const y = new Array<number>(size[0] * size[1] * width).fill(0);
      indices.forEach((index, token) => {
        for (let h = 0; h < width; h++) {
          y[index * width + h] = x[token * width + h]!;
        }
      });
      return y;
    },
  };
}

// Whole vec4s, padding after each row; several workgroups and a gap; no padding.
const CASES: readonly Case[] = [
  { width: 4, indices: [0, 1, 2, 4, 8, 9], size: [3, 4] },
  { width: 101, indices: [0, 2, 3], size: [2, 2] },
  { width: 1, indices: [0, 1], size: [1, 2] },
];

Deno.test("padInput() matches the f64 reference", async (t) => {
  for (const c of CASES) {
    await t.step(`[${c.size}, ${c.width}], [${c.indices}]`, async () => {
      await assertForward(padInputOf(c), input([c.indices.length, c.width]));
    });
  }
});

Deno.test("padInput() gradient matches central differences", async (t) => {
  for (const c of CASES) {
    await t.step(`[${c.size}, ${c.width}], [${c.indices}]`, async () => {
      await assertGradients(padInputOf(c), input([c.indices.length, c.width]));
    });
  }
});
