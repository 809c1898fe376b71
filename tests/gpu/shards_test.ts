import { assertEquals, assertStrictEquals } from "@std/assert";
import { fromArray, type Shape, Tensor, zeros } from "../../mod.ts";
import type {
  BufferBinding,
  StorageBuffer,
} from "../../lib/gpu/storage_buffer.ts";
import { rowsPerShard, splitCopy, splitRange } from "../../lib/gpu/shards.ts";
import { shardsOf } from "../../lib/tensor/shards.ts";
import { values } from "../helpers/check_op.ts";
import { assertIdentical, smallBindings } from "../helpers/small_bindings.ts";

Deno.test("rowsPerShard() fills a binding with whole rows, at a multiple of 4096 elements", () => {
  const cases: [columns: number, maxBytes: number, rows: number][] = [
    [768, 128 * 2 ** 20, 43648],
    [64, 64 * 1024, 256],
    [64, 64 * 1024 + 16383, 256],
    [64, 16 * 1024, 64],
    [64, 16 * 1024 - 16, 0],
    [312, 2 ** 20, 512],
    [1, 2 ** 20, 2 ** 18],
    [3, 2 ** 20, 86016],
  ];
  for (const [columns, maxBytes, expected] of cases) {
    const rows = rowsPerShard(4 * columns, maxBytes);
    assertEquals(rows, expected, `${columns} columns`);
    assertEquals([rows % 64, rows * columns % 4096], [0, 0]);
  }
});

const whole = (byteLength: number) =>
  ({ byteLength, id: byteLength }) as StorageBuffer;
const [a, b, c] = [whole(64), whole(32), whole(48)];
const split = {
  byteLength: 144,
  shards: [a, b, c],
} as unknown as StorageBuffer;

const range = (
  storage: StorageBuffer,
  byteOffset: number,
  byteLength: number,
): BufferBinding => ({ storage, byteOffset, byteLength });

Deno.test("splitRange() ends each part with its shard", () => {
  const cases: [BufferBinding, BufferBinding[]][] = [
    [range(split, 0, 144), [range(a, 0, 64), range(b, 0, 32), range(c, 0, 48)]],
    [range(split, 32, 40), [range(a, 32, 32), range(b, 0, 8)]],
    [range(split, 64, 32), [range(b, 0, 32)]],
    [range(split, 100, 4), [range(c, 4, 4)]],
  ];
  for (const [whole, parts] of cases) assertEquals(splitRange(whole), parts);
  const unsplit = range(a, 16, 8);
  assertStrictEquals(splitRange(unsplit)[0], unsplit);
});

Deno.test("splitCopy() pairs the shards of both buffers", () => {
  const other = whole(200);
  assertEquals(splitCopy(range(split, 32, 80), range(other, 8, 200)), [
    [range(a, 32, 32), range(other, 8, 32)],
    [range(b, 0, 32), range(other, 40, 32)],
    [range(c, 0, 16), range(other, 72, 16)],
  ]);
  assertEquals(splitCopy(range(other, 8, 72), range(split, 40, 104)), [
    [range(other, 8, 24), range(a, 40, 24)],
    [range(other, 32, 32), range(b, 0, 32)],
    [range(other, 64, 16), range(c, 0, 16)],
  ]);
  const reversed = { shards: [c, b, a] } as unknown as StorageBuffer;
  assertEquals(splitCopy(range(split, 0, 96), range(reversed, 0, 144)), [
    [range(a, 0, 48), range(c, 0, 48)],
    [range(a, 48, 16), range(b, 0, 16)],
    [range(b, 0, 16), range(b, 16, 16)],
    [range(b, 16, 16), range(a, 0, 16)],
  ]);
});

const SMALL = await smallBindings(64 * 1024);

Deno.test("Device uploads, copies, clears and reads a split buffer", async () => {
  for (const { device } of SMALL) {
    const make = (shape: Shape) => {
      const storage = device.allocateRows(4 * shape[0]! * 64, 256);
      return new Tensor(device, shape, { storage });
    };
    const table = make([700, 64]);
    assertEquals(
      shardsOf(table).map(({ rows, first }) => [first, rows.shape]),
      [[0, [256, 64]], [256, [256, 64]], [512, [188, 64]]],
    );
    const padded = new Tensor(device, [40_001], {
      storage: device.allocateRows(4 * 40_064, 4),
    });
    assertEquals(
      shardsOf(padded).map(({ rows, first }) => [first, rows.size]),
      [[0, 16_384], [16_384, 16_384], [32_768, 7233]],
    );
    const numbers = Float32Array.from(values(700 * 64));
    device.upload(table, numbers);
    assertIdentical(await table.toArray(), numbers, "table");
    for (const { rows, first } of shardsOf(table)) {
      const own = numbers.subarray(64 * first, 64 * first + rows.size);
      assertIdentical(await rows.toArray(), own, "shard");
    }

    const twin = make([700, 64]);
    device.copy(table, twin);
    assertIdentical(await twin.toArray(), numbers, "twin");

    // Rows 250 to 260, at the end of the first shard.
    const rows = new Tensor(device, [10, 64], {
      storage: table.storage,
      byteOffset: 250 * 256,
    });
    const copied = zeros(device, [10, 64]);
    device.copy(rows, copied);
    const tenRows = numbers.slice(250 * 64, 260 * 64);
    assertIdentical(await copied.toArray(), tenRows, "copy");
    assertIdentical(await rows.toArray(), tenRows, "rows");
    device.clear(rows);
    assertIdentical(
      await table.toArray(),
      numbers.map((value, i) => i >= 250 * 64 && i < 260 * 64 ? 0 : value),
      "table after clear()",
    );
    device.copy(fromArray(device, tenRows, [10, 64]), rows);
    assertIdentical(await table.toArray(), numbers, "table");
  }
});
