import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  DeviceLostError,
  fromArray,
  OutOfMemoryError,
  requestDevice,
  Tensor,
  zeros,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { compileScale, scale } from "./scale_kernel.ts";

const ENDED =
  "Cannot use a tensor of shape [2]: it was disposed, or the scope that it was made in has ended; make it outside the scope to keep it";

Deno.test("Device.scope() releases the tensors made in it, those of the inner scope first", async () => {
  const before = device.counters.liveBuffers;
  const live = () => device.counters.liveBuffers - before;
  const kept = fromArray(device, [1], [1]);
  {
    using _outer = device.scope();
    const outer = fromArray(device, [2, 3], [2]);
    {
      using _inner = device.scope();
      zeros(device, [5]);
      zeros(device, [6]);
      assertEquals(live(), 4);
    }
    assertEquals(live(), 2);
    assertEquals([...await outer.toArray()], [2, 3]);
  }
  assertEquals(live(), 1);
  assertEquals(await kept.item(), 1);
  kept.dispose();
  assertEquals(live(), 0);
});

Deno.test("Device.scope() ends no other scope when it is disposed twice", () => {
  using _outer = device.scope();
  const before = device.counters.liveBuffers;
  {
    using _middle = device.scope();
    {
      using inner = device.scope();
      inner[Symbol.dispose]();
    }
    zeros(device, [5]);
  }
  assertEquals(device.counters.liveBuffers, before);
});

Deno.test("Device.scope() makes the use of its tensors after its end an error", async () => {
  let late: Tensor;
  {
    using _scope = device.scope();
    late = fromArray(device, [1, 2], [2]);
  }
  assert(late.isDisposed);
  using _scope = device.scope();
  const y = zeros(device, [2]); // takes the same buffer
  assertThrows(() => scale(device, late, y, 2), ReferenceError, ENDED);
  await assertRejects(() => late.toArray(), ReferenceError, ENDED);
});

Deno.test("Device.scope() keeps a buffer as long as the buffer that it was allocated for", () => {
  using _outer = device.scope();
  const outer = zeros(device, [2]);
  let companion: Tensor;
  {
    using _inner = device.scope();
    companion = new Tensor(device, [2], { lifetime: outer.storage });
  }
  assert(!companion.isDisposed);
});

Deno.test("Device.scope() submits once per step, at the end of the outermost scope", async () => {
  await compileScale(device); // passes are counted when they are encoded
  const { submits, passes, waits } = device.counters;
  {
    using _step = device.scope();
    const x = fromArray(device, [1, 2], [2]);
    for (let i = 0; i < 3; i++) {
      using _inner = device.scope();
      scale(device, x, zeros(device, [2]), 2);
      const y = new Tensor(device, [2]);
      scale(device, x, y, 3);
      scale(device, y, new Tensor(device, [2]), 3);
    }
    assertEquals(device.counters.submits, submits);
  }
  assertEquals(device.counters.submits, submits + 1);
  assertEquals(device.counters.passes, passes + 3); // clearing ends a pass
  assertEquals(device.counters.waits, waits);
});

Deno.test("Device.scope() without recorded commands submits nothing", () => {
  const { submits } = device.counters;
  {
    using _scope = device.scope();
    new Tensor(device, [2]);
  }
  assertEquals(device.counters.submits, submits);
});

Deno.test("Device.release() releases a buffer once, before the scope ends", () => {
  const before = device.counters.liveBuffers;
  {
    using _scope = device.scope();
    const early = zeros(device, [2]);
    zeros(device, [2]);
    device.release(early.storage);
    assert(early.isDisposed);
    assertEquals(device.counters.liveBuffers, before + 1);
  }
  assertEquals(device.counters.liveBuffers, before);
});

Deno.test("Device.read() inside a step sees earlier dispatches, and the step continues", async () => {
  using _step = device.scope();
  const x = fromArray(device, [1, 2], [2]);
  const y = new Tensor(device, [2]);
  scale(device, x, y, 3);
  assertEquals([...await y.toArray()], [3, 6]);
  scale(device, y, x, 10);
  assertEquals([...await x.toArray()], [30, 60]);
});

Deno.test("Device.read() returns the requested range", async () => {
  using _scope = device.scope();
  const { storage } = fromArray(device, [1, 2, 3, 4], [4]);
  const bytes = await device.read({ storage, byteOffset: 4, byteLength: 8 });
  assertEquals([...new Float32Array(bytes)], [2, 3]);
});

