import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { DataLoader, GradientAccumulation } from "../../mod.ts";

/** Rows of the data set, rows per batch, batches per window, and the rows of each step of an epoch. */
const CASES: [
  rows: number,
  batchSize: number,
  steps: number,
  expected: number[],
][] = [
  [9, 3, 1, [3, 3, 3]],
  [9, 4, 1, [4, 4, 1]],
  [5, 8, 1, [5]],
  [9, 2, 3, [6, 3]],
  [11, 2, 3, [6, 5]],
  [12, 2, 3, [6, 6]],
  [13, 2, 3, [6, 6, 1]],
  [5, 1, 9, [5]],
];

const loaderOf = (rows: number, batchSize: number, dropLast = false) =>
  new DataLoader([...Array(rows).keys()], {
    batchSize,
    dropLast,
    collateFn: (rows) => rows,
  });

Deno.test("GradientAccumulation.current returns the share of each batch in its window", async (t) => {
  for (const [rows, batchSize, batches, expected] of CASES) {
    await t.step(
      `${rows} rows, ${batches} batches of ${batchSize}`,
      async () => {
        const loader = loaderOf(rows, batchSize);
        const accumulation = new GradientAccumulation(loader, batches);
        const steps: number[] = [];
        for (let epoch = 0; epoch < 2; epoch++) {
          let sum = 0;
          for await (const batch of loader) {
            const { rows, share, isLast } = accumulation.current;
            assertAlmostEquals(share * rows, batch.length, 1e-12);
            sum += share;
            if (!isLast) continue;
            assertAlmostEquals(sum, 1, 1e-12);
            sum = 0;
            steps.push(rows);
          }
          assertEquals(sum, 0); // the last window ends with the epoch
        }
        assertEquals(steps, [...expected, ...expected]);
        assertEquals(accumulation.stepsPerEpoch, expected.length);
      },
    );
  }
});

Deno.test("GradientAccumulation resumes inside a window with the loader", async () => {
  const loader = loaderOf(11, 2);
  loader.state = { epoch: 4, batch: 1 };
  const accumulation = new GradientAccumulation(loader, 3);
  const ends: boolean[] = [];
  for await (const _ of loader) ends.push(accumulation.current.isLast);
  assertEquals(ends, [false, true, false, false, true]);
});

Deno.test("GradientAccumulation skips the rows that dropLast skips", () => {
  const loader = loaderOf(11, 2, true);
  assertEquals([loader.rows, loader.batchSize, loader.length], [10, 2, 5]);
  loader.state = { epoch: 0, batch: 5 };
  const accumulation = new GradientAccumulation(loader, 3);
  assertEquals(accumulation.current, {
    rows: 4,
    share: 0.5,
    weight: 4,
    isLast: true,
  });
});

Deno.test("GradientAccumulation computes the steps of MRPC", () => {
  const steps = (batchSize: number, batches: number) =>
    new GradientAccumulation(loaderOf(3668, batchSize), batches).stepsPerEpoch;
  assertEquals([steps(8, 1), steps(32, 1), steps(8, 4)], [459, 115, 115]);
});

Deno.test("GradientAccumulation refuses wrong steps, and use outside the loop", () => {
  const loader = loaderOf(3, 2);
  assertThrows(
    () => new GradientAccumulation(loader, 0),
    RangeError,
    "Cannot accumulate gradients over 0 batches: steps must be a whole number from 1",
  );
  assertThrows(
    () => new GradientAccumulation(loader, 1).current,
    RangeError,
    "read `current` inside its loop",
  );
});
