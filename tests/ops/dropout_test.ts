import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { dropout } from "../../lib/ops/dropout.ts";
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { dropoutScale } from "../helpers/philox.ts";

const KEY = { p: 0.1, seed: 0xdeadbeef, step: 7, site: 3 };

// Vec4s, no multiple of 4, and more than one workgroup.
const SHAPES = [[2, 8], [3, 7], [5, 300]];

Deno.test("dropout() applies the mask of Philox, forward and backward", async (t) => {
  for (const shape of SHAPES) {
    await t.step(`[${shape}]`, async () => {
      using _scope = device.scope();
      const size = shape[0]! * shape[1]!;
      const [x, dY] = [values(size), values(size, 1)];
      const scales = x.map((_, i) => dropoutScale(KEY, i));
      assert(scales.includes(0), "some element is dropped");
      const leaf = fromArray(device, x, shape, { requiresGrad: true });
      const y = dropout(leaf, KEY);
      y.backward(fromArray(device, dY, shape));
      assertAllClose(
        await y.toArray(),
        x.map((v, i) => v * scales[i]!),
        F32_OP,
      );
      assertAllClose(
        await leaf.grad!.toArray(),
        dY.map((v, i) => v * scales[i]!),
        F32_GRAD,
      );
    });
  }
});

Deno.test("dropout() of some rows of a batch draws their masks of the whole batch", async () => {
  using _scope = device.scope();
  // The elements of four rows are a multiple of 4, those before them are not.
  for (const [rows, columns, firstRow] of [[4, 7, 1], [3, 8, 2]] as const) {
    const size = rows * columns;
    const ones = new Float32Array(size).fill(1);
    const x = fromArray(device, ones, [rows, columns]);
    assertEquals(
      await dropout(x, { ...KEY, firstRow }).toArray(),
      ones.map((_, i) => dropoutScale(KEY, firstRow * columns + i)),
    );
    const batchRows = rows; // after its last row comes its first
    assertEquals(
      await dropout(x, { ...KEY, firstRow, batchRows }).toArray(),
      ones.map((_, i) =>
        dropoutScale(KEY, (firstRow * columns + i) % (batchRows * columns))
      ),
    );
  }
});

Deno.test("dropout() drops a share p and keeps the mean", async () => {
  using _scope = device.scope();
  const size = 1 << 16;
  const ones = fromArray(device, new Float32Array(size).fill(1), [size]);
  const y = await dropout(ones, { ...KEY, p: 0.3 }).toArray();
  const dropped = y.filter((v) => v === 0).length / size;
  const mean = y.reduce((a, b) => a + b) / size;
  // Five standard deviations of a share of 0.3.
  const bound = 5 * Math.sqrt(0.3 * 0.7 / size);
  assert(Math.abs(dropped - 0.3) < bound, `${dropped} are dropped`);
  assert(Math.abs(mean - 1) < bound / 0.7, `the mean is ${mean}`);
});

Deno.test("dropout() has another mask for another seed, step or site", async () => {
  using _scope = device.scope();
  const ones = fromArray(device, new Float32Array(512).fill(1), [512]);
  const draws = [
    KEY,
    { ...KEY, seed: 1 },
    { ...KEY, step: 8 },
    { ...KEY, site: 4 },
  ].map(async (key) => (await dropout(ones, key).toArray()).join());
  assertEquals(new Set(await Promise.all(draws)).size, 4);
});

Deno.test("dropout() with p = 0 returns its input", () => {
  using _scope = device.scope();
  const x = zeros(device, [3]);
  assertStrictEquals(dropout(x, { ...KEY, p: 0 }), x);
});

Deno.test("dropout() rejects a probability of 1", () => {
  using _scope = device.scope();
  assertThrows(
    () => dropout(zeros(device, [3]), { ...KEY, p: 1 }),
    RangeError,
    "Cannot drop elements with probability 1: it must be at least 0 and less than 1",
  );
});
