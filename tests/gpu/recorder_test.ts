import { assert, assertEquals } from "@std/assert";
import {
  add,
  fromArray,
  layerNorm,
  mul,
  requestDevice,
  sum,
  Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { FROM_TEXTURE } from "./from_texture_kernel.ts";
import { scale } from "./scale_kernel.ts";

Deno.test("Recorder reuses buffers, bind groups and pipelines in every step", async () => {
  using own = await requestDevice();
  const leaf = (seed: number) =>
    fromArray(own, Array.from({ length: 12 }, (_, i) => Math.sin(seed + i)), [
      12,
    ], { requiresGrad: true });
  const [scale, weight, bias] = [leaf(0), leaf(1), leaf(2)];
  const losses: Promise<number>[] = [];
  const counts: unknown[] = [];
  for (let step = 0; step < 5; step++) {
    {
      using _step = own.scope();
      const x = fromArray(own, Array(36).fill(step + 1), [3, 12]);
      const y = layerNorm(mul(x, scale), weight, bias, 1e-12);
      const loss = sum(mul(add(y, x), y));
      loss.backward();
      for (const parameter of [scale, weight, bias]) parameter.grad = undefined;
      losses.push(own.readLater(loss));
    }
    const { buffers, bindGroups, pipelines, submits, waits } = own.counters;
    counts.push({ buffers, bindGroups, pipelines, submits: submits - step });
    assertEquals(waits, 0);
  }
  assertEquals(counts[2], counts[1]);
  assertEquals(counts[3], counts[1]);
  assertEquals(counts[4], counts[1]);
  await own.flushReads();
  assertEquals((await Promise.all(losses)).length, 5);
});

Deno.test("Recorder uploads after everything recorded before", async () => {
  using _step = device.scope();
  const x = fromArray(device, [1, 2], [2]);
  const first = new Tensor(device, [2]);
  scale(device, x, first, 10);
  device.upload(x, Float32Array.of(3, 4)); // the dispatch must still read 1, 2
  const second = new Tensor(device, [2]);
  scale(device, x, second, 10);
  assertEquals([...await first.toArray()], [10, 20]);
  assertEquals([...await second.toArray()], [30, 40]);
});

Deno.test("Recorder submits nothing for an upload into an unused buffer", async () => {
  const { submits } = device.counters;
  using _step = device.scope();
  const results: Tensor[] = [];
  for (let i = 0; i < 4; i++) {
    const x = fromArray(device, [i], [1]);
    const y = new Tensor(device, [1]);
    scale(device, x, y, 10);
    x.dispose(); // free, but its recording is not submitted yet
    results.push(y);
  }
  assertEquals(device.counters.submits, submits);
  const values = await Promise.all(results.map((y) => y.item()));
  assertEquals(values, [0, 10, 20, 30]);
});

Deno.test("Recorder runs more dispatches than one submit has room for their Params", async () => {
  using _step = device.scope();
  const { submits } = device.counters;
  const x = fromArray(device, [3], [1]);
  const y = new Tensor(device, [1]);
  let last = 0;
  while (device.counters.submits === submits) scale(device, x, y, ++last);
  // The last dispatch did not fit and went into the next submit.
  assertEquals(await y.item(), 3 * last);
  assert(last > 2000);
});

/** Records a read of one vec4 of `x` from its copy in the texture. */
function readTexture(x: Tensor, vector = 0): Tensor {
  const y = new Tensor(x.device, [4]);
  x.device.dispatch(FROM_TEXTURE, [x, y], { "x_offset": vector }, 1);
  return y;
}

async function textureValues(x: Tensor, vector: number): Promise<number[]> {
  return [...await readTexture(x, vector).toArray()];
}

Deno.test("Recorder copies a buffer to the texture, several rows too", async () => {
  for (const vectors of [3, 2048, 2048 + 5, 2 * 2048 + 3]) {
    using _step = device.scope();
    const length = 4 * vectors;
    const values = Float32Array.from({ length }, (_, i) => i);
    const x = fromArray(device, values, [length]);
    for (const vector of [0, 2047, 2048, vectors - 1]) {
      if (vector >= vectors) continue;
      const expected = [0, 1, 2, 3].map((i) => 4 * vector + i);
      assertEquals(await textureValues(x, vector), expected);
    }
  }
});

Deno.test("Recorder updates the copy in the texture after every kind of write", async () => {
  using _step = device.scope();
  const x = fromArray(device, [1, 2, 3, 4], [4]);
  assertEquals(await textureValues(x, 0), [1, 2, 3, 4]);
  device.upload(x, Float32Array.of(5, 6, 7, 8));
  assertEquals(await textureValues(x, 0), [5, 6, 7, 8]);
  scale(device, fromArray(device, [1, 1, 1, 1], [4]), x, 9);
  assertEquals(await textureValues(x, 0), [9, 9, 9, 9]);
  device.copy(fromArray(device, [3, 2], [2]), x);
  assertEquals(await textureValues(x, 0), [3, 2, 9, 9]);
  device.clear(x);
  assertEquals(await textureValues(x, 0), [0, 0, 0, 0]);
});

Deno.test("Recorder copies to the texture only buffers that have changed", () => {
  using _step = device.scope();
  const x = fromArray(device, [1, 2, 3, 4], [4]);
  const passesOf = (work: () => void) => {
    device.submit();
    const { passes } = device.counters;
    work();
    device.submit();
    return device.counters.passes - passes;
  };
  const y = readTexture(x);
  const unchanged = passesOf(() => {
    readTexture(x);
    readTexture(x);
  });
  assertEquals(unchanged, 1);
  const changed = passesOf(() => {
    scale(device, y, x, 2);
    readTexture(x); // a copy ends a pass
  });
  assertEquals(changed, 2);
});

Deno.test("Recorder copies a range of a buffer from its offset", async () => {
  using _step = device.scope();
  const x = fromArray(device, Array.from({ length: 64 }, (_, i) => i), [64]);
  const { storage } = x;
  const view = new Tensor(device, [8], { storage, byteOffset: 32 });
  assertEquals(await textureValues(x, 0), [0, 1, 2, 3]);
  assertEquals(await textureValues(view, 0), [8, 9, 10, 11]);
  assertEquals(await textureValues(view, 1), [12, 13, 14, 15]);
});
