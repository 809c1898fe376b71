/**
 * Advice for a training run whose batch does not fit into memory.
 *
 * @module
 */
import { OutOfMemoryError } from "../../mod.ts";

/** The settings that decide how much memory a step takes; training scripts have both. */
export interface BatchSettings {
  /** Rows of a batch. */
  readonly batchSize?: number;
  /** Batches per optimizer step. */
  readonly gradientAccumulationSteps?: number;
}

/**
 * Turns an out-of-memory error of a training run into one that names the flags
 * for the same optimizer steps with less memory: smaller batches, more of them
 * per step.
 *
 * @param error The error of a run.
 * @param settings The settings of the run.
 * @returns An error with the flags if training ran out of memory, else `error` itself.
 */
export function adviseOnMemory(
  error: unknown,
  { batchSize, gradientAccumulationSteps }: BatchSettings = {},
): unknown {
  if (!(error instanceof OutOfMemoryError)) return error;
  if (!batchSize || !gradientAccumulationSteps) return error;
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

/** Smallest factor above 1 of a whole number; `undefined` for 1. */
function smallestFactor(n: number): number | undefined {
  for (let factor = 2; factor <= n; factor++) {
    if (n % factor === 0) return factor;
  }
  return undefined;
}
