import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  AdamW,
  BertConfig,
  BertForSequenceClassification,
  type Device,
  DeviceLostError,
  fromArray,
  HostTensor,
  Kernel,
  linear,
  requestDevice,
} from "../../../mod.ts";
import { nameOf } from "../../../lib/ops/gemm/tile.ts";
import { CANDIDATES } from "../../../lib/ops/gemm/tiles.ts";
import { measureTiles, timeTiles } from "../../../lib/ops/gemm/time_tiles.ts";
import { classOf } from "../../../lib/ops/gemm/tuner.ts";
import { fakeClock } from "../../helpers/fake_clock.ts";
import { assertIdentical } from "../../helpers/small_bindings.ts";

Deno.test("classOf() rounds sizes up to powers of two within limits", () => {
  const name = (m: number, n: number, k: number) => classOf("NT", { m, n, k });
  assertEquals(name(400, 768, 3072), "NT 512x1024x2048");
  assertEquals(name(512, 1024, 1), "NT 512x1024x32");
  assertEquals(name(513, 30522, 33), "NT 1024x2048x64");
});

Deno.test("timeTiles() times every candidate", async () => {
  using device = await requestDevice({ kernels: "hardware" });
  for (const layout of ["NT", "NN", "TN"] as const) {
    // K is in parts, and no multiple of any depth.
    const times = await timeTiles(device, layout, { m: 9, n: 20, k: 300 });
    assertEquals(times.map(({ tile }) => tile), CANDIDATES.map(nameOf));
    for (const { tile, ms } of times) assert(ms > 0, tile);
  }
  assertEquals(device.memory.liveBytes, 0);
});

/** A device of which every dispatch takes `ms`, which may depend on its parameters. */
async function slowDevice(
  ms: number | ((params: Record<string, number>) => number),
): Promise<Device> {
  const device = await requestDevice({
    kernels: "hardware",
    tuning: "measure",
  });
  const { profile } = device;
  device.profile = async (...args: Parameters<typeof profile>) =>
    (await profile.apply(device, args)).map((run) => ({
      ...run,
      ms: typeof ms === "number" ? ms : ms(run.params),
    }));
  return device;
}

Deno.test("measureTiles() gives each product and tile its best time", async () => {
  using device = await requestDevice({ kernels: "hardware" });
  const { profile } = device;
  let call = 0;
  device.profile = async (...args: Parameters<typeof profile>) => {
    const runs = await profile.apply(device, args);
    const half = runs.length / 2;
    // In the second call, ten ms per product, one more per tile; the second round is faster.
    return call++ === 0 ? runs : runs.map((run, i) => {
      const [product, tile] = [Math.floor(i % half / 6), i % 6];
      return { ...run, ms: 10 * product + tile + (i < half ? 1 : 0.5) };
    });
  };
  const shapes = [32, 64].map((m) => ({
    layout: "TN" as const,
    m,
    n: 32,
    k: 32,
  }));
  const { times } = await measureTiles(device, shapes);
  assertEquals(
    times.map((tiles) => tiles.map(({ ms }) => ms)),
    [[0.5, 1.5, 2.5, 3.5, 4.5, 5.5], [10.5, 11.5, 12.5, 13.5, 14.5, 15.5]],
  );
});

Deno.test("measureTiles() times as many products as there is time for", async () => {
  using _clock = fakeClock(); // compiling takes no time
  const shapes = [32, 64, 96].map((m) => ({
    layout: "NT" as const,
    m,
    n: 32,
    k: 32,
  }));
  // Each product once, then twelve times: two rounds of six tiles.
  for (const [limitMs, count] of [[14, 0], [27, 2], [38, 2], [39, 3]]) {
    using device = await slowDevice(1);
    const { times, spentMs } = await measureTiles(device, shapes, limitMs);
    assertEquals(times.filter((tiles) => tiles.length === 6).length, count);
    assertEquals(times.filter((tiles) => tiles.length > 0).length, count);
    assertEquals(spentMs, 3 + 12 * count!);
    assertEquals(device.memory.liveBytes, 0);
  }
  // Fast products run several times in a row.
  using fast = await slowDevice(0.25);
  assertEquals((await measureTiles(fast, shapes)).spentMs, 0.75 + 4 * 9);
  assertEquals((await measureTiles(fast, shapes, 40)).spentMs, 0.75 + 2 * 9);

  // A slow one does not keep out the others.
  using mixed = await slowDevice(({ m }) => m === 32 ? 100 : 1);
  const { times } = await measureTiles(mixed, shapes, 200);
  assertEquals(times.map((tiles) => tiles.length), [0, 6, 6]);
});

const CONFIG = new BertConfig({
  vocabSize: 50,
  hiddenSize: 32,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 36,
  maxPositionEmbeddings: 8,
});
const BATCH = {
  inputIds: HostTensor.from([[5, 6, 7, 8, 9], [3, 4, 5, 6, 7]]),
  tokenTypeIds: HostTensor.from([[0, 0, 0, 1, 1], [0, 0, 1, 1, 1]]),
  attentionMask: HostTensor.from([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]),
  labels: HostTensor.from([0, 1]),
};
const STEPS = 4;

/** The weights after a few steps. */
async function train(device: Device): Promise<Map<string, Float32Array>> {
  const model = BertForSequenceClassification.fromConfig(CONFIG, {
    device,
    seed: 7,
  });
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  for (let step = 0; step < STEPS; step++) {
    using _step = device.scope();
    const { loss } = model.forward(BATCH);
    loss!.backward();
    optimizer.step();
    optimizer.zeroGrad();
    await loss!.item(); // the candidates are timed after it
  }
  const weights = new Map<string, Float32Array>();
  for (const [name, parameter] of model.namedParameters()) {
    weights.set(name, await parameter.toArray());
  }
  return weights;
}

