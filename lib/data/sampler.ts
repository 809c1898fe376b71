/**
 * Samplers: the order in which a data loader takes the rows. Each is a pure
 * function of its seed and the epoch, so nothing is saved to repeat or resume it.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { Random } from "../random.ts";
import type { Row } from "./dataset.ts";

/** The row indices of an epoch, in order; an array of indices, for instance. */
export interface Sampler extends Iterable<number> {
  /** Rows per epoch. */
  readonly length: number;
  /**
   * Sets the epoch of the next iteration.
   *
   * @param epoch The epoch, from 0.
   */
  setEpoch?(epoch: number): void;
}

/** Rows by index: a data set, or an array of rows. */
export interface DataSource<T = Row> {
  /** Number of rows. */
  readonly length: number;
  /**
   * Returns a row.
   *
   * @param index The row, from 0 to `length` - 1.
   * @returns The row.
   */
  at(index: number): T | undefined;
}

/** Samples rows sequentially. */
export class SequentialSampler implements Sampler {
  /** Rows per epoch. */
  readonly length: number;

  /** Makes a sampler of the rows of `dataSource`. */
  constructor(dataSource: { readonly length: number }) {
    this.length = dataSource.length;
  }

  /** Yields 0 to `length` - 1. */
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

/** Options of {@linkcode RandomSampler}. */
export interface RandomSamplerOptions {
  /**
   * Seed; the same seed gives the same order in each epoch.
   *
   * @default 0
   */
  seed?: number;
}

const RANDOM_OPTIONS: OptionNames<RandomSamplerOptions> = {
  seed: true,
};

/** Samples every row once, reshuffled in each epoch. */
export class RandomSampler implements Sampler {
  /** Rows per epoch. */
  readonly length: number;
  #seed: number;
  #epoch = 0;

  /**
   * Makes a sampler.
   *
   * @param dataSource The rows.
   * @param options The seed.
   * @throws {RangeError} If there are no rows.
   * @throws {TypeError} If an option has an unknown name.
   */
  constructor(
    dataSource: { readonly length: number },
    options: RandomSamplerOptions = {},
  ) {
    checkOptions("make a RandomSampler", options, RANDOM_OPTIONS);
    if (dataSource.length === 0) {
      throw new RangeError("Cannot sample at random: there are no rows");
    }
    this.length = dataSource.length;
    this.#seed = options.seed ?? 0;
  }

  /** Sets the epoch, from 0, of the next iteration. */
  setEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Yields each of 0 to `length` - 1 once, in the order of the epoch. */
  *[Symbol.iterator](): Generator<number> {
    yield* new Random(this.#seed, this.#epoch).permutation(this.length);
  }
}

/** Options of {@linkcode LengthGroupedSampler}. */
export interface LengthGroupedSamplerOptions extends RandomSamplerOptions {
  /** Rows per batch, times the accumulation steps if gradients are accumulated. */
  batchSize: number;
}

const LENGTH_GROUPED_OPTIONS: OptionNames<LengthGroupedSamplerOptions> = {
  batchSize: true,
  seed: true,
};

/** Most batches of a megabatch. */
const MAX_MEGABATCH = 50;

/**
 * Groups rows of similar length, with some randomness, so that batches have
 * little padding. The rows are shuffled and split into at least four megabatches
 * of up to 50 batches; each is sorted by descending length. The longest row of
 * all comes first, so that running out of device memory happens at once.
 *
 * Source: `get_length_grouped_indices`, https://github.com/huggingface/transformers/blob/main/src/transformers/trainer_pt_utils.py
 */
export class LengthGroupedSampler implements Sampler {
  #lengths: number[];
  #random: RandomSampler;
  #batchSize: number;

  /**
   * Makes a sampler.
   *
   * @param dataset Encoded rows; the length of a row is that of its `inputIds`.
   * @param options Batch size and seed.
   * @throws {RangeError} If there are no rows, or `batchSize` is not a whole number from 1.
   * @throws {TypeError} If a row has no `inputIds`, or an option an unknown name.
   */
  constructor(dataset: DataSource, options: LengthGroupedSamplerOptions) {
    const action = "make a LengthGroupedSampler";
    checkOptions(action, options, LENGTH_GROUPED_OPTIONS);
    const { batchSize, seed = 0 } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(
        `Cannot group by length: batchSize must be a whole number from 1, not ${batchSize}`,
      );
    }
    this.#random = new RandomSampler(dataset, { seed });
    this.#batchSize = batchSize;
    this.#lengths = Array.from({ length: dataset.length }, (_, i) => {
      const ids = dataset.at(i)?.inputIds;
      if (ids === undefined) {
        throw new TypeError(
          `Cannot group by length: row ${i} has no inputIds; map the data set through tokenizer.encode`,
        );
      }
      return ids.length;
    });
  }

  /** Rows per epoch. */
  get length(): number {
    return this.#lengths.length;
  }

  /** Sets the epoch, from 0, of the next iteration. */
  setEpoch(epoch: number): void {
    this.#random.setEpoch(epoch);
  }

  /** Yields each of 0 to `length` - 1 once, in the order of the epoch. */
  *[Symbol.iterator](): Generator<number> {
    const lengths = this.#lengths;
    const batches = Math.floor(this.length / (4 * this.#batchSize));
    const size = this.#batchSize *
      Math.max(1, Math.min(batches, MAX_MEGABATCH));
    const indices = [...this.#random];
    const order: number[] = [];
    let longest = 0; // index in `order` of the longest row, the head of its megabatch
    for (let start = 0; start < indices.length; start += size) {
      const megabatch = indices.slice(start, start + size)
        .sort((a, b) => lengths[b]! - lengths[a]!);
      order.push(...megabatch);
      if (lengths[order[start]!]! > lengths[order[longest]!]!) longest = start;
    }
    [order[0], order[longest]] = [order[longest]!, order[0]!];
    yield* order;
  }
}
