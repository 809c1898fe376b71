/**
 * Advice for a training run whose batch does not fit into memory.
 *
 * @module
 */
import { OutOfMemoryError } from "../../mod.ts";

/** The settings that decide how much memory a step takes; training scripts have the first two. */
export interface BatchSettings {
  /** Rows of a batch. */
  readonly batchSize?: number;
  /** Batches per optimizer step. */
  readonly gradientAccumulationSteps?: number;
  /** Whether the rows of a batch were chosen by the memory. */
  readonly autoBatchSize?: boolean | undefined;
  /** Whether layers are computed again in the backward pass. */
  readonly gradientCheckpointing?: boolean | undefined;
}

/**
 * Turns an out-of-memory error of a training run into one that names the flags
 * for the same optimizer steps with less memory: smaller batches, more of them
 * per step, and activation checkpointing.
 *
 * @param error The error of a run.
 * @param settings The settings of the run.
 * @returns An error with the flags if training ran out of memory, else `error` itself.
 */
export function adviseOnMemory(
  error: unknown,
  settings: BatchSettings = {},
): unknown {
  const { batchSize, gradientAccumulationSteps } = settings;
  if (!(error instanceof OutOfMemoryError)) return error;
  if (error.cause instanceof OutOfMemoryError) return error; // it has advice
  if (!batchSize || !gradientAccumulationSteps) return error;
  const parts = smallestFactor(batchSize);
  const remedies = parts === undefined
    ? ["--max-length with a smaller number shortens the rows"]
    : [
      `--batch-size ${batchSize / parts} --gradient-accumulation-steps ${
        parts * gradientAccumulationSteps
      } gives the same steps${
        settings.autoBatchSize
          ? ""
          : ", and --auto-batch-size finds such a size"
      }`,
    ];
  if (!settings.gradientCheckpointing) {
    remedies.push("--gradient-checkpointing takes less memory");
  }
  return new OutOfMemoryError(
    `Cannot train with --batch-size ${batchSize}: ${
      remedies.join("; ")
    } (${error.message})`,
    { cause: error },
  );
}

/**
 * Finds the smallest factor above 1 of a whole number.
 *
 * @param n The number.
 * @returns The factor; `undefined` for 1.
 */
export function smallestFactor(n: number): number | undefined {
  for (let factor = 2; factor <= n; factor++) {
    if (n % factor === 0) return factor;
  }
  return undefined;
}
