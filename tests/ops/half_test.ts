import { assertEquals } from "@std/assert";
import { type Device, fromArray, Tensor, zeros } from "../../mod.ts";
import { fromHalf, toHalf } from "../../lib/ops/half.ts";
import { assertAllClose, HALF } from "../helpers/all_close.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { needsFloat16 } from "../helpers/float16.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

/** Rounds numbers to f16 and back on a device. */
async function roundTrip(
  device: Device,
  numbers: readonly number[],
): Promise<{ numbers: number[]; bits: Uint16Array }> {
  using _scope = device.scope();
  const size = numbers.length;
  const half = new Tensor(device, [size / 2]);
  const target = new Tensor(device, [size]);
  toHalf(device, fromArray(device, numbers, [size]), half);
  fromHalf(device, half, target);
  const bits = new Uint16Array(await device.read(half));
  return { numbers: [...await target.toArray()], bits };
}

Deno.test(
  needsFloat16(
    "toHalf() rounds to f16, over less than a workgroup, part of one, and several",
  ),
  async () => {
    for (const { name, device } of KERNEL_SETS) {
      for (const size of [4, 68, 4 * 64 * 3 + 8]) {
        const expected = values(size).map((x, i) => x * 10 ** (i % 7 - 3));
        const { numbers } = await roundTrip(device, expected);
        assertAllClose(numbers, expected, HALF, name);
        const other = await roundTrip(device, numbers);
        assertEquals(other.numbers, numbers, "numbers of f16 stay as they are");
      }
    }
  },
);

Deno.test("toHalf() spreads over both axes of a dispatch", async () => {
  using _scope = device.scope();
  const size = 4 * (64 * device.maxWorkgroups + 5);
  const part = (tensor: Tensor, count: number, byteOffset: number) =>
    new Tensor(device, [count], { storage: tensor.storage, byteOffset });
  const source = zeros(device, [size]);
  device.upload(part(source, 4, 4 * size - 16), Float32Array.of(1, 2, 3, 4));
  const half = new Tensor(device, [size / 2]);
  toHalf(device, source, half);
  const end = await device.read(part(half, 2, 2 * size - 8));
  assertEquals([...new Uint16Array(end)], [0x3c00, 0x4000, 0x4200, 0x4400]);
});

Deno.test(
  needsFloat16(
    "toHalf() turns numbers beyond the range of f16 into infinities, and keeps NaN",
  ),
  async () => {
    const cases: [number, number][] = [
      [0, 0],
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [-65504, 0xfbff],
      [65520, 0x7c00],
      [-65520, 0xfc00],
      [1e30, 0x7c00],
      [Infinity, 0x7c00],
      [-Infinity, 0xfc00],
      [2 ** -14, 0x0400],
      [NaN, 0x7e00],
    ];
    for (const { name, device } of KERNEL_SETS) {
      const { numbers, bits } = await roundTrip(device, cases.map(([x]) => x));
      assertEquals([...bits], cases.map(([, half]) => half), name);
      const expected = cases.map(([x]) =>
        Math.abs(x) >= 65520 ? x * Infinity : x
      );
      assertEquals(numbers, expected, name);
    }
  },
);
