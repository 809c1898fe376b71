/**
 * Dropout as a layer, and the numbering of dropouts.
 *
 * @module
 */
import { dropout } from "../ops/dropout.ts";
import type { DropoutKey } from "../ops/dropout_key.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

/**
 * Numbers the dropouts of a model: every forward pass in training is a step,
 * and every dropout in it a site, so that all draw different random numbers and
 * a backward pass draws those of its forward pass.
 */
export class DropoutKeys {
  readonly #seed: number;
  #step = 0;
  #site = 0;

  /** Starts at step 0 of a seed, a whole number from 0. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** How many training steps began. */
  get step(): number {
    return this.#step;
  }

  /** Goes back to an earlier step, or ahead. */
  set step(step: number) {
    this.#step = step;
  }

  /** Begins the next forward pass. */
  nextStep(): void {
    this.#step++;
    this.#site = 0;
  }

  /** The key of the next dropout of this pass. */
  nextSite(p: number): DropoutKey {
    return { p, seed: this.#seed, step: this.#step, site: this.#site++ };
  }
}

let dropoutsMade = 0;

/** Options of {@linkcode Dropout}. */
export interface DropoutOptions {
  /**
   * Seed of its random numbers, a whole number from 0.
   *
   * @default The how-manieth dropout it is, so that each has its own.
   */
  seed?: number;
}

/** Zeroes elements with probability p in training and scales the others by 1/(1-p), as `torch.nn.Dropout`. */
export class Dropout extends Module {
  /** Probability that an element is zeroed. */
  readonly p: number;
  readonly #keys: DropoutKeys;

  /** Makes a layer that zeroes elements with probability `p` in [0, 1). */
  constructor(p = 0.5, options: DropoutOptions = {}) {
    super();
    this.p = p;
    this.#keys = new DropoutKeys(options.seed ?? dropoutsMade++);
  }

  /** Applies it to a tensor of any shape; in evaluation nothing changes. */
  forward(x: Tensor): Tensor {
    if (!this.training) return x;
    this.#keys.nextStep();
    return dropout(x, this.#keys.nextSite(this.p));
  }
}
