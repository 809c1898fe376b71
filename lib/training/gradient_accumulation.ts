/**
 * Exact gradient accumulation over micro-batches.
 *
 * @module
 */

import { checkOptions, type OptionNames } from "../check_options.ts";

/** A micro-batch within its window: the batches of one optimizer step. */
export interface MicroBatch {
  /** Rows of the whole window. */
  readonly rows: number;
  /**
   * Rows of the micro-batch / rows of the window: the factor of its mean loss. Where
   * several processes divide the batch, the rows of this one; 0 if it has none.
   */
  readonly share: number;
  /**
   * Sum of the `weights` of the window's rows: the divisor of its summed loss. The
   * number of rows, if there are no weights; ∞ for a process without rows.
   */
  readonly weight: number;
  /** Whether the window ends with it, so that the optimizer steps now. */
  readonly isLast: boolean;
}

/** Properties of a loader that {@linkcode GradientAccumulation} reads; a `DataLoader` has them. */
export interface BatchSource {
  /** Rows of a batch; the last of an epoch may have fewer. */
  readonly batchSize: number;
  /** Rows of an epoch. */
  readonly rows: number;
  /** Batches of this epoch that were already yielded. */
  readonly state: { readonly batch: number };
  /** Rows of the last batch that this process got; all, if it is left out. */
  readonly part?: { readonly start: number; readonly end: number } | undefined;
  /** Indices, in the data set, of the rows of this epoch, in order. */
  readonly order: readonly number[];
}

/** Options of {@linkcode GradientAccumulation}. */
export interface GradientAccumulationOptions {
  /**
   * Weight of each row of the data set, for a weighted mean: that of its class, for
   * instance.
   *
   * @default 1 for each row
   */
  weights?: ArrayLike<number>;
}

const OPTIONS: OptionNames<GradientAccumulationOptions> = { weights: true };

/**
 * Cuts the batches of an epoch into windows, one optimizer step each. The loss of
 * a step is the mean over all rows of its window: each mean loss is multiplied by
 * its batch's share of the rows. The last batch of an epoch may be smaller, and
 * the last window may have fewer batches. The position is the loader's, so a loop
 * that resumes inside a window continues there.
 *
 * The weighted mean of `crossEntropy` divides by the sum of the weights of the labels,
 * so that shares of the rows do not give the mean of the window. With class weights,
 * divide the summed loss of each batch by the `weight` of the window.
 *
 * @example
 * ```ts ignore
 * const accumulation = new GradientAccumulation(trainLoader, 4);
 * for await (const batch of trainLoader) {
 *   using _step = device.scope();
 *   const { share, isLast } = accumulation.current;
 *   mul(model.forward(batch).loss, share).backward();
 *   if (!isLast) continue;
 *   optimizer.step();
 *   optimizer.zeroGrad();
 * }
 * ```
 *
 * @example Class weights
 * ```ts ignore
 * const weight = computeClassWeight(labels, 3);
 * const weights = labels.map((label) => weight[label]);
 * const accumulation = new GradientAccumulation(trainLoader, 4, { weights });
 * // in the loop:
 * const { logits } = model.forward(batch);
 * const sum = crossEntropy(logits, batch.labels, { weight, reduction: "sum" });
 * mul(sum, 1 / accumulation.current.weight).backward();
 * ```
 */
export class GradientAccumulation {
  /** Optimizer steps of an epoch: ⌈rows / (batchSize · steps)⌉. */
  readonly stepsPerEpoch: number;
  readonly #loader: BatchSource;
  readonly #windowRows: number;
  readonly #weights: ArrayLike<number> | undefined;

  /**
   * Makes windows over a loader.
   *
   * @param loader The loader of the training loop.
   * @param steps Batches of a window; 1 for none to accumulate.
   * @param options Weights of the rows.
   * @throws {RangeError} If `steps` is not a whole number from 1.
   * @throws {TypeError} If an option has an unknown name.
   */
  constructor(
    loader: BatchSource,
    steps: number,
    options: GradientAccumulationOptions = {},
  ) {
    checkOptions("accumulate gradients", options, OPTIONS);
    if (!Number.isInteger(steps) || steps < 1) {
      throw new RangeError(
        `Cannot accumulate gradients over ${steps} batches: steps must be a whole number from 1`,
      );
    }
    this.#loader = loader;
    this.#windowRows = loader.batchSize * steps;
    this.#weights = options.weights;
    this.stepsPerEpoch = Math.ceil(loader.rows / this.#windowRows);
  }

  /**
   * The batch that the loader yielded last.
   *
   * @throws {RangeError} If the loader has yielded none in this epoch, or a row has no weight.
   */
  get current(): MicroBatch {
    const { batchSize, rows, state: { batch }, part } = this.#loader;
    if (batch === 0) {
      throw new RangeError(
        "Cannot compute the share of a batch: the loader has yielded none in this epoch; read `current` inside its loop",
      );
    }
    const start = (batch - 1) * batchSize;
    const end = Math.min(start + batchSize, rows);
    const windowStart = start - start % this.#windowRows;
    const windowEnd = Math.min(windowStart + this.#windowRows, rows);
    const windowRows = windowEnd - windowStart;
    const ownRows = part ? part.end - part.start : end - start;
    return {
      rows: windowRows,
      share: ownRows / windowRows,
      weight: ownRows === 0 ? Infinity : this.#weights
        ? weightOf(
          this.#loader.order.slice(windowStart, windowEnd),
          this.#weights,
        )
        : windowRows,
      isLast: end === windowEnd,
    };
  }
}

/** Sums the weights of rows. */
function weightOf(
  rows: readonly number[],
  weights: ArrayLike<number>,
): number {
  return rows.reduce((sum, row) => {
    const weight = weights[row];
    if (weight !== undefined && weight >= 0 && weight < Infinity) {
      return sum + weight;
    }
    throw new RangeError(
      `Cannot weigh row ${row} of the data set: its weight is ${weight}; pass a number from 0 for each row`,
    );
  }, 0);
}
