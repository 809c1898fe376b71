import { assertEquals, assertThrows } from "@std/assert";
import { dropoutParams, NO_DROPOUT } from "../../lib/ops/dropout_key.ts";

Deno.test("dropoutParams() gives the threshold in 2⁻²⁴ and the scale 1/(1-p)", () => {
  assertEquals(dropoutParams({ p: 0.25, seed: 3, step: 5, site: 7 }), {
    threshold: 1 << 22,
    scale: 4 / 3,
    seed: 3,
    step: 5,
    site: 7,
    first_row: 0,
    batch_rows: 2 ** 32 - 1,
  });
  assertEquals(
    dropoutParams({ p: 0.1, seed: 0, step: 0, site: 0 }).threshold,
    1677722, // 0.1 · 2²⁴ = 1677721.6
  );
});

Deno.test("dropoutParams() counts the masks of the rows before, and of the batch", () => {
  const key = { ...NO_DROPOUT, firstRow: 5, batchRows: 9 };
  const placesOf = (masksPerRow?: number) => {
    const { first_row, batch_rows } = dropoutParams(key, masksPerRow);
    return [first_row, batch_rows];
  };
  assertEquals(placesOf(), [5, 9]);
  assertEquals(placesOf(12), [60, 108]);
});

Deno.test("dropoutParams() takes the low 32 bits of a seed", () => {
  const seedOf = (seed: number) => dropoutParams({ ...NO_DROPOUT, seed }).seed;
  assertEquals([seedOf(-1), seedOf(2 ** 32 + 5)], [0xffffffff, 5]);
});

Deno.test("dropoutParams() of NO_DROPOUT drops nothing", () => {
  const { threshold, scale } = dropoutParams(NO_DROPOUT);
  assertEquals([threshold, scale], [0, 1]);
});

Deno.test("dropoutParams() rejects a probability outside [0, 1)", () => {
  for (const p of [-0.1, 1, 2, NaN]) {
    assertThrows(
      () => dropoutParams({ ...NO_DROPOUT, p }),
      RangeError,
      `Cannot drop elements with probability ${p}: it must be at least 0 and less than 1`,
    );
  }
});
