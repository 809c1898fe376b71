import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  AdamW,
  type Device,
  DeviceLostError,
  fromArray,
  Kernel,
  Tensor,
  zeros,
} from "../../mod.ts";
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import {
  assertSameValues,
  batchOf,
  modelOf,
  weightsOf,
} from "../models/fixture_model.ts";
import { FROM_TEXTURE } from "./from_texture_kernel.ts";
import { makesLate, makesNever, requestReplaced } from "./late_device.ts";
import { scale } from "./scale_kernel.ts";

const BATCHES = tiny.batches.slice(0, 3).map(batchOf);

/** Trains for three steps without waiting, with copies, uploads and reads in between. */
async function train(device: Device) {
  const model = modelOf(tiny, {
    device,
    config: { hiddenDropoutProb: 0.1, attentionProbsDropoutProb: 0.1 },
  });
  const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
  const input = fromArray(device, [1, 2, 3, 4], [4]);
  const history = zeros(device, [3, 4]);
  const losses: Promise<number>[] = [];
  const reads: Promise<Float32Array>[] = [];
  BATCHES.forEach((batch, i) => {
    using _step = device.scope();
    const { loss } = model.forward(batch);
    loss!.backward();
    optimizer.step();
    optimizer.zeroGrad();
    losses.push(device.readLater(loss!));
    const output = new Tensor(device, [4]);
    scale(device, input, output, i + 1);
    const { storage } = history;
    device.copy(output, { storage, byteOffset: 16 * i, byteLength: 16 });
    const values = Float32Array.of(i, 10, 20, 30);
    device.upload(input, values); // behind the dispatch that reads it
    values.fill(NaN); // the bytes were taken
    if (i === 1) device.clear(input);
    reads.push(output.toArray() as Promise<Float32Array>);
  });
  reads.push(history.toArray() as Promise<Float32Array>);
  await device.flushReads();
  return {
    losses: await Promise.all(losses),
    reads: await Promise.all(reads),
    weights: await weightsOf(model),
  };
}

for (const isSoftware of [true, false]) {
  const kernels = isSoftware ? "software" : "hardware";
  Deno.test(`WorkQueue runs all work in order while pipelines are made: ${kernels} kernels`, async () => {
    using device = await requestReplaced(() => ({}), isSoftware);
    using late = await requestReplaced(makesLate, isSoftware);
    const expected = await train(device);
    const actual = await train(late);
    assertEquals(expected.reads.map((values) => [...values]), [
      [1, 2, 3, 4],
      [0, 20, 40, 60],
      [0, 0, 0, 0],
      [1, 2, 3, 4, 0, 20, 40, 60, 0, 0, 0, 0],
    ]);
    assertEquals(actual.reads, expected.reads);
    assertEquals(new Set(expected.losses).size, 3);
    assertEquals(actual.losses, expected.losses);
    assertSameValues(actual.weights, expected.weights);
    const { submits, dispatches, passes, buffers } = device.counters;
    assertEquals({ ...late.counters, submits, dispatches, passes, buffers }, {
      ...late.counters,
    });
  });
}

Deno.test("WorkQueue destroys no buffer that waiting work uses", async () => {
  using device = await requestReplaced(makesLate);
  const y = new Tensor(device, [1000], { lifetime: "kept" });
  {
    using _scope = device.scope();
    scale(device, fromArray(device, Array(1000).fill(2), [1000]), y, 3);
  }
  const { submits } = device.counters;
  {
    using _scope = device.scope();
    new Tensor(device, [1500]); // outgrows and so destroys the buffer of 1000
  }
  while (device.counters.submits < submits + 4 * 64) { // sweeps of idle buffers
    device.clear({ storage: y.storage, byteOffset: 0, byteLength: 4 });
    device.submit();
  }
  assertEquals([...await y.toArray()], [0, ...Array(999).fill(6)]);
});

Deno.test("WorkQueue destroys no texture that waiting work uses", async () => {
  using device = await requestReplaced(makesLate, true);
  using _scope = device.scope();
  const firstTexel = (x: Tensor) => {
    const y = new Tensor(device, [4]);
    device.dispatch(FROM_TEXTURE, [x, y], { "x_offset": 0 }, 1);
    return y.toArray();
  };
  const small = firstTexel(fromArray(device, [1, 2, 3, 4], [4]));
  const rows = 2049; // one more than the texture has
  const large = new Float32Array(rows * 4 * 2048).fill(5);
  const grown = firstTexel(fromArray(device, large, [large.length]));
  assertEquals([...await small], [1, 2, 3, 4]);
  assertEquals([...await grown], [5, 5, 5, 5]);
});

const BROKEN = new Kernel(
  "broken",
  `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = missing; }
`,
);

