import { assertEquals } from "@std/assert";
import { type Device, fromArray, Tensor, zeros } from "../../mod.ts";
import {
  MIN_SCALE,
  selectSettings,
  unscaleFlat,
  updateScale,
} from "../../lib/ops/grad_scale.ts";
import { values } from "../helpers/check_op.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { smallBindings } from "../helpers/small_bindings.ts";

const BLOCK = 64;
/** A power of two, so that quotients are exact. */
const SCALE = 1024;

/** Numbers whose quotients by the scale are numbers of f32. */
const numbers = (size: number) => [...Float32Array.from(values(size, 3))];

/** Divides gradients, whose every third block is skipped, in one buffer or a split one. */
async function unscale(
  device: Device,
  g: readonly number[],
  isSplit = false,
): Promise<{ g: number[]; foundInf: number }> {
  using _scope = device.scope();
  const size = 4 * Math.ceil(g.length / 4);
  const gradients = new Tensor(
    device,
    [size],
    isSplit ? { storage: device.allocateRows(4 * size, 4) } : {},
  );
  device.clear(gradients);
  device.upload(gradients, Float32Array.from(g));
  const blocks = Array.from(
    { length: Math.ceil(size / BLOCK) },
    (_, block) => (block + 1) % 3,
  );
  const table = fromArray(device, blocks, [blocks.length], { dtype: "u32" });
  const foundInf = zeros(device, []);
  unscaleFlat([{ gradients, table }], fromArray(device, [SCALE], []), foundInf);
  const result = [...await gradients.toArray()].slice(0, g.length);
  return { g: result, foundInf: await foundInf.item() };
}

const isSkipped = (i: number) => (Math.floor(i / BLOCK) + 1) % 3 === 0;
const unscaled = (g: readonly number[]) =>
  g.map((value, i) => isSkipped(i) ? value : value / SCALE);

Deno.test("unscaleFlat() divides less than a workgroup, part of one, and several, but for the blocks of others", async () => {
  for (const { name, device } of KERNEL_SETS) {
    for (const size of [5, 67, 70 * BLOCK + 8]) {
      const g = numbers(size);
      const expected = { g: unscaled(g), foundInf: 0 };
      assertEquals(await unscale(device, g), expected, `${name} ${size}`);
    }
  }
});

Deno.test("unscaleFlat() finds a number that is not finite wherever it is, but in the blocks of others", async () => {
  const size = 6 * BLOCK;
  for (const { name, device } of KERNEL_SETS) {
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (const at of [0, 1, 2, 3, 63, 64, 130, 200, size - 1]) {
        const g = numbers(size).with(at, bad);
        const { foundInf } = await unscale(device, g);
        assertEquals(foundInf, Number(!isSkipped(at)), `${name} ${bad} ${at}`);
      }
    }
    const largest = numbers(size).with(5, 3.4028234663852886e38);
    assertEquals((await unscale(device, largest)).foundInf, 0);
  }
});

Deno.test("unscaleFlat() divides a split buffer as a whole one", async () => {
  // Shards of 3968 blocks: no multiple of the period of the table.
  const size = 8010 * BLOCK;
  for (const { device } of await smallBindings(3968 * BLOCK * 4)) {
    const g = numbers(size);
    assertEquals(await unscale(device, g, true), {
      g: unscaled(g),
      foundInf: 0,
    });
    for (const at of [3, 3968 * BLOCK, 7936 * BLOCK - 1, size - 1]) {
      const { foundInf } = await unscale(device, g.with(at, NaN), true);
      assertEquals(foundInf, Number(!isSkipped(at)), `${at}`);
    }
  }
});

Deno.test("updateScale() backs off and grows within the normal numbers of f32", async () => {
  const settings = { growthFactor: 2, backoffFactor: 0.25, growthInterval: 2 };
  const cases: [number, number, number, number, number][] = [
    // scale, tracker, found, then scale and tracker
    [8, 0, 0, 8, 1],
    [8, 1, 0, 16, 0],
    [8, 1, 1, 2, 0],
    [8, 1, 2, 2, 0], // of two optimizers
    [2 ** 127, 1, 0, 2 ** 127, 0],
    [2 * MIN_SCALE, 1, 1, MIN_SCALE, 0],
    [MIN_SCALE, 0, 1, MIN_SCALE, 0],
  ];
  for (const { device } of KERNEL_SETS) {
    for (const [scale, tracker, found, ...expected] of cases) {
      using _scope = device.scope();
      const scales = fromArray(device, [scale], []);
      const trackers = fromArray(device, [tracker], [], { dtype: "u32" });
      updateScale(scales, trackers, fromArray(device, [found], []), settings);
      const after = [await scales.item(), await trackers.item()];
      assertEquals(after, expected);
    }
  }
});

Deno.test("selectSettings() selects by the skipped steps of each parameter, and counts them", async () => {
  const parameters = 150; // several workgroups
  const row = (value: number) => Array.from({ length: 8 }, () => value);
  const candidates = [10, 20, 30, 40].map(row);
  // Every third one takes no part; others start at candidate 1 or 2, and have skipped 0 or 1 more.
  const of = Array.from({ length: parameters }, (_, p) => ({
    first: p % 3 && 1 + p % 2,
    known: p % 5,
    skipped: p % 5 + (p >> 2) % 2,
  }));
  for (const { device } of KERNEL_SETS) {
    for (const found of [0, 1]) {
      using _scope = device.scope();
      const integers = (list: number[], shape: number[]) =>
        fromArray(device, list, shape, { dtype: "u32" });
      const skipped = integers(of.map(({ skipped }) => skipped), [parameters]);
      const settings = zeros(device, [parameters, 8]);
      selectSettings(
        integers(of.flatMap(({ first, known }) => [first, known]), [
          parameters,
          2,
        ]),
        fromArray(device, candidates.flat(), [candidates.length, 8]),
        fromArray(device, [found], []),
        skipped,
        settings,
      );
      assertEquals(
        [...await skipped.toArray()],
        of.map(({ first, skipped }) => skipped + (first && found)),
      );
      assertEquals(
        [...await settings.toArray()],
        of.flatMap(({ first, known, skipped }) =>
          first === 0
            ? row(0)
            : candidates[first - 1 + skipped - known]!.with(7, found)
        ),
      );
    }
  }
});
