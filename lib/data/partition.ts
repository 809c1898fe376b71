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

/** Consecutive rows of a batch, which may wrap around its end. */
export interface RowRange {
  /** First row. */
  readonly start: number;
  /** Row after the last one; beyond the number of rows if the range wraps around. */
  readonly end: number;
}

/**
 * Divides the rows of a batch into consecutive parts of about the same number of tokens.
 * Each row is in one part; a part may be empty, as where there are fewer rows than parts.
 * One part may wrap around the end of the batch: the first row of part 0 is the one with
 * which the longest part is shortest.
 *
 * @param lengths Number of tokens of each row.
 * @param place The part.
 * @returns The rows of the part.
 */
export function partitionRows(
  lengths: readonly number[],
  { rank, size }: ProcessPlace,
): RowRange {
  const total = sum(lengths);
  let best: Division | undefined;
  for (let first = 0; first < lengths.length; first++) {
    const division = divideFrom(lengths, first, total, size);
    if (!best || division.longest < best.longest) best = division;
  }
  const { ends, first } = best!;
  const start = rank === 0 ? first : ends[rank - 1]!;
  const passed = start < lengths.length ? 0 : lengths.length;
  return { start: start - passed, end: ends[rank]! - passed };
}

/** Parts of a batch. */
interface Division {
  /** First row of the first part. */
  readonly first: number;
  /** Row after the last one of each part, from `first` on. */
  readonly ends: readonly number[];
  /** Tokens of the longest part. */
  readonly longest: number;
}

/** Divides a batch of `total` tokens from a row on. */
function divideFrom(
  lengths: readonly number[],
  first: number,
  total: number,
  size: number,
): Division {
  const rows = [...lengths.slice(first), ...lengths.slice(0, first)];
  const ends = new Array<number>(size).fill(first + rows.length);
  const tokensOfPart = new Array<number>(size).fill(0);
  let part = 0;
  let tokens = 0;
  rows.forEach((length, row) => {
    // A row is in the part that its middle lies in.
    const middle = tokens + length / 2;
    while (part < size - 1 && middle >= (part + 1) * total / size) {
      ends[part++] = first + row;
    }
    tokens += length;
    tokensOfPart[part]! += length;
  });
  return { first, ends, longest: Math.max(...tokensOfPart) };
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
  /** Its place in the batch. */
  readonly place: Required<Pick<Batch, "before" | "whole">>;
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
  const isEmpty = start === end;
  const first = isEmpty ? 0 : start;
  return {
    range,
    rows: [...rows, ...rows].slice(first, isEmpty ? 1 : end),
    place: {
      before: { rows: first, tokens: sum(lengths.slice(0, first)) },
      whole: { rows: rows.length, tokens: sum(lengths) },
    },
  };
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}
