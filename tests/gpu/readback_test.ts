import { assertEquals, assertRejects } from "@std/assert";
import {
  DeviceLostError,
  fromArray,
  Kernel,
  requestDevice,
  zeros,
} from "../../mod.ts";

/** Waits long enough for scalars that need no flush to be read back. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

Deno.test("Device.readLater() reads scalars in order and in batches, and no step waits", async () => {
  using device = await requestDevice();
  const values: Promise<number>[] = [];
  for (let step = 0; step < 100; step++) {
    {
      using _step = device.scope();
      values.push(device.readLater(fromArray(device, [step / 2], [])));
    }
    assertEquals(device.counters.submits, step + 1);
  }
  await device.flushReads();
  assertEquals(
    await Promise.all(values),
    Array.from({ length: 100 }, (_, step) => step / 2),
  );
  assertEquals(device.counters.waits, 4); // three batches of 32, and the rest
});

Deno.test("Device.readLater() reads the value as of its call", async () => {
  using device = await requestDevice();
  using _step = device.scope();
  const x = fromArray(device, [1], []);
  const before = device.readLater(x);
  device.upload(x, Float32Array.of(2));
  const after = device.readLater(x);
  x.dispose();
  await device.flushReads();
  assertEquals([await before, await after], [1, 2]);
});

Deno.test("Device.readLater() flushes by itself at every 32nd scalar", async () => {
  using device = await requestDevice();
  const x = fromArray(device, [3], []);
  let count = 0;
  const push = () => {
    using _step = device.scope();
    device.readLater(x).then(() => count++);
  };
  for (let i = 0; i < 31; i++) push();
  await settle();
  assertEquals(count, 0);
  push();
  await settle();
  assertEquals(count, 32);
});

Deno.test("Device.flushReads() reads all queued scalars, inside a step too", async () => {
  using device = await requestDevice();
  await device.flushReads(); // nothing is queued yet
  using _step = device.scope();
  const value = device.readLater(fromArray(device, [4], []));
  await device.flushReads();
  assertEquals(await value, 4);
  const { submits } = device.counters;
  await device.flushReads();
  assertEquals(device.counters.submits, submits);
});

const BROKEN = new Kernel(
  "broken",
  `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = oops; }
`,
);

Deno.test("Device.readLater() rejects after a shader that does not compile", async () => {
  using device = await requestDevice();
  const message = "no definition in scope for identifier: `oops`";
  let ignored: Promise<number>;
  {
    using _step = device.scope();
    const y = zeros(device, []);
    device.dispatch(BROKEN, [y], {}, 1);
    ignored = device.readLater(y);
    device.readLater(y); // ignored: no unhandled rejection
  }
  await assertRejects(() => device.flushReads(), Error, message);
  await assertRejects(() => ignored, Error, message);
  // It was reported; later reads succeed.
  const value = device.readLater(fromArray(device, [5], []));
  await device.flushReads();
  assertEquals(await value, 5);
});

Deno.test("Device.readLater() rejects when the device is destroyed", async () => {
  const device = await requestDevice();
  const value = device.readLater(fromArray(device, [1], []));
  const flushed = device.flushReads();
  device.destroy();
  await assertRejects(() => value, DeviceLostError, "Cannot read from the GPU");
  await flushed.catch(() => {});
});
