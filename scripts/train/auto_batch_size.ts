/**
 * Runs that choose the rows of a batch by the memory of the device.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { adviseOnMemory, smallestFactor } from "../cli/out_of_memory.ts";
import type { Run } from "../cli/run_main.ts";
import { BatchMemoryError } from "./memory_plan.ts";
import type { Options } from "./options.ts";

/** Settings of batches. */
type BatchOptions = Pick<
  Options,
  | "autoBatchSize"
  | "batchSize"
  | "evalBatchSize"
  | "flags"
  | "gradientAccumulationSteps"
  | "gradientCheckpointing"
>;

/**
 * Makes a script start again with smaller batches, and as many more of them per optimizer
 * step, while its plan says that they do not fit into memory. With `autoBatchSize`; as
 * accelerate's `find_executable_batch_size`, but of runs that have not begun only.
 *
 * @param main The script.
 * @returns The script, for `runMain`. It throws if a batch of one row does not fit.
 */
export function findExecutableBatchSize<Settings extends BatchOptions>(
  main: (options: Settings, run: Run) => Promise<void>,
): (options: Settings, run: Run) => Promise<void> {
  return async (options, run) => {
    for (;;) {
      try {
        return await main(options, run);
      } catch (error) {
        const smaller = options.autoBatchSize && run.folder === undefined &&
            error instanceof BatchMemoryError
          ? withSmallerBatches(options)
          : undefined;
        if (!smaller) throw adviseOnMemory(error, options);
        const { batchSize, gradientAccumulationSteps } = smaller;
        console.log(
          `--batch-size ${options.batchSize} does not fit into memory: starting again with --batch-size ${batchSize} --gradient-accumulation-steps ${gradientAccumulationSteps}`,
        );
        options = smaller;
      }
    }
  };
}

/** Divides the batches by the smallest factor of their size; `undefined` for a single row. */
function withSmallerBatches<Settings extends BatchOptions>(
  options: Settings,
): Settings | undefined {
  const parts = smallestFactor(options.batchSize);
  if (parts === undefined) return undefined;
  const batchSize = options.batchSize / parts;
  const changed = {
    batchSize,
    evalBatchSize: Math.min(options.evalBatchSize, batchSize),
    gradientAccumulationSteps: parts * options.gradientAccumulationSteps,
  };
  // As if they had been given: a run that goes on keeps them.
  return { ...options, ...changed, flags: { ...options.flags, ...changed } };
}
