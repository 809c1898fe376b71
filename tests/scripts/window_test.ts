import { assertAlmostEquals, assertEquals } from "@std/assert";
import { parseFlags } from "../../scripts/_flags.ts";
import type { Options } from "../../scripts/_options.ts";
import { Window } from "../../scripts/_window.ts";

const options = (flags: string) => parseFlags(flags.split(" ")) as Options;

/** Rows of a data set, flags, and the rows of each step of its epochs. */
const CASES: [rows: number, flags: string, steps: number[]][] = [
  [9, "--batch-size 3", [3, 3, 3]],
  [9, "--batch-size 4", [4, 4, 1]],
  [5, "--batch-size 8", [5]],
  [9, "--batch-size 2 --gradient-accumulation-steps 3", [6, 3]],
  [11, "--batch-size 2 --gradient-accumulation-steps 3", [6, 5]],
  [12, "--batch-size 2 --gradient-accumulation-steps 3", [6, 6]],
  [13, "--batch-size 2 --gradient-accumulation-steps 3", [6, 6, 1]],
  [5, "--batch-size 1 --gradient-accumulation-steps 9", [5]],
];

Deno.test("Window shares a step's rows among its batches", async (t) => {
  for (const [rows, flags, expected] of CASES) {
    await t.step(`${rows} rows, ${flags}`, () => {
      const given = options(`${flags} --epochs 2`);
      const window = new Window(given, rows);
      const steps: number[] = [];
      for (let epoch = 0; epoch < 2; epoch++) {
        let sum = 0;
        for (let row = 0; row < rows; row += given.batchSize) {
          const batchRows = Math.min(given.batchSize, rows - row);
          const { rows: stepRows, share, isLast } = window.next();
          assertAlmostEquals(share * stepRows, batchRows, 1e-12);
          sum += share;
          if (!isLast) continue;
          assertAlmostEquals(sum, 1, 1e-12);
          sum = 0;
          steps.push(stepRows);
        }
        assertEquals(sum, 0); // an epoch's end ends its last step
      }
      assertEquals(steps, [...expected, ...expected]);
      assertEquals(window.numTrainingSteps, steps.length);
    });
  }
});

Deno.test("Window counts the steps of a run", () => {
  // MRPC's 3668 rows: 459 batches of 8, 115 of 32
  const steps = (flags: string) =>
    new Window(options(flags), 3668).numTrainingSteps;
  assertEquals(steps("--data glue"), 1377);
  assertEquals(steps("--data glue --preset run_glue"), 575);
  assertEquals(steps("--data glue --gradient-accumulation-steps 4"), 345);
  assertEquals(steps("--data glue --max-steps 7"), 7);
  assertEquals(steps("--data glue --max-steps 5000"), 5000);
});
