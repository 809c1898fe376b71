import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fromArray, mul, sum, Tensor, zeros } from "../../mod.ts";
import { numel, sameShape } from "../../lib/tensor/tensor.ts";
import { device } from "../helpers/device.ts";

Deno.test("fromArray() keeps the values of every dtype", async (t) => {
  const cases = [
    { dtype: "f32", values: [0, -1.5, 3e38, 1e-40, Infinity] },
    { dtype: "i32", values: [0, -1, 2147483647, -2147483648, 5] },
    { dtype: "u32", values: [0, 1, 4294967295, 2147483648, 5] },
  ] as const;
  for (const { dtype, values } of cases) {
    await t.step(dtype, async () => {
      using _scope = device.scope();
      const x = fromArray(device, values, [5], { dtype });
      assertEquals(x.dtype, dtype);
      const read = await Promise.all(
        values.map((_, i) =>
          new Tensor(device, [], {
            dtype,
            storage: x.storage,
            byteOffset: 4 * i,
          }).item()
        ),
      );
      assertEquals(
        read,
        dtype === "f32" ? values.map(Math.fround) : [...values],
      );
    });
  }
});

Deno.test("fromArray() takes typed arrays, subarrays and shared memory", async () => {
  using _scope = device.scope();
  const values = Float32Array.of(1, 2, 3, 4);
  const read = async (values: ArrayLike<number>) => [
    ...await fromArray(device, values, [2]).toArray(),
  ];
  assertEquals(await read(values.subarray(1, 3)), [2, 3]);
  assertEquals(await read(Int32Array.of(-7, 8)), [-7, 8]);
  assertEquals(await read(Float64Array.of(0.5, 0.25)), [0.5, 0.25]);
  const shared = new Float32Array(new SharedArrayBuffer(8));
  shared.set([5, 6]);
  assertEquals(await read(shared), [5, 6]);
});

Deno.test("fromArray() rejects a number of values that does not match the shape", () => {
  const before = device.counters.liveBuffers;
  assertThrows(
    () => fromArray(device, [1, 2, 3], [2, 2]),
    RangeError,
    "Cannot make a tensor of shape [2,2] from 3 values: it holds 4",
  );
  assertThrows(
    () => fromArray(device, [1, 2], []),
    RangeError,
    "from 2 values",
  );
  assertEquals(device.counters.liveBuffers, before);
});

Deno.test("zeros() clears a buffer with old values", async () => {
  for (const dtype of ["f32", "i32", "u32"] as const) {
    using _scope = device.scope();
    fromArray(device, [7, 7, 7, 7, 7, 7], [6]).dispose();
    const x = zeros(device, [2, 3], { dtype });
    assertEquals(x.shape, [2, 3]);
    assertEquals([...await x.toArray()], [0, 0, 0, 0, 0, 0]);
  }
});

Deno.test("Tensor has the size of its shape, of scalars and empty tensors too", async () => {
  using _scope = device.scope();
  const x = zeros(device, [2, 3, 4]);
  assertEquals([x.size, x.byteLength], [24, 96]);
  assertEquals(zeros(device, []).size, 1);
  const empty = fromArray(device, [], [3, 0]);
  assertEquals(empty.size, 0);
  assertEquals((await empty.toArray()).length, 0);
  assertEquals([numel([]), numel([3, 5]), numel([3, 0])], [1, 15, 0]);
});

Deno.test("sameShape() compares every dimension", () => {
  assert(sameShape([], []) && sameShape([2, 3], [2, 3]));
  assert(!sameShape([2, 3], [3, 2]));
  assert(!sameShape([2, 3], [2]) && !sameShape([2], [2, 3]));
});

Deno.test("Tensor.item() is the value of the only element, for any shape", async () => {
  using _scope = device.scope();
  assertEquals(await fromArray(device, [2.5], []).item(), 2.5);
  assertEquals(await fromArray(device, [-3], [1, 1]).item(), -3);
  await assertRejects(
    () => zeros(device, [2, 2]).item(),
    RangeError,
    "Cannot take the item of a tensor of shape [2,2]: it has 4 elements",
  );
  await assertRejects(
    () => zeros(device, [0]).item(),
    RangeError,
    "Cannot take the item of a tensor of shape [0]: it has 0 elements",
  );
});