Deno.test("WorkQueue drops a recording whose kernel does not compile, and no other", async () => {
  using device = await requestReplaced(makesLate);
  using _scope = device.scope();
  const x = fromArray(device, [7], [1]);
  const [y, z] = [fromArray(device, [1], [1]), fromArray(device, [1], [1])];
  scale(device, x, y, 2);
  device.dispatch(BROKEN, [x], {}, 1);
  device.submit();
  scale(device, x, z, 3);
  device.submit();
  const late = device.readLater(z);
  const { message } = await assertRejects(() => z.toArray(), Error);
  assertStringIncludes(message, ":3:");
  assertStringIncludes(message, "broken");
  assertEquals([await y.item(), await z.item()], [1, 21]);
  await device.flushReads();
  assertEquals(await late, 21);
});

Deno.test("WorkQueue runs the copies into the texture of a recording that it drops", async () => {
  using device = await requestReplaced(makesLate, true);
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 3, 4], [4]);
  const firstTexel = () => {
    const y = new Tensor(device, [4]);
    device.dispatch(FROM_TEXTURE, [x, y], { "x_offset": 0 }, 1);
    return y;
  };
  firstTexel();
  device.dispatch(BROKEN, [zeros(device, [1])], {}, 1);
  device.submit();
  const behind = firstTexel(); // uses the copy that was recorded
  await assertRejects(() => behind.toArray(), Error, "broken");
  assertEquals([...await behind.toArray()], [1, 2, 3, 4]);
  assertEquals([...await firstTexel().toArray()], [1, 2, 3, 4]);
});

Deno.test("Device.profile() of a kernel that does not compile rejects, and so does the next read", async () => {
  const features: GPUFeatureName[][] = [[], ["timestamp-query"]];
  for (const feature of features) {
    using device = await requestReplaced(makesLate, false, feature);
    using _scope = device.scope();
    const y = fromArray(device, [7], [1]);
    const { message } = await assertRejects(
      () => device.profile(() => device.dispatch(BROKEN, [y], {}, 1)),
      Error,
    );
    assertStringIncludes(message, "broken");
    await assertRejects(() => y.item(), Error, message);
    assertEquals(await y.item(), 7);
  }
});

Deno.test("Device.profile() times work that is recorded while pipelines are made", async () => {
  const features: GPUFeatureName[][] = [[], ["timestamp-query"]];
  for (const feature of features) {
    using device = await requestReplaced(makesLate, false, feature);
    using _scope = device.scope();
    const [x, y] = [fromArray(device, [3], [1]), new Tensor(device, [1])];
    scale(device, x, y, 2);
    const runs = await device.profile(() => scale(device, y, x, 5), 3);
    assertEquals(runs.map(({ params }) => params), [{ factor: 5 }]);
    assertNotEquals(runs[0]!.ms, 0);
    assertEquals(await x.item(), 30);
  }
});

Deno.test("WorkQueue keeps an error of work that waited", async () => {
  let fails = false;
  using device = await requestReplaced((gpu) => ({
    ...makesLate(gpu),
    createCommandEncoder() {
      if (fails) throw new TypeError("no encoder");
      return gpu.createCommandEncoder();
    },
  }));
  using _scope = device.scope();
  const [x, y] = [fromArray(device, [3], [1]), fromArray(device, [1], [1])];
  scale(device, x, y, 2);
  fails = true;
  await assertRejects(() => y.toArray(), TypeError, "no encoder");
  fails = false;
  assertEquals(await y.item(), 1);
});

Deno.test("Device.destroy() ends everything that waits for pipelines", async () => {
  for (const own of [makesLate, makesNever]) {
    const device = await requestReplaced(own);
    const [x, y] = [fromArray(device, [3], [1]), zeros(device, [1])];
    scale(device, x, y, 2);
    const message = "Cannot use a device that was destroyed";
    const waiting = [
      device.read(y),
      device.readLater(y),
      device.flushReads(),
      device.profile(() => scale(device, x, y, 2)),
      device.compile([BROKEN]),
    ].map((promise) => assertRejects(() => promise, DeviceLostError, message));
    device.upload(x, Float32Array.of(4));
    device.destroy();
    device.submit();
    await Promise.all(waiting);
  }
});

Deno.test("Device.destroy() ends a profile that waits for pipelines", async () => {
  for (const own of [makesLate, makesNever]) {
    const device = await requestReplaced(own, false, ["timestamp-query"]);
    const [x, y] = [fromArray(device, [3], [1]), new Tensor(device, [1])];
    const runs = device.profile(() => scale(device, x, y, 2));
    device.destroy();
    await assertRejects(
      () => runs,
      DeviceLostError,
      "Cannot use a device that was destroyed",
    );
  }
});

Deno.test("the loss of the device ends everything that waits for pipelines", async () => {
  const { promise: lost, resolve: lose } = Promise.withResolvers<
    GPUDeviceLostInfo
  >();
  using device = await requestReplaced(() => ({ ...makesNever(), lost }));
  const [x, y] = [fromArray(device, [3], [1]), zeros(device, [1])];
  scale(device, x, y, 2);
  const waiting = [device.read(y), device.compile([BROKEN])].map((promise) =>
    assertRejects(() => promise, DeviceLostError, "was lost (driver reset)")
  );
  lose({ message: "driver reset" } as GPUDeviceLostInfo);
  await Promise.all(waiting);
  await assertRejects(() => y.toArray(), DeviceLostError, "was lost");
});
