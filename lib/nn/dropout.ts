/**
 * The dropout layer, and keys for the random numbers of dropout.
 *
 * @module
 */
import { checkOptions, isCount, type OptionNames } from "../check_options.ts";
import { dropout } from "../ops/dropout.ts";
import type { DropoutKey } from "../ops/dropout_key.ts";
import { drawOnce } from "../tensor/checkpoint.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

/** Seed and number of forward passes of {@linkcode DropoutKeys}, as plain numbers for JSON. */
export interface DropoutKeysState {
  /** Seed of the random numbers. */
  readonly seed: number;
  /** Number of forward passes in training so far. */
  readonly step: number;
}

/**
 * Makes the keys of a model's dropout masks: every forward pass in training is a
 * step, and every dropout in it a site, so that all masks are independent and a
 * backward pass recomputes the masks of its forward pass.
 */
export class DropoutKeys {
  #seed: number;
  #step = 0;
  #site = 0;
  #part: Pick<DropoutKey, "firstRow" | "batchRows"> = {};

  /** Starts at step 0; `seed` is a whole number from 0. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Number of forward passes in training so far. */
  get step(): number {
    return this.#step;
  }

  /** Returns the state to save. */
  stateDict(): DropoutKeysState {
    return { seed: this.#seed, step: this.#step };
  }

  /**
   * Restores a saved state.
   *
   * @param state A state returned by {@linkcode DropoutKeys.stateDict}.
   * @throws {RangeError} If the seed or the step is not a whole number from 0.
   */
  loadStateDict({ seed, step }: DropoutKeysState): void {
    for (const [name, value] of Object.entries({ seed, step })) {
      if (isCount(value)) continue;
      throw new RangeError(
        `Cannot load the dropout keys: the ${name} must be a whole number from 0, not ${value}`,
      );
    }
    this.#seed = seed;
    this.#step = step;
  }

  /**
   * Starts the next forward pass in training.
   *
   * @param part Where its rows are a part of a batch: the rows before them, and those of the batch.
   */
  nextStep(part: Pick<DropoutKey, "firstRow" | "batchRows"> = {}): void {
    drawOnce(() => {
      this.#step++;
      this.#site = 0;
      this.#part = part;
    });
  }

  /** Returns the key of the next dropout of this forward pass, with probability `p`. */
  nextSite(p: number): DropoutKey {
    return drawOnce(() => ({
      p,
      seed: this.#seed,
      step: this.#step,
      site: this.#site++,
      ...this.#part,
    }));
  }
}

let layerCount = 0;

/** Options of {@linkcode Dropout}. */
export interface DropoutOptions {
  /**
   * Seed of the random numbers, a whole number from 0.
   *
   * @default A counter, so that each layer has its own seed.
   */
  seed?: number;
}

const OPTIONS: OptionNames<DropoutOptions> = {
  seed: true,
};

/**
 * Zeroes elements with probability p in training and scales the others by
 * 1/(1-p), as `torch.nn.Dropout`.
 */
export class Dropout extends Module {
  /** Probability that an element is zeroed. */
  readonly p: number;
  readonly #keys: DropoutKeys;

  /** Makes a layer with probability `p` in [0, 1). */
  constructor(p = 0.5, options: DropoutOptions = {}) {
    super();
    checkOptions("make a Dropout", options, OPTIONS);
    this.p = p;
    this.#keys = new DropoutKeys(options.seed ?? layerCount++);
  }

  /** Returns seed and number of forward passes. */
  override getExtraState(): DropoutKeysState {
    return this.#keys.stateDict();
  }

  /** Restores seed and number of forward passes. */
  override setExtraState(state: DropoutKeysState): void {
    this.#keys.loadStateDict(state);
  }

  /** Applies dropout to a tensor of any shape; returns it unchanged in evaluation. */
  forward(x: Tensor): Tensor {
    if (!this.training) return x;
    this.#keys.nextStep();
    return dropout(x, this.#keys.nextSite(this.p));
  }
}
