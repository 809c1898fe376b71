/**
 * The best evaluation so far, and the end of a training whose metric no longer
 * improves.
 *
 * @module
 */
import {
  checkOptions,
  describe,
  isCount,
  isPlainObject,
  type OptionNames,
} from "../check_options.ts";

/** Options of {@linkcode EarlyStopping}. */
export interface EarlyStoppingOptions {
  /**
   * Evaluations in a row without improvement after which training should stop, a
   * whole number from 1, or `Infinity` to never stop.
   *
   * @default Infinity
   */
  patience?: number;
  /**
   * Least change of the metric that counts as an improvement, at least 0; the
   * change must be larger.
   *
   * @default 0
   */
  threshold?: number;
  /**
   * Whether a larger metric is better: `true` for an accuracy, `false` for a loss.
   *
   * @default true
   */
  greaterIsBetter?: boolean;
}

const OPTIONS: OptionNames<EarlyStoppingOptions> = {
  patience: true,
  threshold: true,
  greaterIsBetter: true,
};

/** State of {@linkcode EarlyStopping}, as plain values that JSON can hold. */
export interface EarlyStoppingState {
  /** Whether a larger metric is better. */
  readonly greaterIsBetter: boolean;
  /** Number of evaluations. */
  readonly evaluations: number;
  /** Number of the best evaluation, from 1; `null` if there is none. */
  readonly bestEvaluation: number | null;
  /** The best metric; `null` if there is none, or it is infinite. */
  readonly bestMetric: number | null;
  /** Evaluations in a row without improvement. */
  readonly patienceCounter: number;
}

/**
 * Chooses the best model and ends training early, as transformers' Trainer does.
 * An evaluation is the best if its metric is strictly better than the best one
 * before. It resets the patience if, besides, it is better by more than
 * `threshold`; the first evaluation always does. NaN is never better. The best
 * metric also moves by less than `threshold`, so that many small improvements use
 * up the patience.
 *
 * Sources: `EarlyStoppingCallback.check_metric_value`,
 * https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/trainer_callback.py
 * and `Trainer._determine_best_metric`,
 * https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/trainer.py
 *
 * @example
 * ```ts
 * import { EarlyStopping } from "@gradloop/gradloop";
 * import { assertEquals } from "@std/assert";
 *
 * const earlyStopping = new EarlyStopping({ patience: 2 });
 * const saved: number[] = [];
 * for (const accuracy of [0.7, 0.8, 0.8, 0.75, 0.9]) { // one per epoch
 *   earlyStopping.update(accuracy);
 *   if (earlyStopping.isBest) saved.push(accuracy);
 *   if (earlyStopping.shouldStop) break;
 * }
 * assertEquals(saved, [0.7, 0.8]);
 * ```
 */
export class EarlyStopping {
  readonly #patience: number;
  readonly #threshold: number;
  readonly #greaterIsBetter: boolean;
  #evaluations = 0;
  /** From 1; 0 if there is none. */
  #bestEvaluation = 0;
  #best: number;
  #patienceCounter = 0;

  /**
   * Starts before the first evaluation.
   *
   * @param options Patience, threshold and direction.
   * @throws {TypeError} If an option has an unknown name, or `greaterIsBetter` is not a boolean.
   * @throws {RangeError} If `patience` or `threshold` is out of range.
   */
  constructor(options: EarlyStoppingOptions = {}) {
    checkOptions("make EarlyStopping", options, OPTIONS, "{ patience: 3 }");
    const { patience = Infinity, threshold = 0, greaterIsBetter = true } =
      options;
    if (!(patience === Infinity || isCount(patience) && patience >= 1)) {
      throw new RangeError(
        `Cannot make EarlyStopping: patience must be a whole number of evaluations from 1, not ${patience}; leave it out to never stop`,
      );
    }
    if (!Number.isFinite(threshold) || threshold < 0) {
      throw new RangeError(
        `Cannot make EarlyStopping: threshold must be 0 or more, not ${threshold}`,
      );
    }
    if (typeof greaterIsBetter !== "boolean") {
      throw new TypeError(
        `Cannot make EarlyStopping: greaterIsBetter is ${
          describe(greaterIsBetter)
        }; pass true for an accuracy, false for a loss`,
      );
    }
    this.#patience = patience;
    this.#threshold = threshold;
    this.#greaterIsBetter = greaterIsBetter;
    this.#best = this.#worst;
  }

