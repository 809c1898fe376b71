import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { mseLoss } from "../../lib/ops/mse_loss.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

const MSE_LOSS: CheckedOp = {
  op: (x, target) => mseLoss(x!, target!),
  reference: (
    x = [],
    target = [],
  ) => [x.reduce((a, v, i) => a + (v - target[i]!) ** 2, 0) / x.length],
};

const SHAPES = [[4], [3, 7], [5, 1]];

Deno.test("mseLoss() matches the f64 reference", async (t) => {
  for (const shape of [...SHAPES, [3, 500]]) {
    await t.step(`[${shape}]`, async () => {
      await assertForward(MSE_LOSS, input(shape), input(shape, 1));
    });
  }
});

Deno.test("mseLoss() gradients match central differences", async (t) => {
  for (const shape of SHAPES) {
    await t.step(`[${shape}]`, async () => {
      await assertGradients(MSE_LOSS, input(shape), input(shape, 1));
    });
  }
});

Deno.test("mseLoss() takes a target on the host", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 3, 5], [4], { requiresGrad: true });
  const loss = mseLoss(x, { shape: [4], data: Float32Array.of(1, 1, 0, 3) });
  loss.backward();
  assertEquals(loss.shape, []);
  // (0² + 1² + 3² + 2²) / 4, and 2 (x - target) / 4
  assertEquals(await loss.item(), 3.5);
  assertEquals([...await x.grad!.toArray()], [0, 0.5, 1.5, 1]);
});

Deno.test("mseLoss() rejects another shape", () => {
  using _scope = device.scope();
  assertThrows(
    () => mseLoss(zeros(device, [3, 1]), zeros(device, [3])),
    RangeError,
    "Cannot take the squared error of [3,1] and [3]: the shapes differ",
  );
});
