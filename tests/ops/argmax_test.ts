import { assertEquals, assertRejects } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { argmax } from "../../lib/ops/argmax.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

// Fewer columns than threads, no multiple of 4, more than one stride, many rows.
const SHAPES = [[5, 2], [3, 7], [2, 1000], [70, 3]] as const;

Deno.test("argmax() matches a loop", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    for (const [rows, columns] of SHAPES) {
      await t.step(`${name}: [${rows}, ${columns}]`, async () => {
        using _scope = device.scope();
        const x = values(rows * columns);
        const expected = Array.from({ length: rows }, (_, r) => {
          const row = x.slice(r * columns, (r + 1) * columns);
          return row.indexOf(Math.max(...row));
        });
        const y = await argmax(fromArray(device, x, [rows, columns]));
        assertEquals(y, Int32Array.from(expected));
      });
    }
  }
});

Deno.test("argmax() gives the first of equal elements", async () => {
  const row = Array(300).fill(-1);
  for (const c of [65, 66, 130, 299]) row[c] = 4;
  for (const { device } of KERNEL_SETS) {
    using _scope = device.scope();
    const x = fromArray(device, [...row, ...Array(300).fill(0)], [2, 300]);
    assertEquals([...await argmax(x)], [65, 0]);
  }
});

Deno.test("argmax() is over the last dimension, and flat", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 4, 3, -1, -2, 0, 9], [2, 2, 2]);
  assertEquals([...await argmax(x)], [1, 0, 0, 1]);
});

Deno.test("argmax() takes the last dimension, by index or as -1", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 4, 3], [2, 2]);
  assertEquals([...await argmax(x, -1)], [1, 0]);
  assertEquals([...await argmax(x, 1)], [1, 0]);
  await assertRejects(
    () => argmax(x, 0),
    RangeError,
    "Cannot take the argmax of [2,2] along dimension 0: only the last dimension is supported; leave dim out, or read the values with toArray()",
  );
});

Deno.test("argmax() keeps no buffer", async () => {
  using _scope = device.scope();
  const x = zeros(device, [2, 2]);
  const before = device.counters.liveBuffers;
  await argmax(x);
  assertEquals(device.counters.liveBuffers, before);
});

Deno.test("argmax() rejects rows without elements", async () => {
  using _scope = device.scope();
  await assertRejects(
    () => argmax(zeros(device, [2, 0])),
    RangeError,
    "Cannot take the argmax of [2,0]: its rows have no elements",
  );
});
