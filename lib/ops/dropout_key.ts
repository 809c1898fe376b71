/**
 * What makes the random numbers of one dropout: pure functions of a key, so
 * that the backward pass draws the same ones and nothing has to be stored.
 *
 * @module
 */
import type { Params } from "../gpu/kernel.ts";

/** Names one dropout of one step. */
export interface DropoutKey {
  /** Probability that an element is zeroed, in [0, 1). */
  readonly p: number;
  /** The run's seed. */
  readonly seed: number;
  /** Which forward pass in training. */
  readonly step: number;
  /** Which dropout inside the pass. */
  readonly site: number;
}

/** Drops nothing: evaluation, or a rate of 0. */
export const NO_DROPOUT: DropoutKey = { p: 0, seed: 0, step: 0, site: 0 };

/**
 * Fields of the `Params` of a kernel that calls `dropout_scales`.
 *
 * @param key Which dropout.
 * @returns The fields `threshold scale seed step site`.
 * @throws {RangeError} If `p` is not in [0, 1).
 */
export function dropoutParams({ p, seed, step, site }: DropoutKey): Params {
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
  };
}
