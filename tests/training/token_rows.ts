/**
 * Rows of ids for loops that are resumed.
 *
 * @module
 */
import type { Row } from "../../mod.ts";

/** Size of an embedding table. */
export const TABLE = [60, 12] as const;

/** 7 rows of 3 to 8 ids: two batches of 3 and one of 1. */
export const ROWS: Row[] = Array.from({ length: 7 }, (_, i) => ({
  inputIds: Array.from(
    { length: 3 + i * 5 % 6 },
    (_, j) => (97 * i + 31 * j) % TABLE[0],
  ),
  label: i % 3,
}));

/** Ids of a batch in one row, and the label of each. */
export interface Tokens {
  readonly ids: number[];
  readonly labels: number[];
}

/** Puts rows into a batch. */
export const collateFn = (rows: Row[]): Tokens => ({
  ids: rows.flatMap(({ inputIds }) => [...inputIds as number[]]),
  labels: rows.flatMap(({ inputIds, label }) =>
    (inputIds as number[]).map(() => label as number)
  ),
});
