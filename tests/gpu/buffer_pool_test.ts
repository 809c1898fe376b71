import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  type Device,
  OutOfMemoryError,
  requestDevice,
  Tensor,
} from "../../mod.ts";
import { BufferPool } from "../../lib/gpu/buffer_pool.ts";
import type { WorkQueue } from "../../lib/gpu/work_queue.ts";
import { scale } from "./scale_kernel.ts";

/** For pools that destroy nothing. */
const NO_QUEUE = {} as WorkQueue;

/** Allocates a buffer in a scope that ends immediately; returns its id. */
function allocateAndRelease(device: Device, byteLength: number): number {
  using _scope = device.scope();
  return device.allocate(byteLength).id;
}

Deno.test("BufferPool reuses a free buffer of at most twice the size", async () => {
  using device = await requestDevice();
  const large = allocateAndRelease(device, 4096);
  assertEquals(allocateAndRelease(device, 2048), large);
  assertNotEquals(allocateAndRelease(device, 1792), large);
  assertEquals(device.counters.buffers, 2);
});

Deno.test("BufferPool reuses the smallest buffer that fits, the oldest first", async () => {
  using device = await requestDevice();
  const ids: number[] = [];
  {
    using _scope = device.scope();
    for (const size of [8192, 5120, 5120, 6144]) {
      ids.push(device.allocate(size).id);
    }
  }
  using _scope = device.scope();
  const taken = [1, 2, 3, 4].map(() => device.allocate(4864).id);
  assertEquals(taken, [ids[1]!, ids[2]!, ids[3]!, ids[0]!]);
});

Deno.test("BufferPool gives similar sizes the same buffer, at most a quarter too large", async () => {
  using device = await requestDevice();
  for (let size = 1024; size < 70000; size += 1111) {
    using _scope = device.scope();
    const { byteLength } = device.allocate(size, "scope");
    assert(byteLength >= size && byteLength % 16 === 0);
  }
  using fresh = await requestDevice();
  using _scope = fresh.scope();
  for (const size of [1025, 5000, 33333, 1_000_001]) {
    assert(fresh.allocate(size).byteLength <= 1.25 * size);
  }
  assertEquals(
    fresh.allocate(20000).byteLength,
    fresh.allocate(20400).byteLength,
  );
});

Deno.test("BufferPool creates a new buffer of the exact size for kept data", async () => {
  using device = await requestDevice();
  const free = allocateAndRelease(device, 1024);
  const kept = device.allocate(1024, "kept");
  assertNotEquals(kept.id, free);
  assertEquals(kept.byteLength, 1024);
  assertEquals(device.allocate(1001, "kept").byteLength, 1008); // whole vec4s
  assertEquals(device.allocate(0, "kept").byteLength, 16);
});

Deno.test("BufferPool rounds no size up beyond what the device can bind", () => {
  const made: number[] = [];
  const gpu = {
    limits: { maxBufferSize: 2000, maxStorageBufferBindingSize: 1000 },
    createBuffer: ({ size }: GPUBufferDescriptor) => made.push(size),
  };
  const pool = new BufferPool(gpu as unknown as GPUDevice, NO_QUEUE);
  assertEquals(pool.maxBytes, 992);
  pool.allocate(900, 0);
  pool.allocate(985, 0, { exact: true });
  assertEquals(made, [992, 992]);
  assertThrows(
    () => pool.allocate(993, 0, { exact: true }),
    OutOfMemoryError,
    "Cannot allocate 993 bytes on the GPU: this adapter binds at most 992",
  );
});

Deno.test("BufferPool.allocateRows() splits what the device cannot bind", () => {
  const made: number[] = [];
  const gpu = {
    limits: { maxBufferSize: 40_000, maxStorageBufferBindingSize: 33_000 },
    createBuffer: ({ size }: GPUBufferDescriptor) => made.push(size),
  };
  const pool = new BufferPool(gpu as unknown as GPUDevice, NO_QUEUE);
  assertEquals(pool.allocateRows(33_000 - 8, 256, 0).shards, undefined);
  const split = pool.allocateRows(90_000, 256, 0);
  assertEquals(made, [32_992, 32_768, 32_768, 24_464]);
  assertEquals(
    split.shards!.map(({ byteLength }) => byteLength),
    made.slice(1),
  );
  assertEquals(split.byteLength, 90_000);
  assertEquals(
    assertThrows(() => split.gpu, RangeError).message,
    "Cannot bind a parameter of 90000 bytes: this adapter binds at most 32992 at once; only embedding, embedLayerNorm, indexSelect of rows, linear with one weight, and optimizers take such a parameter",
  );
  assertEquals(
    assertThrows(
      () => pool.allocateRows(90_000, 4 * 1000, 0),
      RangeError,
    ).message,
    "Cannot allocate a parameter of 90000 bytes on the GPU: this adapter binds at most 32992 at once, too few to split rows of 4000; use an adapter that binds more",
  );
  const { liveBytes } = pool.memory;
  assertEquals([liveBytes, pool.liveBuffers], [32_992 + 90_000, 4]);
  const [first] = split.shards!;
  pool.release(split);
  assertEquals([pool.memory.liveBytes, pool.liveBuffers], [32_992, 1]);
  assertEquals([split.generation, first!.generation], [1, 1]);
});

