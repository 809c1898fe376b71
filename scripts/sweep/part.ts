/**
 * Parts of a sweep, for processes that do not talk to each other.
 *
 * @module
 */

/** A part: `index` of `count`, counted from 1. */
export interface Part {
  /** Number of the part, from 1. */
  readonly index: number;
  /** Number of parts. */
  readonly count: number;
}

/**
 * Parses the value of `--part`.
 *
 * @param text Such as `3/12`.
 * @returns The part.
 * @throws {RangeError} If it is none.
 */
export function readPart(text: string): Part {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (
    index === undefined || count === undefined || index < 1 || index > count
  ) {
    throw new RangeError(
      `--part must be I/N, part I of N counted from 1, such as 3/12, not "${text}"`,
    );
  }
  return { index, count };
}

/**
 * Selects a part: each N-th run, so that the parts have equal numbers of runs, up to
 * one, and a run is in one part.
 *
 * @param runs All runs.
 * @param part The part.
 * @returns Its runs; none where there are more parts than runs.
 */
export function partOf<T>(
  runs: readonly T[],
  { index, count }: Part,
): readonly T[] {
  return runs.filter((_, i) => i % count === index - 1);
}
