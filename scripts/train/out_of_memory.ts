/**
 * What to do when a batch does not fit into memory.
 *
 * @module
 */
import { OutOfMemoryError } from "../../mod.ts";
import type { Options } from "./options.ts";

/**
 * Turns an error of a run into one that says how to get the same optimizer
 * steps with less memory: smaller batches, and as many more of them to a step.
 *
 * @param error What the run threw.
 * @param options The settings of the run.
 * @returns An error with the flags, if memory ran out; else `error` itself.
 */
export function adviseOnMemory(
  error: unknown,
  { batchSize, gradientAccumulationSteps }: Pick<
    Options,
    "batchSize" | "gradientAccumulationSteps"
  >,
): unknown {
  if (!(error instanceof OutOfMemoryError)) return error;
  const parts = smallestFactor(batchSize);
  const remedy = parts === undefined
    ? "--max-length with a smaller number shortens the rows"
    : `--batch-size ${batchSize / parts} --gradient-accumulation-steps ${
      parts * gradientAccumulationSteps
    } gives the same steps`;
  return new OutOfMemoryError(
    `Cannot train with --batch-size ${batchSize}: ${remedy} (${error.message})`,
    { cause: error },
  );
}

/** The smallest factor above 1 of a whole number; `undefined` for 1. */
function smallestFactor(n: number): number | undefined {
  for (let factor = 2; factor <= n; factor++) {
    if (n % factor === 0) return factor;
  }
  return undefined;
}