Deno.test("BufferPool reuses for an upload only buffers that the recording has not used", async () => {
  using device = await requestDevice();
  using _step = device.scope();
  const x = new Tensor(device, [64]);
  const used = new Tensor(device, [64]);
  scale(device, x, used, 2);
  const { id } = used.storage;
  used.dispose();
  assertNotEquals(device.allocate(256, "scope", "upload").id, id);
  assertEquals(device.allocate(256).id, id);
});

Deno.test("BufferPool destroys buffers that were not reused for a while", async () => {
  using device = await requestDevice();
  const mebi = 1 << 20;
  const tick = device.allocate(16, "kept");
  const steps = (count: number) => {
    for (let i = 0; i < count; i++) {
      using _step = device.scope();
      device.clear({ storage: tick, byteOffset: 0, byteLength: 16 });
      allocateAndRelease(device, 4 * mebi);
    }
  };
  allocateAndRelease(device, mebi);
  steps(64);
  const { buffers } = device.counters;
  const { peakBytes } = device.memory;
  assertEquals(peakBytes, 5 * mebi + 16);
  allocateAndRelease(device, mebi); // not yet destroyed
  assertEquals(device.counters.buffers, buffers);
  steps(4 * 64);
  allocateAndRelease(device, 4 * mebi); // reused in every step
  assertEquals(device.counters.buffers, buffers);
  device.allocate(16, "kept");
  assertEquals(device.memory.peakBytes, peakBytes); // below the peak
  allocateAndRelease(device, mebi); // destroyed, and created again
  assertEquals(device.counters.buffers, buffers + 2);
  assertEquals(device.memory.peakBytes, peakBytes + 16); // in place of the destroyed one
});

Deno.test("BufferPool destroys an outgrown free buffer when it creates a larger one", async () => {
  using device = await requestDevice();
  const large = allocateAndRelease(device, 16384);
  const small = allocateAndRelease(device, 4096);
  const last = allocateAndRelease(device, 6144);
  assertEquals(device.memory.peakBytes, 16384 + 6144, "4096 is destroyed");
  assertNotEquals(allocateAndRelease(device, 4096), small, "it was destroyed");
  assertEquals(allocateAndRelease(device, 4096), last);
  assertEquals(allocateAndRelease(device, 16384), large);

  // Buffers that the current recording uses are not destroyed.
  const [x, y] = [new Tensor(device, [10_000]), new Tensor(device, [10_000])];
  scale(device, x, y, 2);
  y.dispose();
  const { peakBytes } = device.memory;
  allocateAndRelease(device, 49_152);
  assertEquals(device.memory.peakBytes, peakBytes + 49_152);
});

Deno.test("BufferPool.keepWithin() destroys the buffers used longest ago", async () => {
  using device = await requestDevice();
  const x = new Tensor(device, [2]);
  const kibi = 1 << 10;
  // Each is used in a recording of its own, and larger than twice the one before.
  const [first, second, third] = [4, 16, 64].map((size) => {
    using _step = device.scope();
    const y = new Tensor(device, [size * kibi / 4]);
    scale(device, x, y, 2);
    return y.storage.id;
  });
  device.keepWithin(device.memory.peakBytes);
  device.allocate(kibi, "kept");
  assertEquals(device.memory.peakBytes, 84 * kibi + 16, "x, and in place of 4");
  assertEquals(allocateAndRelease(device, 16 * kibi), second);
  assertEquals(allocateAndRelease(device, 64 * kibi), third);
  const fourth = allocateAndRelease(device, 4 * kibi);
  assertNotEquals(fourth, first);

  device.keepWithin(66 * kibi); // at once: the fourth was not used at all
  device.keepWithin(Infinity);
  assertNotEquals(allocateAndRelease(device, 4 * kibi), fourth);
  assertEquals(allocateAndRelease(device, 64 * kibi), third);

  // Buffers that the current recording uses are not destroyed.
  using _step = device.scope();
  const y = new Tensor(device, [16 * kibi]);
  scale(device, x, y, 2);
  y.dispose();
  device.keepWithin(0);
  device.allocate(kibi, "kept");
  assertEquals(device.allocate(64 * kibi).id, third);
});

Deno.test("BufferPool keeps bind groups while it destroys no buffer", async () => {
  using device = await requestDevice();
  const [x, y] = [new Tensor(device, [4]), new Tensor(device, [4])];
  for (let i = 0; i < 3 * 64; i++) {
    using _step = device.scope();
    scale(device, x, y, 2);
  }
  assertEquals(device.counters.bindGroups, 1);
});

Deno.test("BufferPool keeps results correct after it has destroyed buffers", async () => {
  using device = await requestDevice();
  const x = new Tensor(device, [64]);
  device.upload(x, Float32Array.from({ length: 64 }, (_, i) => i));
  const run = async () => {
    using _step = device.scope();
    const y = new Tensor(device, [64]);
    scale(device, x, y, 3);
    return (await y.toArray())[63];
  };
  assertEquals(await run(), 189);
  const kept = new Tensor(device, [64]);
  scale(device, x, kept, 3);
  const { buffers, bindGroups } = device.counters;
  for (let i = 0; i < 5 * 64; i++) {
    device.clear({ storage: x.storage, byteOffset: 0, byteLength: 4 });
    device.submit();
  }
  assertEquals(await run(), 189);
  scale(device, x, kept, 3);
  assertEquals(device.counters.buffers, buffers + 1);
  assertEquals(
    device.counters.bindGroups,
    bindGroups + 1,
    "kept's was not evicted",
  );
});
