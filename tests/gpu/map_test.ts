import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type BufferBinding,
  type Device,
  DeviceLostError,
  fromArray,
  requestDevice,
  Tensor,
} from "../../mod.ts";
import { rowsFrom } from "../../lib/tensor/shards.ts";
import { device } from "../helpers/device.ts";
import { observe } from "../helpers/observe.ts";
import { makesLate, requestReplaced } from "./late_device.ts";
import { compileScale, scale } from "./scale_kernel.ts";

/** Maps ranges; returns their values, and the number of submits that were left to do. */
async function map(device: Device, sources: BufferBinding[]) {
  const mapped = device.map(sources);
  const { submits } = device.counters;
  device.submit();
  const left = device.counters.submits - submits;
  const values: number[][] = [];
  for (const promise of mapped) {
    const { bytes, unmap } = await promise;
    values.push([...new Float32Array(bytes())]);
    unmap();
  }
  return { values, left };
}

/** Numbers n, n + 1, … */
const range = (first: number, length: number, own = device) =>
  fromArray(own, Array.from({ length }, (_, i) => first + i), [length]);

Deno.test("Device.map() leaves the commands that its ranges do not depend on", async () => {
  await compileScale(device); // or the recording is not split
  using _step = device.scope();
  const x = range(1, 2);
  const [y, z] = [new Tensor(device, [2]), new Tensor(device, [2])];
  scale(device, x, y, 2);
  scale(device, y, z, 5);
  scale(device, z, x, 7);
  assertEquals(await map(device, [y]), { values: [[2, 4]], left: 1 });
  assertEquals([...await x.toArray()], [70, 140]);
  scale(device, x, y, 3);
  scale(device, y, z, 2);
  scale(device, z, x, 1);
  const both = await map(device, [y, z]);
  assertEquals(both, { values: [[210, 420], [420, 840]], left: 1 });
  assertEquals(await map(device, [x]), { values: [[420, 840]], left: 0 });
  scale(device, x, z, 2);
  device.submit();
  scale(device, x, y, 1);
  assertEquals(await map(device, [z]), { values: [[840, 1680]], left: 1 });
});

Deno.test("Device.map() waits for the last write to any part of a range", async () => {
  await compileScale(device);
  using _step = device.scope();
  const ones = fromArray(device, Array(64).fill(1), [64]);
  const x = range(0, 192);
  const writes: [name: string, write: (target: Tensor) => void][] = [
    ["dispatch", (target) => scale(device, ones, target, -1)],
    ["copy", (target) => device.copy(ones, target)],
    ["clear", (target) => device.clear(target)],
  ];
  for (const [name, write] of writes) {
    const cases: [
      written: number,
      first: number,
      size: number,
      left: number,
    ][] = [
      [64, 64, 64, 0],
      [64, 127, 1, 0],
      [64, 0, 65, 0],
      [64, 0, 192, 0],
      [64, 0, 64, 1],
      [64, 128, 64, 1],
    ];
    for (const [written, first, size, left] of cases) {
      device.clear(x);
      write(rowsFrom(x, written, 64));
      const read = await map(device, [rowsFrom(x, first, size)]);
      assertEquals(read.left, left, `${name}: ${first}, ${size}`);
    }
  }
});

Deno.test("Device.map() splits a recording again and again", async () => {
  await compileScale(device);
  using _step = device.scope();
  const x = fromArray(device, [1], [1]);
  const y = new Tensor(device, [4 * 64]);
  const parts = [0, 1, 2, 3].map((i) => rowsFrom(y, 64 * i, 1));
  parts.forEach((part, i) => scale(device, x, part, i + 1));
  device.clear(x);
  const { submits } = device.counters;
  const reads = [1, 0, 2, 3].map((i) => device.map([parts[i]!])[0]!);
  device.submit();
  assertEquals(device.counters.submits - submits, 5);
  const values = [];
  for (const read of reads) {
    const { bytes, unmap } = await read;
    values.push(new Float32Array(bytes())[0]);
    unmap();
  }
  assertEquals(values, [2, 1, 3, 4]);
  assertEquals(await x.item(), 0);
});

Deno.test("Device.map() submits all where a pipeline is to be made", async () => {
  using late = await requestReplaced(makesLate);
  using _step = late.scope();
  const x = range(1, 2, late);
  const [y, z] = [new Tensor(late, [2]), new Tensor(late, [2])];
  scale(late, x, y, 2);
  scale(late, y, z, 5);
  assertEquals(await map(late, [y]), { values: [[2, 4]], left: 0 });
  assertEquals([...await z.toArray()], [10, 20]);
});

Deno.test("Device.map() maps at once, so that a later submit does not delay it", async () => {
  await compileScale(device);
  using _step = device.scope();
  let maps = 0;
  using _maps = observe(GPUBuffer.prototype, "mapAsync", () => maps++);
  const reads = device.map([range(1, 2), range(3, 4)]);
  assertEquals(maps, 2);
  for (const read of reads) (await read).unmap();
});

Deno.test("Device.map() of a destroyed device throws", async () => {
  const own = await requestDevice();
  const x = range(1, 2, own);
  const [read] = own.map([x, x]);
  own.destroy();
  await assertRejects(() => read!, DeviceLostError);
  await new Promise((resolve) => setTimeout(resolve)); // unhandled rejections end the test
  assertThrows(() => own.map([x]), DeviceLostError);
});
