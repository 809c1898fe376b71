/**
 * Result of a case of `bench.ts`.
 *
 * @module
 */

/** Statistics of repeated timings. */
export interface Times {
  /** Median, in ms. */
  readonly medianMs: number;
  /** Minimum, in ms. */
  readonly minMs: number;
  /** Maximum, in ms. */
  readonly maxMs: number;
  /** Number of timings. */
  readonly runs: number;
}

/** Result of a case. */
export interface BenchResult {
  /** Tables to print. */
  readonly tables: readonly string[];
  /** Fields of the JSON line, in addition to the name of the case and the adapter. */
  readonly fields: Times & {
    /** Losses of all steps, including the untimed ones; none if nothing is trained. */
    readonly losses: readonly number[];
    readonly [name: string]: unknown;
  };
  /** Lines for the block of text to share; none if the case has no such block. */
  readonly summary?: readonly string[];
}

/**
 * Computes median, minimum and maximum.
 *
 * @param ms The timings, in ms.
 * @returns The statistics.
 */
export function timesOf(ms: readonly number[]): Times {
  return {
    medianMs: median(ms),
    minMs: Math.min(...ms),
    maxMs: Math.max(...ms),
    runs: ms.length,
  };
}

/**
 * Computes the median: the middle number, or the mean of the middle two.
 *
 * @param numbers The numbers.
 * @returns The median.
 */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]!
    : (sorted[half - 1]! + sorted[half]!) / 2;
}
