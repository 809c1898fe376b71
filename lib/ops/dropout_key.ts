/**
 * Keys of dropout masks. A mask is a pure function of its key: the backward
 * pass computes it again, and nothing is stored.
 *
 * @module
 */
import type { Params } from "../gpu/kernel.ts";

/** Key of the random numbers of one dropout in one step. */
export interface DropoutKey {
  /** Probability that an element is zeroed, in [0, 1). */
  readonly p: number;
  /** The run's seed. */
  readonly seed: number;
  /** Number of the forward pass in training. */
  readonly step: number;
  /** Number of the dropout in the pass. */
  readonly site: number;
  /**
   * Rows before the first one of the tensor, where it is a part of a batch.
   *
   * @default 0
   */
  readonly firstRow?: number | undefined;
  /**
   * Rows of the batch, where the tensor is a part of one, which may wrap around its
   * end.
   *
   * @default As many as there are.
   */
  readonly batchRows?: number | undefined;
}

/** The largest number of a u32. */
const MAX_U32 = 2 ** 32 - 1;

/** No dropout: evaluation, or p = 0. */
export const NO_DROPOUT: DropoutKey = { p: 0, seed: 0, step: 0, site: 0 };

/**
 * Computes the `Params` fields of a kernel that calls `dropout_scales`.
 *
 * @param key The key.
 * @param masksPerRow Masks of each row: the number of heads in attention; its elements in `dropout()`.
 * @returns The fields `threshold scale seed step site first_row batch_rows`.
 * @throws {RangeError} If `p` is not in [0, 1).
 */
export function dropoutParams(
  { p, seed, step, site, firstRow = 0, batchRows = Infinity }: DropoutKey,
  masksPerRow = 1,
): Params {
  if (!(p >= 0 && p < 1)) {
    throw new RangeError(
      `Cannot drop elements with probability ${p}: it must be at least 0 and less than 1`,
    );
  }
  return {
    threshold: Math.round(p * 2 ** 24),
    scale: 1 / (1 - p),
    seed: seed >>> 0,
    step,
    site,
    "first_row": firstRow * masksPerRow,
    "batch_rows": Math.min(batchRows * masksPerRow, MAX_U32),
  };
}
