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

const leaf = (...values: number[]) =>
  fromArray(device, values, [values.length], { requiresGrad: true });
const gradOf = async ({ grad }: Tensor) => grad && [...await grad.toArray()];

Deno.test("backward() sums over all uses of a value", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  // y = x + x·x, z = y·y + 3x: dz/dx = 2y·(1 + 2x) + 3
  const y = add(x, mul(x, x));
  sum(add(mul(y, y), mul(x, 3))).backward();
  assertEquals(await gradOf(x), [2 * 2 * 3 + 3, 2 * 6 * 5 + 3]);
});

Deno.test("backward() goes back through a value once, after all that read it", async () => {
  using _scope = device.scope();
  const x = leaf(2);
  let calls = 0;
  const counted = record(mul(x, 1), {
    name: "counted",
    inputs: [x],
    backward(dOut) {
      calls++;
      return [dOut];
    },
  });
  // Read by a short and by a long path, in either order.
  const long = mul(mul(counted, 2), 3);
  sum(add(counted, long)).backward();
  assertEquals([calls, await gradOf(x)], [1, [7]]);
  sum(add(long, counted)).backward();
  assertEquals([calls, await gradOf(x)], [2, [14]]);
});

Deno.test("backward() adds to what grad holds, until it is cleared", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const loss = sum(mul(x, x));
  loss.backward();
  loss.backward(); // the same tape again
  sum(mul(x, 5)).backward();
  assertEquals(await gradOf(x), [2 * 2 + 5, 2 * 4 + 5]);
  x.grad = undefined;
  loss.backward();
  assertEquals(await gradOf(x), [2, 4]);
});

Deno.test("backward() takes the gradient of a tensor that is no scalar", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const dY = fromArray(device, [10, 100], [2]);
  mul(x, 3).backward(dY);
  assertEquals(await gradOf(x), [30, 300]);
  assertEquals([...await dY.toArray()], [10, 100]);
});

Deno.test("backward() from a leaf gives it its own gradient", async () => {
  using _scope = device.scope();
  const x = leaf(4);
  x.backward();
  assertEquals(await gradOf(x), [1]);
  x.backward(fromArray(device, [3], [1]));
  assertEquals(await gradOf(x), [4]);
});

Deno.test("backward() computes what is asked for alone", async () => {
  using _scope = device.scope();
  const [x, w] = [leaf(1, 2), leaf(3, 4)];
  x.requiresGrad = false;
  const h = mul(x, 2); // nothing to go back for
  assertEquals([h.requiresGrad, h.gradFn], [false, undefined]);
  const y = mul(h, w);
  sum(y).backward();
  assertEquals([x.grad, h.grad, y.grad], [undefined, undefined, undefined]);
  assertEquals(await gradOf(w), [2, 4]);
});

Deno.test("backward() rejects what it cannot go back from", () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  assertThrows(
    () => mul(x, x).backward(),
    RangeError,
    "Cannot go back from a tensor of shape [2] without its gradient: only a scalar has one by itself",
  );
  assertThrows(
    () => fromArray(device, [1], []).backward(),
    Error,
    "Cannot go back from a tensor of shape []: nothing that it was made from requires a gradient",
  );
});

Deno.test("noGrad() stops recording until it is disposed, however often", () => {
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

/** x³, without a record. */
function cube(x: Tensor): Tensor {
  using _noGrad = noGrad();
  return mul(mul(x, x), x);
}

Deno.test("record() differentiates an op of one's own", async () => {
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

Deno.test("record() leaves out an input that its op has no gradient for", async () => {
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
    'Cannot go back through "forgetful": it returned 1 gradients for 2 inputs',
  );
});

/** 10a, whose gradient is added in place where there is one already. */
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

Deno.test("backward() adds in place to a part of a sum", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const h = mul(x, 1);
  sum(add(tenfold(h), mul(h, h))).backward();
  assertEquals(await gradOf(x), [10 + 2, 10 + 4]);
});

Deno.test("backward() keeps apart the gradients that add() gives as one", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const [a, b] = [mul(x, 2), mul(x, 3)];
  // All adds hand the same dOut on, to a and b too; then a gets more in place,
  // which must reach neither b nor the product, whose turns come later.
  sum(add(mul(b, 7), add(tenfold(a), add(a, b)))).backward();
  const dX = 3 * 7 + 2 * 10 + 2 + 3;
  assertEquals(await gradOf(x), [dX, dX]);
});

Deno.test("backward() sums where add() gets one value twice", async () => {
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

Deno.test("backward() frees no tensor of the user's that an op gives as gradient", async () => {
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

Deno.test("backward() writes nothing into a tensor of the user's", async () => {
  using _scope = device.scope();
  const x = leaf(1, 2);
  const saved = fromArray(device, [7, 9], [2]);
  const h = mul(x, 1);
  const a = record(mul(h, 1), {
    name: "saved",
    inputs: [h],
    backward: () => [saved],
  });
  sum(add(tenfold(h), a)).backward(); // a's turn comes first
  assertEquals([...await saved.toArray()], [7, 9]);
  assertEquals(await gradOf(x), [17, 19]);
});

/** A step with values read twice, an op that adds in place, and leaves of all kinds. */
function step(device: Device, x: Tensor, w: Tensor): void {
  using _step = device.scope();
  const input = fromArray(device, values(12), [3, 4]);
  const h = mul(input, w);
  const y = add(mul(h, h), add(h, x));
  sum(add(mul(y, y), select(h, 0, 1))).backward();
  x.grad = undefined;
  w.grad = undefined;
}

Deno.test("backward() leaves no buffer behind, and frees gradients on the way", async () => {
  using own = await requestDevice();
  const [x, w] = [0, 1].map((seed) =>
    fromArray(own, values(4, seed), [4], { requiresGrad: true })
  );
  step(own, x!, w!); // makes the places of the gradients
  const { liveBuffers } = own.counters;
  const { peakBytes } = own.memory;
  for (let i = 0; i < 5; i++) step(own, x!, w!);
  assertEquals(own.counters.liveBuffers, liveBuffers);
  assertEquals(own.memory.peakBytes, peakBytes);

  // A chain of ops holds two gradients at a time, and no more at its end.
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
});

Deno.test("backward() goes back through six thousand ops in a row", async () => {
  using _scope = device.scope();
  const x = leaf(1);
  let y = mul(x, 1);
  for (let i = 0; i < 6000; i++) y = mul(y, 1);
  y.backward();
  assertEquals(await gradOf(x), [1]);
});

Deno.test("backward() gives the same bits again", async () => {
  const run = async () => {
    using _scope = device.scope();
    const x = fromArray(device, values(1000), [1000], { requiresGrad: true });
    const y = mul(add(x, mul(x, x)), x);
    sum(mul(y, y)).backward();
    return await x.grad!.toArray();
  };
  assertEquals(await run(), await run());
});

Deno.test("noGrad() ends once, even if it is disposed twice", () => {
  const x = leaf(1);
  const handle = noGrad();
  handle[Symbol.dispose]();
  handle[Symbol.dispose]();
  using _noGrad = noGrad();
  assert(!isRecording([x]));
});
