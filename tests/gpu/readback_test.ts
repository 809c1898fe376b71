import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  DeviceLostError,
  fromArray,
  Kernel,
  requestDevice,
  zeros,
} from "../../mod.ts";
import { requestReplaced } from "./late_device.ts";
import { scale } from "./scale_kernel.ts";

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
  const message = "oops";
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
  const message = "Cannot use a device that was destroyed";
  await assertRejects(() => value, DeviceLostError, message);
  await assertRejects(() => flushed, DeviceLostError, message);
});

Deno.test("Device.readLater() of a destroyed device rejects", async () => {
  const device = await requestDevice();
  const x = fromArray(device, [1], []);
  const message = "Cannot use a device that was destroyed";
  const read = x.toArray();
  const flushed = device.readLater(x);
  device.flushReads().catch(() => {});
  const queued = device.readLater(x);
  for (let i = 0; i < 10; i++) await null; // the copies are being mapped
  device.destroy();
  for (const promise of [read, flushed, queued, device.readLater(x)]) {
    await assertRejects(() => promise, DeviceLostError, message);
  }
  await assertRejects(() => device.flushReads(), DeviceLostError, message);
});

/** A device that can be lost, and until then reads nothing from the GPU. */
async function losable(features: GPUFeatureName[] = []) {
  const { promise: lost, resolve } = Promise.withResolvers<GPUDeviceLostInfo>();
  const device = await requestReplaced(
    (gpu) => ({
      lost,
      createBuffer(descriptor) {
        const buffer = gpu.createBuffer(descriptor);
        buffer.mapAsync = () => new Promise(() => {});
        return buffer;
      },
    }),
    false,
    features,
  );
  const lose = (message: string) =>
    resolve({ message, reason: "unknown" as string } as GPUDeviceLostInfo);
  return { device, lose };
}

Deno.test("the loss of the device ends every wait", async () => {
  const { device, lose } = await losable(["timestamp-query"]);
  using _device = device;
  using _step = device.scope();
  const [x, y] = [fromArray(device, [1], []), zeros(device, [])];
  const waits: Promise<unknown>[] = [
    x.item(),
    x.toArray(),
    device.profile(() => scale(device, x, y, 2)),
  ];
  // A batch that was read, one that no submit followed, and some of a third.
  for (let i = 0; i < 32; i++) waits.push(device.readLater(x));
  waits.push(device.flushReads());
  for (let i = 0; i < 40; i++) waits.push(device.readLater(x));
  const ended = Promise.allSettled(waits);
  lose("Xid 79");
  const message =
    "Cannot continue: the GPU device was lost (Xid 79); restart the run, with a smaller batch if memory ran out";
  for (const result of await ended) {
    assert(result.status === "rejected");
    assertInstanceOf(result.reason, DeviceLostError);
    assertEquals(result.reason.message, message);
  }
  // And all that a training loop does next.
  for (
    const wait of [
      () => x.item(),
      () => device.readLater(x),
      () => device.flushReads(),
      () => device.compile([BROKEN]),
      () => device.profile(() => {}),
    ]
  ) await assertRejects(wait, DeviceLostError, message);
  assertThrows(() => scale(device, x, y, 2), DeviceLostError, message);
  assertThrows(() => zeros(device, [1]), DeviceLostError, message);
  device.destroy();
  await assertRejects(() => x.item(), DeviceLostError, message);
});

Deno.test("the loss of the device is thrown in place of an earlier error, its cause", async () => {
  const { device, lose } = await losable();
  using _device = device;
  const y = zeros(device, []);
  device.dispatch(BROKEN, [y], {}, 1);
  const value = device.readLater(y);
  device.submit();
  await assertRejects(() => device.compile([BROKEN]), Error, "oops");
  lose("");
  const error = await assertRejects(() => value, DeviceLostError, "(unknown)");
  assertInstanceOf(error.cause, Error);
  assertStringIncludes(error.cause.message, "oops");
  await assertRejects(() => device.flushReads(), DeviceLostError);
});
