import { assertEquals } from "@std/assert";
import { fromArray } from "../../mod.ts";
import { relu } from "../../lib/ops/relu.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

const RELU: CheckedOp = {
  op: (x) => relu(x!),
  reference: (x = []) => x.map((v) => Math.max(v, 0)),
};

const SHAPES = [[8], [3, 7], [2, 3, 200]];

Deno.test("relu() matches the f64 reference", async (t) => {
  for (const shape of SHAPES) {
    await t.step(`[${shape}]`, async () => {
      await assertForward(RELU, input(shape));
    });
  }
});

Deno.test("relu() gradient matches central differences", async (t) => {
  for (const shape of SHAPES.slice(0, 2)) {
    await t.step(`[${shape}]`, async () => {
      await assertGradients(RELU, input(shape));
    });
  }
});

Deno.test("relu() has the gradient 0 at 0, and propagates NaN", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [0, 3, -3, NaN], [4], { requiresGrad: true });
  const y = relu(x);
  y.backward(fromArray(device, [1, 1, 1, 1], [4]));
  assertEquals([...await y.toArray()], [0, 3, 0, NaN]);
  assertEquals([...await x.grad!.toArray()].slice(0, 3), [0, 1, 0]);
});
