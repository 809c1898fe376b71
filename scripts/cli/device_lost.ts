/**
 * Runs that go on by themselves after the loss of the GPU.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DeviceLostError } from "../../mod.ts";
import type { Run } from "./run_main.ts";

/** Settings of a run that can go on. */
export interface RetryOptions {
  /** Number of times that the run goes on after the loss of the device. */
  readonly retryOnDeviceLost: number;
  /** Folder of the run; undefined for one named after the start time. */
  readonly outputDir: string | undefined;
  /** Folder of the run that goes on; undefined for a new run. */
  readonly resume: string | undefined;
}

/**
 * Makes a script go on from its last checkpoint, on a new device, each time that it
 * loses the device, as `--resume` does. Without a checkpoint it starts again in its
 * folder.
 *
 * @param main The script.
 * @returns The script, for `runMain`. It throws the `DeviceLostError` once `retryOnDeviceLost`
 * attempts are used up, after a signal, or if the run has several processes.
 */
export function retryOnDeviceLost<Options extends RetryOptions>(
  main: (options: Options, run: Run) => Promise<void>,
): (options: Options, run: Run) => Promise<void> {
  return async (options, run) => {
    const { retryOnDeviceLost } = options;
    for (let retries = 0;; retries++) {
      try {
        return await main(options, run);
      } catch (error) {
        if (!(error instanceof DeviceLostError)) throw error;
        if (retries === retryOnDeviceLost || run.signal.aborted) throw error;
        if (run.communicator.size > 1) throw error; // the others wait in a step
        console.warn(
          `Warning: ${error.message}\nGoing on, retry ${
            retries + 1
          } of ${retryOnDeviceLost}`,
        );
        const { folder } = run;
        if (folder === undefined) continue; // it had not begun
        options = { ...options, outputDir: folder, resume: folder };
      }
    }
  };
}
