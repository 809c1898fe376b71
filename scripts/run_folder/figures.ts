/**
 * Figures of a finished run.
 *
 * @module
 */

/** Figures of a finished run, for `results.json`. */
export interface RunFigures {
  /** Description of the adapter. */
  readonly adapter: string;
  /** Optimizer steps. */
  readonly steps: number;
  /** Seconds of training, without evaluation. */
  readonly seconds: number;
  /** Training rows per second, each row counted as often as it was used. */
  readonly samplesPerSecond: number;
  /** Steps that `--fp16` skipped. */
  readonly skippedSteps?: number;
}

/**
 * Formats a number of bytes.
 *
 * @param bytes The number.
 * @returns It in megabytes, with one decimal.
 */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
