import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  add,
  type Device,
  fromArray,
  mul,
  noGrad,
  record,
  requestDevice,
  select,
  sum,
  type Tensor,
} from "../../mod.ts";
import { accumulate } from "../../lib/ops/accumulate.ts";
import { isRecording } from "../../lib/tensor/autograd.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { counted, gradOf, leaf } from "./leaves.ts";

Deno.test("backward() sums over all uses of a value", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  // y = x + x·x, z = y·y + 3x: dz/dx = 2y·(1 + 2x) + 3
  const y = add(x, mul(x, x));
  sum(add(mul(y, y), mul(x, 3))).backward();
  assertEquals(await gradOf(x), [2 * 2 * 3 + 3, 2 * 6 * 5 + 3]);
});

Deno.test("backward() differentiates a tensor once, after all ops that read it", async () => {
  using _scope = device.scope();
  const x = leaf(2);
  const { copy, calls } = counted(x);
  // It is read on a short and a long path, in either order.
  const long = mul(mul(copy, 2), 3);
  sum(add(copy, long)).backward();
  assertEquals([calls(), await gradOf(x)], [1, [7]]);
  sum(add(long, copy)).backward();
  assertEquals([calls(), await gradOf(x)], [2, [14]]);
});

Deno.test("backward() adds to grad until it is cleared", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const loss = sum(mul(x, x));
  loss.backward();
  loss.backward(); // through the same records again
  sum(mul(x, 5)).backward();
  assertEquals(await gradOf(x), [2 * 2 + 5, 2 * 4 + 5]);
  x.grad = undefined;
  loss.backward();
  assertEquals(await gradOf(x), [2, 4]);
});

Deno.test("backward() takes the gradient of a tensor that is not a scalar", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const dY = fromArray(device, [10, 100], [2]);
  mul(x, 3).backward(dY);
  assertEquals(await gradOf(x), [30, 300]);
  assertEquals([...await dY.toArray()], [10, 100]);
});

Deno.test("backward() of a leaf sets its gradient to dOut", async () => {
  using _scope = device.scope();
  const x = leaf(4);
  x.backward();
  assertEquals(await gradOf(x), [1]);
  x.backward(fromArray(device, [3], [1]));
  assertEquals(await gradOf(x), [4]);
});

Deno.test("backward() computes gradients only for leaves that require one", async () => {
  using _scope = device.scope();
  const [x, w] = [leaf(1, 2), leaf(3, 4)];
  x.requiresGrad = false;
  const h = mul(x, 2); // no input requires a gradient
  assertEquals([h.requiresGrad, h.gradFn], [false, undefined]);
  const y = mul(h, w);
  sum(y).backward();
  assertEquals([x.grad, h.grad, y.grad], [undefined, undefined, undefined]);
  assertEquals(await gradOf(w), [2, 4]);
});

Deno.test("backward() rejects what it cannot differentiate", () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  assertThrows(
    () => mul(x, x).backward(),
    RangeError,
    "Cannot differentiate a tensor of shape [2] without dOut: only a scalar has the default gradient 1; pass its gradient, or reduce it with sum() or mean()",
  );
  assertThrows(
    () => fromArray(device, [1], []).backward(),
    Error,
    "Cannot differentiate a tensor of shape []: no tensor that it was computed from requires a gradient, or noGrad() was in force",
  );
});

Deno.test("noGrad() turns gradients off until it is disposed, nested too", () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  assert(isRecording([x]));
  {
    using _outer = noGrad();
    {
      using _inner = noGrad();
      assertEquals(mul(x, x).requiresGrad, false);
    }
    assertEquals(mul(x, x).gradFn, undefined);
    assert(!isRecording([x]));
  }
  assert(mul(x, x).requiresGrad);
  assert(!isRecording([fromArray(device, [1], [1])]));
});

/** x³, not recorded. */
function cube(x: Tensor): Tensor {
  using _noGrad = noGrad();
  return mul(mul(x, x), x);
}

Deno.test("record() makes a user-defined op differentiable", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2, -3);
  const y = cube(x);
  assertEquals(y.requiresGrad, false);
  const z = record(y, {
    name: "cube",
    inputs: [x],
    backward: (dY) => [mul(dY, mul(mul(x, x), 3))],
  });
  assert(z === y && y.requiresGrad);
  sum(mul(z, 2)).backward();
  assertEquals(await gradOf(x), [6, 24, 54]);
});

Deno.test("record() skips an input that the op returns no gradient for", async () => {
  using _scope = device.scope();
  const [x, w] = [leaf(1), leaf(2)];
  const y = record(mul(x, w), {
    name: "half",
    inputs: [x, w],
    backward: (dY) => [undefined, dY],
  });
  y.backward();
  assertEquals([x.grad, await gradOf(w)], [undefined, [1]]);
});

Deno.test("backward() names an op that returns the wrong number of gradients", () => {
  using _scope = device.scope();
  const [x, w] = [leaf(1), leaf(2)];
  const y = record(mul(x, w), {
    name: "forgetful",
    inputs: [x, w],
    backward: (dY) => [dY],
  });
  assertThrows(
    () => y.backward(),
    Error,
    'Cannot differentiate "forgetful": its backward() returned 1 gradients for 2 inputs',
  );
});

/** 10a; adds its gradient to the slot if there is one. */
function tenfold(a: Tensor): Tensor {
  return record(mul(a, 10), {
    name: "tenfold",
    inputs: [a],
    backward(dOut, [slot]) {
      const dA = mul(dOut, 10);
      if (!slot) return [dA];
      accumulate(slot, dA);
      return [slot.tensor];
    },
  });
}

