/**
 * Initial values of parameters.
 *
 * @module
 */
import { Random } from "../random.ts";

/** Fills a parameter with its initial values. */
export type Init = (values: Float32Array, random: Random) => void;

/** Normal distribution with mean 0, as Hugging Face initialises BERT's matrices. */
export function normal(standardDeviation: number): Init {
  return (values, random) => {
    for (let i = 0; i < values.length; i++) {
      values[i] = standardDeviation * random.normal();
    }
  };
}

/** Normal distribution with mean 0, without values of more than `cutoff` standard deviations. */
export function truncatedNormal(
  standardDeviation: number,
  cutoff: number,
): Init {
  return (values, random) => {
    for (let i = 0; i < values.length; i++) {
      let value;
      do value = random.normal(); while (Math.abs(value) > cutoff);
      values[i] = standardDeviation * value;
    }
  };
}

/** Uniform distribution over [-bound, bound); `torch.nn.Linear` uses the bound `1 / √I`. */
export function uniform(bound: number): Init {
  return (values, random) => {
    for (let i = 0; i < values.length; i++) {
      values[i] = bound * (2 * random.nextFloat() - 1);
    }
  };
}

/** The same value for all elements. */
export function constant(value: number): (values: Float32Array) => void {
  return (values) => void values.fill(value);
}

/**
 * Assigns every parameter of a model its own stream of random numbers, so that
 * none depends on another.
 */
export class Initializer {
  readonly #seed: number;
  #stream = 0;

  /** Starts with the first stream; `seed` is a whole number from 0. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Returns a function that fills the next parameter with its initial values. */
  next(init: Init): (values: Float32Array) => void {
    const stream = this.#stream++;
    return (values) => init(values, new Random(this.#seed, stream));
  }
}