Deno.test("a run that measures, one that does not, and one with a table have the same bits", async () => {
  using plain = await requestDevice({ kernels: "hardware", tuning: "none" });
  using measuring = await requestDevice({
    kernels: "hardware",
    tuning: "measure",
  });
  const expected = await train(plain);
  assertEquals(plain.tuning.table.size, 0);
  let measured;
  {
    using _clock = fakeClock(); // stands still, so that a busy machine measures too
    measured = await train(measuring);
    await measuring.tuning.settled;
  }
  const { table } = measuring.tuning;
  assert(table.size >= 3, `${table.size} classes were measured`);

  // Every other tile, wherever one was chosen.
  const other = Object.fromEntries(
    [...table].map(([name, tile], i) => {
      const others = CANDIDATES.map(nameOf).filter((name) => name !== tile);
      return [name, others[i % others.length]!];
    }),
  );
  using tabled = await requestDevice({ kernels: "hardware", tuning: other });
  const chosen = await train(tabled);
  assertEquals(Object.fromEntries(tabled.tuning.table), other);
  for (const [name, values] of expected) {
    assertIdentical(measured.get(name)!, values, `${name}, measured`);
    assertIdentical(chosen.get(name)!, values, `${name}, from a table`);
  }
});

Deno.test("measuring ends after two seconds in all", async () => {
  using _clock = fakeClock();
  using device = await slowDevice(30);
  await train(device);
  await device.tuning.settled; // in a browser the steps do not wait for it
  const { table, spentMs } = device.tuning;
  assert(table.size > 0 && table.size < 6, `${table.size} of many classes`);
  assert(spentMs > 1000 && spentMs <= 2000, `measuring took ${spentMs} ms`);

  device.tuning.spentMs = 2000;
  let calls = 0;
  device.profile = () => {
    calls++;
    return Promise.resolve([]);
  };
  using _scope = device.scope();
  const x = fromArray(device, new Float32Array(300 * 8), [300, 8]);
  const y = linear(x, x); // a new class
  await y.toArray();
  assertEquals(calls, 0);
});

/** Computes a product of a class, and waits until that is measured. */
async function multiply(device: Device, rows: number): Promise<void> {
  {
    using _scope = device.scope();
    const x = fromArray(device, new Float32Array(rows * 8), [rows, 8]);
    await linear(x, x).toArray();
  }
  await device.tuning.settled;
}

const BROKEN = new Kernel(
  "broken",
  `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = missing; }
`,
);

Deno.test("an error of other work does not end measuring", async () => {
  using _clock = fakeClock();
  using device = await slowDevice(1);
  for (let step = 0; step < 3; step++) { // more often than a class may fail
    using _scope = device.scope();
    const x = fromArray(device, new Float32Array(64), [8, 8]);
    const y = linear(x, x);
    device.dispatch(BROKEN, [y], {}, 1);
    await assertRejects(() => y.toArray(), Error, "broken");
    await device.tuning.settled;
    assertEquals(device.tuning.table.size, 0);
  }
  await multiply(device, 8);
  assertEquals([...device.tuning.table.keys()], ["NT 32x32x32"]);
});

Deno.test("a class that cannot be measured keeps the first tile, and others are measured", async () => {
  using _clock = fakeClock();
  using device = await slowDevice(1);
  const { profile } = device;
  let measured = 0;
  let fails = true;
  device.profile = async (...args: Parameters<typeof profile>) => {
    const runs = await profile.apply(device, args);
    if (runs.length > 0) measured++;
    if (runs.length > 0 && fails) throw new Error("no room");
    return runs;
  };
  for (let step = 0; step < 4; step++) await multiply(device, 8);
  assertEquals(measured, 2);
  fails = false;
  await multiply(device, 8);
  await multiply(device, 33);
  assertEquals([...device.tuning.table.keys()], ["NT 64x64x32"]);
});

Deno.test("the loss of the device ends measuring", async () => {
  using device = await slowDevice(1);
  let calls = 0;
  device.profile = () => {
    calls++;
    return Promise.reject(new DeviceLostError("gone"));
  };
  for (const rows of [8, 8, 33]) await multiply(device, rows);
  assertEquals(calls, 1);
});

Deno.test("a table decides the tile of its classes, and of no others", async () => {
  const [safe, other] = CANDIDATES.map(nameOf) as [string, string];
  using device = await requestDevice({
    kernels: "hardware",
    tuning: { "NT 32x32x32": other },
  });
  using _scope = device.scope();
  const labels = async (rows: number) => {
    const x = fromArray(device, new Float32Array(rows * 8), [rows, 8]);
    const weight = fromArray(device, new Float32Array(64), [8, 8]);
    const runs = await device.profile(() => linear(x, weight));
    return runs.map(({ kernel }) => kernel.match(/\d+x\d+x\d+_\d+x\d+/)?.[0]);
  };
  assertEquals(await labels(32), [other]);
  assertEquals(await labels(33), [safe]);
});

Deno.test("a table that names an unknown class or tile is refused at the first product", async () => {
  const cases = [
    [{ "NT 32x32x32": "3x3x3_8x8" }, '"3x3x3_8x8"; the tiles are 4x8x16_8x8, '],
    [{ "nt 32x32": "4x8x16_8x8" }, '"nt 32x32" is no class of products'],
  ] as const;
  for (const [tuning, message] of cases) {
    using device = await requestDevice({ kernels: "hardware", tuning });
    using _scope = device.scope();
    const x = fromArray(device, new Float32Array(64), [8, 8]);
    assertThrows(() => linear(x, x), RangeError, message);
  }
});
