/**
 * Which batches make one optimizer step, and what each of them counts.
 *
 * @module
 */
import type { Options } from "./_options.ts";

/** A batch's place in its optimizer step. */
export interface Share {
  /** Rows of all batches of the step. */
  readonly rows: number;
  /** What the batch's mean loss is multiplied by, so that the step's is the mean over all its rows. */
  readonly share: number;
  /** Whether the step's gradients are complete with it. */
  readonly isLast: boolean;
}

/**
 * Counts the batches of an epoch into windows of `gradientAccumulationSteps`.
 * The last batch of an epoch may be shorter than the others, and the last
 * window may have fewer batches.
 */
export class Window {
  /** Optimizer steps of the whole run. */
  readonly numTrainingSteps: number;
  readonly #rows: number;
  readonly #batchSize: number;
  readonly #batches: number;
  #row = 0;

  /** Counts for a data set of `rows` rows. */
  constructor(options: Options, rows: number) {
    this.#rows = rows;
    this.#batchSize = options.batchSize;
    this.#batches = options.gradientAccumulationSteps;
    const stepsPerEpoch = Math.ceil(rows / (this.#batchSize * this.#batches));
    this.numTrainingSteps = options.maxSteps ?? options.epochs * stepsPerEpoch;
  }

  /** The share of the next batch. */
  next(): Share {
    const windowRows = this.#batchSize * this.#batches;
    const first = this.#row - this.#row % windowRows;
    const end = Math.min(first + windowRows, this.#rows);
    const next = Math.min(this.#row + this.#batchSize, this.#rows);
    const share = (next - this.#row) / (end - first);
    this.#row = next === this.#rows ? 0 : next;
    return { rows: end - first, share, isLast: next === end };
  }
}
