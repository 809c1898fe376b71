/**
 * Spikes: losses far above those before them.
 *
 * @module
 */

/** Losses before the first spike can be noticed. */
const FIRST_LOSSES = 20;
/** A spike is above this multiple of the mean. */
const FACTOR = 5;
/** Weight of the mean so far when a loss is added. */
const DECAY = 0.95;
/**
 * Loss that a single row may have at any time: that of a probability of e⁻¹⁰. A small
 * batch with one such row is no spike.
 */
const ROW_LOSS = 10;

/** State of {@linkcode LossSpikes}. */
export interface LossSpikesState {
  /** Number of losses. */
  readonly count: number;
  /** Running mean. */
  readonly mean: number;
  /** Mean of the first losses. */
  readonly firstMean: number;
}

/** Tells spikes from the usual ups and downs of the loss. */
export class LossSpikes {
  #count = 0;
  #mean = 0;
  #firstMean = 0;

  /** The mean that a loss is compared with: the running one, but at least that of the first losses. */
  get mean(): number {
    return Math.max(this.#mean, this.#firstMean);
  }

  /**
   * Adds the loss of the next step.
   *
   * @param loss The loss.
   * @param rows Number of its rows.
   * @returns Whether it is a spike.
   */
  add(loss: number, rows: number): boolean {
    const isSpike = this.#count >= FIRST_LOSSES &&
      loss > FACTOR * this.mean + ROW_LOSS / rows;
    this.#count++;
    // The first losses have equal weights.
    const decay = Math.min(DECAY, 1 - 1 / this.#count);
    this.#mean = decay * this.#mean + (1 - decay) * loss;
    if (this.#count === FIRST_LOSSES) this.#firstMean = this.#mean;
    return isSpike;
  }

  /** Returns the state to save. */
  stateDict(): LossSpikesState {
    return {
      count: this.#count,
      mean: this.#mean,
      firstMean: this.#firstMean,
    };
  }

  /** Restores a saved state. */
  loadStateDict({ count, mean, firstMean }: LossSpikesState): void {
    this.#count = count;
    this.#mean = mean;
    this.#firstMean = firstMean;
  }
}
