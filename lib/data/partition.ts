/**
 * Divides a batch among the processes that train together.
 *
 * @module
 */
import type { Batch } from "./host_tensor.ts";

/** A process among those that train together. */
export interface ProcessPlace {
  /** Number of the process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly size: number;
}

/** Consecutive rows of a batch. */
export interface RowRange {
  /** First row. */
  readonly start: number;
  /** Row after the last one. */
  readonly end: number;
}

/**
 * Divides the rows of a batch into consecutive parts of about the same number of tokens.
 * Each row is in one part; a part may be empty, as where there are fewer rows than parts.
 *
 * @param lengths Number of tokens of each row.
 * @param place The part.
 * @returns The rows of the part.
 */
export function partitionRows(
  lengths: readonly number[],
  { rank, size }: ProcessPlace,
): RowRange {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const ends = new Array<number>(size).fill(lengths.length);
  let part = 0;
  let tokens = 0;
  lengths.forEach((length, row) => {
    // A row is in the part that its middle lies in.
    const middle = tokens + length / 2;
    while (part < size - 1 && middle >= (part + 1) * total / size) {
      ends[part++] = row;
    }
    tokens += length;
  });
  return { start: rank === 0 ? 0 : ends[rank - 1]!, end: ends[rank]! };
}

/**
 * Counts the tokens of an encoded row.
 *
 * @param row The row.
 * @returns The ones of its mask, or the number of its ids; 1 if it has none.
 */
export function tokensOf(row: unknown): number {
  const { inputIds, attentionMask } = row as {
    inputIds?: ArrayLike<number>;
    attentionMask?: ArrayLike<number>;
  };
  return attentionMask
    ? Array.from(attentionMask).reduce((sum, value) => sum + value, 0)
    : inputIds?.length ?? 1;
}

/** A part of a batch. */
export interface BatchPart<Row> {
  /** The rows of the part, in the batch. */
  readonly range: RowRange;
  /** Rows to collate: those of the part, or row 0 if it is empty. */
  readonly rows: Row[];
  /** Rows and tokens before it in the batch. */
  readonly before: NonNullable<Batch["before"]>;
}

/**
 * Takes the part of a batch that a process computes.
 *
 * @param rows The rows of the batch.
 * @param place The process.
 * @returns Its part.
 */
export function partOf<Row>(
  rows: readonly Row[],
  place: ProcessPlace,
): BatchPart<Row> {
  const lengths = rows.map(tokensOf);
  const range = partitionRows(lengths, place);
  const { start, end } = range;
  const tokens = lengths.slice(0, start).reduce((sum, n) => sum + n, 0);
  return start === end
    ? { range, rows: rows.slice(0, 1), before: { rows: 0, tokens: 0 } }
    : { range, rows: rows.slice(start, end), before: { rows: start, tokens } };
}
