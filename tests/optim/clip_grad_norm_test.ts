import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  clipGradNorm,
  fromArray,
  gradNorm,
  Linear,
  mul,
  sum,
  type Tensor,
} from "../../mod.ts";
import optim from "../fixtures/optim.json" with { type: "json" };
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import {
  assignGradients,
  flattened,
  LAYOUTS,
  type Leaves,
  leavesOf,
} from "./leaves.ts";

/** Results of PyTorch in f64, and a case of three numbers that can be checked by hand. */
const CASES = [
  ...optim.clipGradNorm.map(({ maxNorm, norm, clipped }) => ({
    gradients: optim.gradients[0]!,
    maxNorm,
    norm,
    clipped,
  })),
  {
    gradients: { a: [3, 4], b: [12] },
    maxNorm: 1,
    norm: 13,
    clipped: {
      a: [0.23076921301775288, 0.3076922840236705],
      b: [
        0.9230768520710115,
      ],
    },
  },
];

async function assertGradients(
  leaves: Leaves,
  expected: Record<string, number[]>,
): Promise<void> {
  for (const [name, leaf] of Object.entries(leaves)) {
    assertAllClose(await leaf.grad!.toArray(), expected[name]!, F32_OP, name);
  }
}

for (const { name, make } of LAYOUTS) {
  Deno.test(`clipGradNorm() matches PyTorch, parameters ${name}`, async (t) => {
    for (const { gradients, maxNorm, norm, clipped } of CASES) {
      await t.step(`norm ${norm} to ${maxNorm}`, async () => {
        using _scope = device.scope();
        const leaves = make(gradients as Record<string, number[]>);
        assignGradients(leaves, gradients);
        const total = clipGradNorm(Object.values(leaves), maxNorm);
        assertEquals(total.shape, []);
        assertAllClose([await total.item()], [norm], F32_OP, "norm");
        await assertGradients(leaves, clipped);
      });
    }
  });
}

Deno.test("clipGradNorm() changes nothing below the maximum norm", async () => {
  using _scope = device.scope();
  const { a } = leavesOf({ a: [0, 0] });
  const gradient = [0.1, -1e-30].map(Math.fround);
  a.grad = fromArray(device, gradient, [2]);
  clipGradNorm([a], 0.2);
  assertEquals([...await a.grad.toArray()], gradient);
});

Deno.test("clipGradNorm() scales the gradients of backward() in place", async () => {
  using _scope = device.scope();
  const { a } = flattened({ a: [3, 4] });
  sum(mul(a, a)).backward(); // 2a, of norm 10
  const { grad } = a;
  assertAllClose([await clipGradNorm([a], 5).item()], [10], F32_OP);
  assertStrictEquals(a.grad, grad);
  assertAllClose(await grad!.toArray(), [3, 4], F32_OP);
});

Deno.test("clipGradNorm() ignores other parameters, and those without a gradient", async () => {
  using _scope = device.scope();
  const leaves = flattened({ a: [0], b: [0], c: [0] });
  const { a, b, c } = leaves;
  assignGradients(leaves, { a: [3], b: [4], c: [100] });
  clipGradNorm([c], 1); // copies its gradient to the flat buffer
  b.grad = undefined;
  assertAllClose([await clipGradNorm([a, b], 1).item()], [3], F32_OP);
  assertAllClose(await a.grad!.toArray(), [1], F32_OP);
  assertAllClose(await c.grad!.toArray(), [1], F32_OP);
  assertStrictEquals(b.grad, undefined);
});

Deno.test("clipGradNorm() ignores old values in a reused buffer", async () => {
  {
    using _scope = device.scope();
    const full = Array.from({ length: 8 }, () => Array(128).fill(1e3));
    for (const values of full) fromArray(device, values, [128]);
  }
  using _scope = device.scope();
  const { a } = leavesOf({ a: [1, 1, 1, 1, 1] });
  sum(mul(a, a)).backward();
  const norm = await clipGradNorm([a], 100).item();
  assertAllClose([norm], [Math.sqrt(20)], F32_OP);
});

Deno.test("clipGradNorm() propagates NaN", async () => {
  using _scope = device.scope();
  const leaves = leavesOf({ a: [0, 0], b: [0] });
  assignGradients(leaves, { a: [NaN, 1], b: [2] });
  const norm = clipGradNorm(Object.values(leaves), 1);
  assertEquals(await norm.item(), NaN);
  // As in PyTorch: min(1, NaN) is NaN, and so are all gradients.
  assertEquals([...await leaves.a.grad!.toArray()], [NaN, NaN]);
  assertEquals([...await leaves.b.grad!.toArray()], [NaN]);
});

Deno.test("clipGradNorm() clips as before after a NaN", async () => {
  using _scope = device.scope();
  const x = flattened({ a: [1, 2], b: [3] });
  for (const bad of [NaN, Infinity]) {
    assignGradients(x, { a: [1, 1], b: [bad] });
    clipGradNorm(Object.values(x), 1);
    assignGradients(x, { a: [3, 4], b: [12] });
    assertEquals(await gradNorm(Object.values(x))!.item(), 13);
  }
});

Deno.test("clipGradNorm() does not wait", () => {
  using _scope = device.scope();
  const leaves = leavesOf({ a: [0, 0], b: [0] });
  assignGradients(leaves, { a: [3, 1], b: [2] });
  const { waits } = device.counters;
  clipGradNorm(Object.values(leaves), 1);
  assertEquals(device.counters.waits, waits);
});

Deno.test("clipGradNorm() rejects a norm that is not positive, and parameters without gradients", () => {
  const { a } = leavesOf({ a: [1] });
  const messageOf = (maxNorm: number) =>
    assertThrows(() => clipGradNorm([a], maxNorm), RangeError).message;
  for (const maxNorm of [0, -1, NaN]) {
    assertEquals(
      messageOf(maxNorm),
      `Cannot clip gradients to a norm of ${maxNorm}: it must be greater than 0`,
    );
  }
  assertEquals(
    messageOf(1),
    "Cannot clip gradients: no parameter has one; call backward() first",
  );
});

Deno.test("clipGradNorm() refuses a model", () => {
  const model: unknown = new Linear(device, 1, 1);
  assertThrows(
    () => clipGradNorm(model as Tensor[], 1),
    TypeError,
    "Cannot clip gradients: its parameters are a model, not iterable; pass model.parameters()",
  );
});

Deno.test("gradNorm() computes what clipGradNorm() returns, and clips nothing", async () => {
  const layer = new Linear(device, 3, 2);
  assertEquals(gradNorm(layer.parameters()), undefined);
  const x = fromArray(device, [1, -2, 3], [1, 3]);
  sum(layer.forward(x)).backward();
  const before = await layer.weight.grad!.toArray();
  const norm = await gradNorm(layer.parameters())!.item();
  assertEquals(await layer.weight.grad!.toArray(), before);
  assertEquals(norm, await clipGradNorm(layer.parameters(), 0.1).item());
  assertAllClose([norm], [Math.sqrt(2 * (1 + 4 + 9 + 1))], F32_OP);
});

Deno.test("gradNorm() refuses a model", () => {
  const model: unknown = new Linear(device, 1, 1);
  assertThrows(
    () => gradNorm(model as Tensor[]),
    TypeError,
    "Cannot compute a gradient norm: its parameters are a model, not iterable; pass model.parameters()",
  );
});