Deno.test("Tensor.toArray() is a new copy", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2], [2]);
  const first = await x.toArray();
  first[0] = 9;
  assertEquals([...await x.toArray()], [1, 2]);
});

Deno.test("Tensor.emptyLike() has the same shape and its own buffer", () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2], [2, 1], { requiresGrad: true });
  const y = x.emptyLike();
  assertEquals(y.shape, [2, 1]);
  assert(!y.requiresGrad);
  assert(y.storage !== x.storage);
});

Deno.test("Tensor.dispose() frees once", () => {
  using _scope = device.scope();
  const before = device.counters.liveBuffers;
  const x = zeros(device, [2]);
  x.dispose();
  assert(x.isDisposed);
  assertEquals(device.counters.liveBuffers, before);
  const y = zeros(device, [2]); // the same buffer
  x.dispose();
  assert(!y.isDisposed);
  assertEquals(device.counters.liveBuffers, before + 1);
});

Deno.test("Tensor.dispose() of a view does not free the data", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 3, 4], [4]);
  const view = new Tensor(device, [2], { storage: x.storage, byteOffset: 8 });
  assertEquals([...await view.toArray()], [3, 4]);
  view.dispose();
  assertEquals([...await x.toArray()], [1, 2, 3, 4]);
  x.dispose();
  assert(view.isDisposed);
});

Deno.test("Tensor.dispose() of a leaf frees its gradient", () => {
  const before = device.counters.liveBuffers;
  const x = fromArray(device, [1, 2], [2], { requiresGrad: true });
  {
    using _step = device.scope();
    sum(mul(x, x)).backward();
  }
  const grad = x.grad!;
  assertEquals(device.counters.liveBuffers, before + 2);
  x.dispose();
  assert(grad.isDisposed);
  assertEquals(device.counters.liveBuffers, before);
});

Deno.test("Tensor without storage allocates it at the first use", () => {
  const before = device.counters.liveBuffers;
  const x = new Tensor(device, [2], { storage: "later" });
  assert(!x.isDisposed);
  assertEquals(device.counters.liveBuffers, before);
  x.dispose(); // nothing to free yet
  {
    using _scope = device.scope();
    assertEquals(x.byteOffset, 0);
    assertEquals(x.storage, x.storage);
  }
  assertEquals(device.counters.liveBuffers, before + 1);
  device.release(x.storage);
});

Deno.test("Tensor.grad accepts a gradient of the tensor's shape only", () => {
  using _scope = device.scope();
  const x = zeros(device, [2, 3]);
  assertThrows(
    () => x.grad = zeros(device, [3, 2]),
    RangeError,
    "Cannot assign a gradient of shape [3,2] to a tensor of shape [2,3]",
  );
  const grad = zeros(device, [2, 3]);
  x.grad = grad;
  assertEquals(x.grad, grad);
  x.grad = undefined;
  assertEquals(x.grad, undefined);
});

Deno.test("Tensor.gradSlot() keeps its memory and tells whether there is a gradient", () => {
  using _scope = device.scope();
  const x = zeros(device, [2]);
  const { tensor, accumulate } = x.gradSlot();
  assertEquals(tensor.shape, [2]);
  assert(!accumulate);
  x.grad = tensor;
  assertEquals(x.gradSlot(), { tensor, accumulate: true });
  x.grad = undefined;
  assertEquals(x.gradSlot(), { tensor, accumulate: false });
});

Deno.test("Tensor.gradSlot() copies an assigned gradient and does not change it", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [5, 7], [2], { requiresGrad: true });
  const assigned = fromArray(device, [100, 200], [2]);
  x.grad = assigned;
  assert(x.gradSlot().tensor === x.grad && x.grad !== assigned);
  sum(mul(x, x)).backward(); // 2 · x
  assertEquals([...await x.grad!.toArray()], [110, 214]);
  assertEquals([...await assigned.toArray()], [100, 200]);
});

Deno.test("Tensor.gradSlot() lives as long as the leaf", async () => {
  const x = fromArray(device, [5], [1], { requiresGrad: true });
  {
    using _step = device.scope();
    sum(mul(x, x)).backward();
  }
  assertEquals([...await x.grad!.toArray()], [10]);
  x.dispose();
});
