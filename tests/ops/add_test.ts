import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { add } from "../../lib/ops/add.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

const ADD: CheckedOp = {
  op: (a, b) => add(a!, b!),
  reference: (a = [], b = []) => a.map((v, i) => v + b[i % b.length]!),
};

// The same shape, a bias, a bias of no multiple of 4, a matrix, scalars.
const SHAPES = [
  [[3, 4], [3, 4]],
  [[5, 8], [8]],
  [[2, 3, 7], [7]],
  [[2, 30, 12], [30, 12]],
  [[3, 4], []],
  [[5], [1]],
];

Deno.test("add() matches the f64 reference", async (t) => {
  for (const [a, b] of SHAPES) {
    await t.step(`[${a}] and [${b}]`, async () => {
      await assertForward(ADD, input(a!), input(b!, 1));
    });
  }
});

Deno.test("add() gradients match central differences", async (t) => {
  for (const [a, b] of SHAPES) {
    await t.step(`[${a}] and [${b}]`, async () => {
      await assertGradients(ADD, input(a!), input(b!, 1));
    });
  }
});

Deno.test("add() takes a number", async () => {
  const op: CheckedOp = {
    op: (a) => add(a!, -1.5),
    reference: (a = []) => a.map((v) => v - 1.5),
  };
  await assertForward(op, input([3, 5]));
  await assertGradients(op, input([3, 5]));
});

Deno.test("add() of a tensor to itself has the gradient 2", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 3], [3], { requiresGrad: true });
  add(x, x).backward(fromArray(device, [1, 10, 100], [3]));
  assertEquals([...await x.grad!.toArray()], [2, 20, 200]);
});

Deno.test("add() rejects a shape that does not broadcast", () => {
  using _scope = device.scope();
  const message =
    "Cannot combine [2,4] and [2]: the second must have the shape of the first, its trailing dimensions, or one element";
  assertThrows(
    () => add(zeros(device, [2, 4]), zeros(device, [2])),
    RangeError,
    message,
  );
  assertThrows(
    () => add(zeros(device, [4]), zeros(device, [2, 4])),
    RangeError,
    "Cannot combine [4] and [2,4]",
  );
});
