import { assertEquals } from "@std/assert";
import { fromArray } from "../../mod.ts";
import { tanh } from "../../lib/ops/tanh.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

const TANH: CheckedOp = {
  op: (x) => tanh(x!),
  reference: (x = []) => x.map(Math.tanh),
};

const SHAPES = [[8], [3, 7], [2, 3, 200]];

Deno.test("tanh() matches the f64 reference", async (t) => {
  for (const shape of SHAPES) {
    await t.step(`[${shape}]`, async () => {
      await assertForward(TANH, input(shape));
    });
  }
});

Deno.test("tanh() gradient matches central differences", async (t) => {
  for (const shape of SHAPES.slice(0, 2)) {
    await t.step(`[${shape}]`, async () => {
      await assertGradients(TANH, input(shape));
    });
  }
});

Deno.test("tanh() is accurate from the smallest x to the largest, and propagates NaN", async () => {
  using _scope = device.scope();
  const values = [1e-20, 1e-4, 0.3, 5, 7.9, 8, 50, 1e30, 3e38].flatMap(
    (v) => [Math.fround(v), -Math.fround(v)],
  );
  const y = await tanh(fromArray(device, values, [values.length])).toArray();
  assertAllClose(y, values.map(Math.tanh), { ...F32_OP, atol: 0 });
  const nan = await tanh(fromArray(device, [NaN], [1])).toArray();
  assertEquals([...nan], [NaN]);
});
