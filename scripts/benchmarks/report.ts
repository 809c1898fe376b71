/**
 * What a case of `bench.ts` reports.
 *
 * @module
 */

/** Times of the same thing. */
export interface Times {
  /** The middle one, in ms. */
  readonly medianMs: number;
  /** The shortest, in ms. */
  readonly minMs: number;
  /** The longest, in ms. */
  readonly maxMs: number;
  /** How many there are. */
  readonly runs: number;
}

/** What a case found. */
export interface Report {
  /** Tables for people. */
  readonly tables: readonly string[];
  /** Fields of the JSON line beside the name of the case. */
  readonly fields: Times & {
    /** The loss of each step from the very first; none where nothing is trained. */
    readonly losses: readonly number[];
    readonly [name: string]: unknown;
  };
}

/** Takes median, minimum and maximum of times in ms. */
export function timesOf(ms: readonly number[]): Times {
  return {
    medianMs: median(ms),
    minMs: Math.min(...ms),
    maxMs: Math.max(...ms),
    runs: ms.length,
  };
}

/** The middle number, or the mean of the middle two. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]!
    : (sorted[half - 1]! + sorted[half]!) / 2;
}