Deno.test("Device.copy() and clear() write to the given range only", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 3, 4], [4]);
  const y = fromArray(device, [5, 6, 7, 8], [4]);
  const middle = ({ storage }: Tensor) => ({
    storage,
    byteOffset: 4,
    byteLength: 8,
  });
  device.copy(middle(x), y);
  assertEquals([...await y.toArray()], [2, 3, 7, 8]);
  device.clear(middle(x));
  assertEquals([...await x.toArray()], [1, 0, 0, 4]);
});

Deno.test("Device.copy(), clear() and read() of zero bytes submit nothing", async () => {
  const { submits } = device.counters;
  {
    using _scope = device.scope();
    const x = fromArray(device, [1, 2], [2]);
    const empty = new Tensor(device, [0]);
    device.copy(empty, x);
    device.clear({ storage: x.storage, byteOffset: 0, byteLength: 0 });
    assertEquals((await device.read(empty)).byteLength, 0);
  }
  assertEquals(device.counters.submits, submits);
});

Deno.test("Device.copy() copies within one buffer, overlapping ranges too", async () => {
  using _scope = device.scope();
  const before = device.counters.liveBuffers;
  const { storage } = fromArray(device, [1, 2, 3, 4], [4]);
  const range = (byteOffset: number) => ({
    storage,
    byteOffset,
    byteLength: 12,
  });
  device.copy(range(0), range(4));
  const bytes = await device.read({ storage, byteOffset: 0, byteLength: 16 });
  assertEquals([...new Float32Array(bytes)], [1, 1, 2, 3]);
  assertEquals(device.counters.liveBuffers, before + 1);
});

Deno.test("Device.dispatch() rejects too many workgroups", () => {
  using _scope = device.scope();
  const workgroups = device.maxWorkgroups + 1;
  const x = new Tensor(device, [workgroups]);
  assertThrows(
    () => scale(device, x, new Tensor(device, [workgroups]), 2),
    RangeError,
    `Cannot dispatch "scale" over ${workgroups} x 1 x 1 workgroups: an axis has at most ${device.maxWorkgroups}`,
  );
});

Deno.test("Device.dispatch() of zero workgroups does nothing", () => {
  using _scope = device.scope();
  const { dispatches } = device.counters;
  scale(device, zeros(device, [0]), zeros(device, [0]), 2);
  assertEquals(device.counters.dispatches, dispatches);
});

Deno.test("Device.allocate() rejects more than the adapter can bind", () => {
  using _scope = device.scope();
  const before = device.memory.liveBytes;
  const elements = device.maxBindingBytes / 4 + 1;
  assertThrows(
    () => new Tensor(device, [elements]),
    OutOfMemoryError,
    `Cannot allocate ${
      4 * elements
    } bytes on the GPU: this adapter binds at most ${device.maxBindingBytes} at once; use a smaller batch or shorter sequences`,
  );
  assertEquals(device.memory.liveBytes, before);
});

Deno.test("Device.destroy() makes every later use an error", async () => {
  const message = "Cannot use a device that was destroyed";
  const own = await requestDevice();
  const x = fromArray(own, [1, 2], [2]);
  const y = new Tensor(own, [2]);
  own.destroy();
  assertThrows(() => zeros(own, [2]), DeviceLostError, message);
  assertThrows(() => fromArray(own, [1], [1]), DeviceLostError, message);
  assertThrows(() => scale(own, x, y, 2), DeviceLostError, message);
  await assertRejects(() => x.toArray(), DeviceLostError, message);
  own.destroy();
});

Deno.test("Device is destroyed at the end of its `using` block", async () => {
  let own;
  {
    using inner = await requestDevice();
    own = inner;
  }
  const device = own;
  assertThrows(() => zeros(device, [1]), DeviceLostError);
});

Deno.test("Device.memory has the current and the peak use", async () => {
  using own = await requestDevice();
  assertEquals(own.memory, { liveBytes: 0, peakBytes: 0 });
  const kept = zeros(own, [1000]); // 4,000 bytes
  {
    using _scope = own.scope();
    zeros(own, [1024]); // 4,096 bytes
    assertEquals(own.memory, { liveBytes: 8096, peakBytes: 8096 });
  }
  assertEquals(own.memory, { liveBytes: 4000, peakBytes: 8096 });
  kept.dispose();
  assertEquals(own.memory, { liveBytes: 0, peakBytes: 8096 });
});
