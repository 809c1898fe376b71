import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  type Device,
  fromArray,
  linear,
  mul,
  OutOfMemoryError,
  requestDevice,
  sum,
  Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { withMemory } from "../helpers/small_memory.ts";
import { FROM_TEXTURE } from "./from_texture_kernel.ts";
import { requestReplaced } from "./late_device.ts";
import { scale } from "./scale_kernel.ts";

/** A step that keeps a gradient of `[256]`. */
function step(device: Device, x: Tensor): void {
  using _step = device.scope();
  sum(mul(mul(x, x), x)).backward();
}

Deno.test("Device.dryRun() allocates what the work does, and runs nothing", async () => {
  const peaks: number[] = [];
  for (const isDry of [true, false]) {
    using own = await requestDevice();
    const x = fromArray(own, new Array(256).fill(2), [256], {
      requiresGrad: true,
    });
    const y = fromArray(own, [1, 2], [2]);
    const work = () => {
      scale(own, fromArray(own, [5, 6], [2]), y, 10);
      step(own, x);
    };
    if (isDry) await own.dryRun(work);
    else work();
    peaks.push(own.memory.peakBytes);
    if (isDry) assertEquals(own.counters.pipelines, 0);
    const expected = isDry ? [1, 2, 0] : [50, 60, 12];
    assertEquals(
      [...await y.toArray(), (await x.grad!.toArray())[255]],
      expected,
    );
  }
  assertEquals(peaks[0], peaks[1]);
});

Deno.test("Device.dryRun() runs what was recorded before, and what comes after", async () => {
  using _scope = device.scope();
  const y = new Tensor(device, [1]);
  scale(device, fromArray(device, [3], [1]), y, 2);
  await device.dryRun(() => {
    scale(device, fromArray(device, [4], [1]), y, 2);
    device.submit(); // as a recording that is full does
    scale(device, fromArray(device, [5], [1]), y, 2);
  });
  assertEquals([...await y.toArray()], [6]);
  scale(device, fromArray(device, [7], [1]), y, 2);
  assertEquals([...await y.toArray()], [14]);
});

Deno.test("Device.dryRun() leaves operands in the texture that later commands find", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 3, 4], [4]);
  const y = new Tensor(device, [4]);
  const read = () => device.dispatch(FROM_TEXTURE, [x, y], { x_offset: 0 }, 1);
  device.clear(y);
  await device.dryRun(read);
  assertEquals([...await y.toArray()], [0, 0, 0, 0]);
  read();
  assertEquals([...await y.toArray()], [1, 2, 3, 4]);
});

Deno.test("Device.dryRun() throws the errors of allocations", async () => {
  using own = await requestReplaced((gpu) => {
    const { createBuffer } = withMemory(gpu, 1 << 20);
    return { createBuffer };
  });
  const allocate = (byteLength: number) => () => {
    using _scope = own.scope();
    own.allocate(byteLength);
  };
  await assertRejects(
    () => own.dryRun(allocate(1 << 20)),
    OutOfMemoryError,
    "not enough memory left",
  );
  await assertRejects(
    () => own.dryRun(allocate(2 ** 40)),
    OutOfMemoryError,
    `Cannot allocate ${2 ** 40} bytes`,
  );
});

Deno.test("Device.dryRun() throws what the work throws, and ends", async () => {
  const fail = () => {
    throw new RangeError("no");
  };
  await assertRejects(() => device.dryRun(fail), RangeError, "no");
  using _scope = device.scope();
  const y = new Tensor(device, [1]);
  scale(device, fromArray(device, [4], [1]), y, 2);
  assertEquals([...await y.toArray()], [8]);
});

Deno.test("Device.dryRun() measures no tiles", async () => {
  using own = await requestDevice({ kernels: "hardware", tuning: "measure" });
  const { tuning } = own;
  const { settled } = tuning;
  const product = () => {
    using _scope = own.scope();
    linear(new Tensor(own, [64, 64]), new Tensor(own, [64, 64]));
  };
  await own.dryRun(product);
  assertStrictEquals(tuning.settled, settled);
  product();
  assertEquals(tuning.settled === settled, false);
  await tuning.settled;
});
