import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { mul } from "../../lib/ops/mul.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

const MUL: CheckedOp = {
  op: (a, b) => mul(a!, b!),
  reference: (a = [], b = []) => a.map((v, i) => v * b[i % b.length]!),
};

// The same shape, a scale, a scale of no multiple of 4, a matrix, scalars.
const SHAPES = [
  [[3, 4], [3, 4]],
  [[5, 8], [8]],
  [[2, 3, 7], [7]],
  [[2, 30, 12], [30, 12]],
  [[3, 4], []],
  [[5], [1]],
];

Deno.test("mul() matches the f64 reference", async (t) => {
  for (const [a, b] of SHAPES) {
    await t.step(`[${a}] and [${b}]`, async () => {
      await assertForward(MUL, input(a!), input(b!, 1));
    });
  }
});

Deno.test("mul() gradients match central differences", async (t) => {
  for (const [a, b] of SHAPES) {
    await t.step(`[${a}] and [${b}]`, async () => {
      await assertGradients(MUL, input(a!), input(b!, 1));
    });
  }
});

Deno.test("mul() takes a number", async () => {
  const op: CheckedOp = {
    op: (a) => mul(a!, -1.5),
    reference: (a = []) => a.map((v) => v * -1.5),
  };
  await assertForward(op, input([3, 5]));
  await assertGradients(op, input([3, 5]));
});

Deno.test("mul() of a tensor by itself has the gradient 2x", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 3], [3], { requiresGrad: true });
  mul(x, x).backward(fromArray(device, [1, 1, 1], [3]));
  assertEquals([...await x.grad!.toArray()], [2, 4, 6]);
});

Deno.test("mul() rejects a shape that does not broadcast", () => {
  using _scope = device.scope();
  assertThrows(
    () => mul(zeros(device, [2, 4]), zeros(device, [2])),
    RangeError,
    "Cannot combine [2,4] and [2]: the second must have the shape of the first, its trailing dimensions, or one element",
  );
});