Deno.test("backward() lets an op add to a partial sum in place", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const h = mul(x, 1);
  sum(add(tenfold(h), mul(h, h))).backward();
  assertEquals(await gradOf(x), [10 + 2, 10 + 4]);
});

Deno.test("backward() separates gradients that add() returns as one tensor", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const [a, b] = [mul(x, 2), mul(x, 3)];
  // All adds return the same dOut, for a and b too; then tenfold adds to a's in
  // place, which must not change those of b and the product, which come later.
  sum(add(mul(b, 7), add(tenfold(a), add(a, b)))).backward();
  const dX = 3 * 7 + 2 * 10 + 2 + 3;
  assertEquals(await gradOf(x), [dX, dX]);
});

Deno.test("backward() sums the gradients of a tensor that add() reads twice", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  sum(add(x, x)).backward();
  assertEquals(await gradOf(x), [2, 2]);
  const w = leaf(5);
  const h = mul(w, 1);
  const twice = add(h, h);
  sum(mul(twice, twice)).backward(); // (2w)²
  assertEquals(await gradOf(w), [40]);
});

Deno.test("backward() does not free a user's tensor that an op returns as a gradient", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const saved = fromArray(device, [7, 9], [2]);
  const h = mul(x, 1);
  const passes = (input: Tensor) =>
    record(mul(input, 1), {
      name: "saved",
      inputs: [input],
      backward: () => [saved],
    });
  sum(add(passes(h), passes(h))).backward();
  assert(!saved.isDisposed);
  assertEquals([...await saved.toArray()], [7, 9]);
  assertEquals(await gradOf(x), [14, 18]);
});

Deno.test("backward() does not write to a user's tensor", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const saved = fromArray(device, [7, 9], [2]);
  const h = mul(x, 1);
  const a = record(mul(h, 1), {
    name: "saved",
    inputs: [h],
    backward: () => [saved],
  });
  sum(add(tenfold(h), a)).backward(); // a is differentiated first
  assertEquals([...await saved.toArray()], [7, 9]);
  assertEquals(await gradOf(x), [17, 19]);
});

/** A step with tensors that are read twice and an op that adds its gradient in place. */
function step(device: Device, x: Tensor, w: Tensor): void {
  using _step = device.scope();
  const input = fromArray(device, values(12), [3, 4]);
  const h = mul(input, w);
  const y = add(mul(h, h), add(h, x));
  sum(add(mul(y, y), select(h, 0, 1))).backward();
  x.grad = undefined;
  w.grad = undefined;
}

Deno.test("backward() leaks no buffer and frees intermediate gradients", async () => {
  using own = await requestDevice();
  const [x, w] = [0, 1].map((seed) =>
    fromArray(own, values(4, seed), [4], { requiresGrad: true })
  );
  step(own, x!, w!); // allocates the gradients
  const { liveBuffers } = own.counters;
  const { peakBytes } = own.memory;
  for (let i = 0; i < 5; i++) step(own, x!, w!);
  assertEquals(own.counters.liveBuffers, liveBuffers);
  assertEquals(own.memory.peakBytes, peakBytes);

  // A chain of ops has two gradients alive at a time, whatever its length.
  const long = (length: number) => {
    using _step = own.scope();
    let y = mul(x!, 1);
    for (let i = 0; i < length; i++) y = mul(y, 1);
    const loss = sum(y);
    const before = own.counters.liveBuffers;
    loss.backward();
    return own.counters.liveBuffers - before;
  };
  assertEquals(long(50), long(5));

  // So has one with residual connections, whose gradients are sums.
  const residual = (length: number) => {
    using _step = own.scope();
    let y = mul(x!, 1);
    for (let i = 0; i < length; i++) y = add(y, mul(y, y));
    const loss = sum(y);
    const before = own.counters.liveBuffers;
    loss.backward();
    return own.counters.liveBuffers - before;
  };
  assertEquals(residual(50), residual(5));
});

Deno.test("backward() differentiates a chain of six thousand ops", async () => {
  using _scope = device.scope();
  const x = leaf(1);
  let y = mul(x, 1);
  for (let i = 0; i < 6000; i++) y = mul(y, 1);
  y.backward();
  assertEquals(await gradOf(x), [1]);
});

Deno.test("backward() is deterministic", async () => {
  const run = async () => {
    using _scope = device.scope();
    const x = fromArray(device, values(1000), [1000], { requiresGrad: true });
    const y = mul(add(x, mul(x, x)), x);
    sum(mul(y, y)).backward();
    return await x.grad!.toArray();
  };
  assertEquals(await run(), await run());
});

Deno.test("noGrad() ends once when it is disposed twice", () => {
  const x = leaf(1);
  const handle = noGrad();
  handle[Symbol.dispose]();
  handle[Symbol.dispose]();
  using _noGrad = noGrad();
  assert(!isRecording([x]));
});

Deno.test("noGrad() rejects a function, and shows the statement to write", () => {
  const withCallback = noGrad as (body: () => void) => Disposable;
  assertThrows(
    () => withCallback(() => {}),
    TypeError,
    "Cannot call noGrad() with an argument: it returns a handle; write `using _noGrad = noGrad();` at the start of a block instead",
  );
  assert(isRecording([leaf(1)]), "gradients are still on");
});

Deno.test("backward() names a noGrad() that is not disposed", () => {
  using _scope = device.scope();
  const x = leaf(1);
  const forgotten = noGrad();
  try {
    assertThrows(
      () => mul(x, x).backward(),
      Error,
      "Cannot differentiate a tensor of shape [1]: gradients are off: a noGrad() is not disposed; write `using _noGrad = noGrad();` in a block that ends before the forward pass",
    );
  } finally {
    forgotten[Symbol.dispose]();
  }
  mul(x, x).backward();
});
