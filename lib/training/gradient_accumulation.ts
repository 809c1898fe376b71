/**
 * Exact gradient accumulation over micro-batches.
 *
 * @module
 */

/** A micro-batch within its window: the batches of one optimizer step. */
export interface MicroBatch {
  /** Rows of the whole window. */
  readonly rows: number;
  /** Rows of the micro-batch / rows of the window: the factor of its mean loss. */
  readonly share: number;
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
}

/**
 * Cuts the batches of an epoch into windows, one optimizer step each. The loss of
 * a step is the mean over all rows of its window: each mean loss is multiplied by
 * its batch's share of the rows. The last batch of an epoch may be smaller, and
 * the last window may have fewer batches. The position is the loader's, so a loop
 * that resumes inside a window continues there.
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
 */
export class GradientAccumulation {
  /** Optimizer steps of an epoch: ⌈rows / (batchSize · steps)⌉. */
  readonly stepsPerEpoch: number;
  readonly #loader: BatchSource;
  readonly #windowRows: number;

  /**
   * Makes windows over a loader.
   *
   * @param loader The loader of the training loop.
   * @param steps Batches of a window; 1 for none to accumulate.
   * @throws {RangeError} If `steps` is not a whole number from 1.
   */
  constructor(loader: BatchSource, steps: number) {
    if (!Number.isInteger(steps) || steps < 1) {
      throw new RangeError(
        `Cannot accumulate gradients over ${steps} batches: steps must be a whole number from 1`,
      );
    }
    this.#loader = loader;
    this.#windowRows = loader.batchSize * steps;
    this.stepsPerEpoch = Math.ceil(loader.rows / this.#windowRows);
  }

  /**
   * The batch that the loader yielded last.
   *
   * @throws {RangeError} If the loader has yielded none in this epoch.
   */
  get current(): MicroBatch {
    const { batchSize, rows, state: { batch } } = this.#loader;
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
    return {
      rows: windowRows,
      share: (end - start) / windowRows,
      isLast: end === windowEnd,
    };
  }
}
