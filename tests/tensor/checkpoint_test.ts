import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  add,
  checkpoint,
  Dropout,
  fromArray,
  Linear,
  mul,
  noGrad,
  sum,
  tanh,
  type Tensor,
} from "../../mod.ts";
import { drawOnce } from "../../lib/tensor/checkpoint.ts";
import { device } from "../helpers/device.ts";
import { counted, gradOf, leaf } from "./leaves.ts";

const liveBuffers = () => device.counters.liveBuffers;

Deno.test("checkpoint() has the value and the gradients of its function", async () => {
  using _scope = device.scope();
  const [x, w] = [leaf(1, -2), leaf(3, 4)];
  // y = (w x)², with w read by the function alone: dy/dx = 2 w² x, dy/dw = 2 w x²
  const y = checkpoint((x) => {
    const product = mul(x, w);
    return mul(product, product);
  }, x);
  assertEquals([...await y.toArray()], [9, 64]);
  sum(y).backward();
  assertEquals(await gradOf(x), [18, -64]);
  assertEquals(await gradOf(w), [6, 32]);
});

Deno.test("checkpoint() adds to the gradients of tensors that others read too", async () => {
  using _scope = device.scope();
  const x = leaf(2);
  const [h, shared] = [mul(x, 3), mul(x, 5)];
  const layer = (h: Tensor) => checkpoint((h) => add(mul(h, shared), h), h);
  // z = ((6·10 + 6)·10 + 66) + 6 = (h s + h)(s + 1) + h with h = 3x, s = 5x
  const z = add(layer(layer(h)), h);
  assertEquals(await z.item(), 732);
  z.backward();
  // z = 3x (5x + 1)² + 3x: dz/dx = 3 (5x + 1)² + 30 x (5x + 1) + 3
  assertEquals(await gradOf(x), [3 * 121 + 60 * 11 + 3]);
  z.backward(); // through the same graph again
  assertEquals(await gradOf(x), [2 * (3 * 121 + 60 * 11 + 3)]);
});

Deno.test("backward() differentiates what a checkpoint reads once, after all ops that read it", async () => {
  using _scope = device.scope();
  const x = leaf(2);
  const { copy, calls } = counted(x);
  const long = mul(mul(copy, 2), 3);
  const short = checkpoint(
    (h) => mul(checkpoint((h) => mul(h, 5), h), 1),
    copy,
  );
  add(long, short).backward();
  assertEquals([calls(), await gradOf(x)], [1, [11]]);
  add(short, long).backward();
  assertEquals([calls(), await gradOf(x)], [2, [22]]);
});

Deno.test("checkpoint() nests", async () => {
  using _scope = device.scope();
  const x = leaf(2);
  const before = liveBuffers();
  const y = checkpoint((x) => {
    const square = checkpoint((x) => mul(x, x), mul(x, 3));
    return mul(square, square);
  }, mul(x, 1));
  assertEquals(liveBuffers(), before + 2, "its input and its output");
  y.backward(); // y = (3x)⁴: dy/dx = 12 (3x)³
  assertEquals(await gradOf(x), [12 * 6 ** 3]);
});

Deno.test("checkpoint() frees all tensors but the output, and those computed again", () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const before = liveBuffers();
  const y = checkpoint((x) => tanh(tanh(tanh(x))), x);
  assertEquals(liveBuffers(), before + 1);
  let live = 0;
  const z = checkpoint((x) => {
    live = liveBuffers();
    return tanh(tanh(x));
  }, y);
  const loss = sum(z);
  const kept = liveBuffers();
  loss.backward();
  assert(live >= kept, "computed again while all that is kept is live");
  assertEquals(liveBuffers(), kept + 1, "the gradient of x");
});

Deno.test("checkpoint() ends with the scope around it", () => {
  const before = liveBuffers();
  {
    using _scope = device.scope();
    const h = mul(leaf(1, 2), 2);
    sum(checkpoint((h) => tanh(tanh(h)), h)).backward();
  }
  assertEquals(liveBuffers(), before);
});

Deno.test("checkpoint() lives without a scope until it is disposed", async () => {
  const x = leaf(2);
  const before = liveBuffers();
  const y = checkpoint((x) => mul(mul(x, x), x), x);
  y.backward();
  assertEquals([await y.item(), await gradOf(x)], [8, [12]]);
  y.dispose();
  assertEquals(liveBuffers(), before + 1, "the gradient of x");
  x.dispose();
});

Deno.test("checkpoint() returns what its function does where nothing is recorded", () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const product = mul(x, x);
  const { gradFn } = product;
  assert(checkpoint(() => product, x) === product);
  assert(product.gradFn === gradFn, "recorded outside of it");
  const fixed = fromArray(device, [1], [1]);
  assertEquals(checkpoint((x) => mul(x, x), fixed).requiresGrad, false);
  using _noGrad = noGrad();
  const y = checkpoint((x) => mul(x, x), x);
  assertEquals([y.requiresGrad, y.gradFn], [false, undefined]);
});

Deno.test("checkpoint() is recorded for the parameters of its function alone", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2], [1, 2]);
  const layer = new Linear(device, 2, 1);
  sum(checkpoint((x) => layer.forward(x), x)).backward();
  assertEquals(await gradOf(layer.weight), [1, 2]);
});

/** The gradients of a dropout layer after itself in two steps: the masks, scaled by 4. */
async function masks(
  apply: (fn: (x: Tensor) => Tensor, x: Tensor) => Tensor,
): Promise<unknown[]> {
  const dropout = new Dropout(0.5, { seed: 7 });
  const masks = [];
  for (let step = 0; step < 2; step++) {
    using _step = device.scope();
    const x = leaf(...Array<number>(64).fill(1));
    const y = apply((x) => dropout.forward(tanh(dropout.forward(x))), x);
    sum(y).backward();
    masks.push([...await y.toArray()], await gradOf(x));
  }
  return [...masks, dropout.getExtraState()];
}

Deno.test("checkpoint() draws the same random numbers again, nested too", async () => {
  const plain = await masks((fn, x) => fn(x));
  assertEquals(await masks(checkpoint), plain);
  const nested = await masks((fn, x) =>
    checkpoint((x) => mul(checkpoint(fn, x), 1), x)
  );
  assertEquals(nested, plain);
});

Deno.test("checkpoint() refuses a function that draws another number of times", () => {
  using _scope = device.scope();
  for (const counts of [[1, 2], [2, 1]]) {
    let calls = 0;
    const y = checkpoint((x) => {
      const count = counts[calls++]!;
      for (let i = 0; i < count; i++) drawOnce(() => i);
      return tanh(x);
    }, leaf(1));
    assertThrows(
      () => y.backward(),
      Error,
      `Cannot differentiate a checkpoint: its function drew ${
        counts[0]
      } random numbers in the forward pass and ${
        counts[1]
      } now; call backward() before eval() or train()`,
    );
  }
});

Deno.test("checkpoint() leaves no trace of a function that throws", async () => {
  using _scope = device.scope();
  const x = leaf(3);
  const before = liveBuffers();
  assertThrows(
    () =>
      checkpoint((x) => {
        mul(x, x);
        throw new Error("no");
      }, x),
    Error,
    "no",
  );
  assertEquals(liveBuffers(), before);
  let draws = 0;
  drawOnce(() => draws++);
  assertEquals(draws, 1);
  mul(x, x).backward();
  assertEquals(await gradOf(x), [6]);
});