  /**
   * Counts one evaluation.
   *
   * @param metric Its metric; may be NaN or infinite.
   * @throws {TypeError} If it is not a number.
   */
  update(metric: number): void {
    if (typeof metric !== "number") {
      throw new TypeError(
        `Cannot compare an evaluation: its metric is ${
          describe(metric)
        }; pass one number, such as scores.accuracy`,
      );
    }
    const isBetter = this.#greaterIsBetter
      ? metric > this.#best
      : metric < this.#best;
    // With the best metric before this one.
    const improves = this.#evaluations === 0 ||
      isBetter && Math.abs(metric - this.#best) > this.#threshold;
    this.#patienceCounter = improves ? 0 : this.#patienceCounter + 1;
    this.#evaluations++;
    if (!isBetter) return;
    this.#best = metric;
    this.#bestEvaluation = this.#evaluations;
  }

  /** Whether the last evaluation is the best so far. */
  get isBest(): boolean {
    return this.#evaluations > 0 && this.#bestEvaluation === this.#evaluations;
  }

  /** The best metric so far; `undefined` before the first one that is not NaN or infinitely bad. */
  get best(): number | undefined {
    return this.#bestEvaluation === 0 ? undefined : this.#best;
  }

  /** Whether the patience is used up, so that training should stop. */
  get shouldStop(): boolean {
    return this.#patienceCounter >= this.#patience;
  }

  /**
   * Returns the state to save; patience and threshold are not part of it.
   *
   * @returns Plain values, for JSON.
   */
  stateDict(): EarlyStoppingState {
    const { best = NaN } = this;
    return {
      greaterIsBetter: this.#greaterIsBetter,
      evaluations: this.#evaluations,
      bestEvaluation: this.#bestEvaluation || null,
      bestMetric: Number.isFinite(best) ? best : null,
      patienceCounter: this.#patienceCounter,
    };
  }

  /**
   * Restores a saved state.
   *
   * @param state A state returned by {@linkcode EarlyStopping.stateDict}.
   * @throws {TypeError} If it is not an object.
   * @throws {RangeError} If it contradicts itself or has the other direction; nothing is changed then.
   */
  loadStateDict(state: EarlyStoppingState): void {
    checkState(state, this.#greaterIsBetter);
    const { evaluations, bestEvaluation, bestMetric, patienceCounter } = state;
    this.#evaluations = evaluations;
    this.#bestEvaluation = bestEvaluation ?? 0;
    // Of an evaluation that is the best without a finite metric, it is infinitely good.
    const infinite = bestEvaluation === null ? this.#worst : -this.#worst;
    this.#best = bestMetric ?? infinite;
    this.#patienceCounter = patienceCounter;
  }

  /** The metric that each finite one is better than. */
  get #worst(): number {
    return this.#greaterIsBetter ? -Infinity : Infinity;
  }
}

/** Rejects what `stateDict` does not return. */
function checkState(state: EarlyStoppingState, greaterIsBetter: boolean): void {
  if (!isPlainObject(state)) {
    throw new TypeError(
      `Cannot load the state of EarlyStopping: it is ${
        describe(state)
      }, not an object as stateDict() returns it`,
    );
  }
  const { evaluations, bestEvaluation, bestMetric, patienceCounter } = state;
  if (state.greaterIsBetter !== greaterIsBetter) {
    throw new RangeError(
      `Cannot load the state of EarlyStopping: its greaterIsBetter is ${state.greaterIsBetter}, not ${greaterIsBetter}; pass the same metric and direction`,
    );
  }
  const isConsistent = isCount(evaluations) && isCount(patienceCounter) &&
    patienceCounter <= Math.max(evaluations - 1, 0) && // the first one resets it
    (bestEvaluation === null
      ? bestMetric === null
      : isCount(bestEvaluation) && bestEvaluation >= 1 &&
        bestEvaluation <= evaluations &&
        (bestMetric === null || Number.isFinite(bestMetric)));
  if (!isConsistent) {
    throw new RangeError(
      `Cannot load the state of EarlyStopping: ${
        JSON.stringify(state)
      } contradicts itself; pass one that stateDict() returned`,
    );
  }
}
