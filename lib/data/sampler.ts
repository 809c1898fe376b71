/**
 * In which order a data loader takes the rows. Each sampler is a pure function
 * of its seed and the epoch: nothing has to be saved to repeat or resume it.
 *
 * @module
 */
import { Random } from "../random.ts";
import type { Row } from "./dataset.ts";

/** The rows of an epoch, in order. An array of row numbers is one. */
export interface Sampler extends Iterable<number> {
  /** Rows an epoch. */
  readonly length: number;
  /**
   * Says which epoch to give the order of.
   *
   * @param epoch The epoch, from 0.
   */
  setEpoch?(epoch: number): void;
}

/** What a sampler can order: a data set, or an array of rows. */
export interface DataSource<T = Row> {
  /** Rows. */
  readonly length: number;
  /**
   * Gives a row.
   *
   * @param index The row, from 0 to `length` - 1.
   * @returns The row.
   */
  at(index: number): T | undefined;
}

/** Takes the rows as they come. */
export class SequentialSampler implements Sampler {
  /** Rows an epoch. */
  readonly length: number;

  /** Makes a sampler of the rows of `dataSource`. */
  constructor(dataSource: { readonly length: number }) {
    this.length = dataSource.length;
  }

  /** Gives 0 to `length` - 1. */
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

/** How a {@linkcode RandomSampler} shuffles. */
export interface RandomSamplerOptions {
  /**
   * The same seed gives the same orders.
   *
   * @default 0
   */
  seed?: number;
}

/** Takes every row once, in a new random order each epoch. */
export class RandomSampler implements Sampler {
  /** Rows an epoch. */
  readonly length: number;
  #seed: number;
  #epoch = 0;

  /**
   * Makes a sampler.
   *
   * @param dataSource What has the rows.
   * @param options The seed.
   * @throws {RangeError} If there are no rows.
   */
  constructor(
    dataSource: { readonly length: number },
    options: RandomSamplerOptions = {},
  ) {
    if (dataSource.length === 0) {
      throw new RangeError("Cannot sample at random: there are no rows");
    }
    this.length = dataSource.length;
    this.#seed = options.seed ?? 0;
  }

  /** Takes the order of an epoch, from 0. */
  setEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Gives each of 0 to `length` - 1 once, in the epoch's order. */
  *[Symbol.iterator](): Generator<number> {
    yield* new Random(this.#seed, this.#epoch).permutation(this.length);
  }
}

/** How a {@linkcode LengthGroupedSampler} groups. */
export interface LengthGroupedSamplerOptions extends RandomSamplerOptions {
  /** Rows of a batch, times the batches of an accumulation window. */
  batchSize: number;
}

/** Megabatches hold at most this many batches. */
const MAX_MEGABATCH = 50;

/**
 * Puts rows of like length beside each other, with some randomness: batches
 * have little padding. The rows are shuffled and cut into megabatches of up to
 * 50 batches, four of these at least; each is sorted from long to short. The longest row of all comes
 * first, so that a batch too large for the device is found at once.
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
   * @param dataset Encoded rows: the length of a row is that of its `inputIds`.
   * @param options The batch size and the seed.
   * @throws {RangeError} If there are no rows, or `batchSize` is not a whole number from 1.
   * @throws {TypeError} If a row has no `inputIds`.
   */
  constructor(dataset: DataSource, options: LengthGroupedSamplerOptions) {
    const { batchSize } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(
        `Cannot group by length: batchSize must be a whole number from 1, not ${batchSize}`,
      );
    }
    this.#random = new RandomSampler(dataset, options);
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

  /** Rows an epoch. */
  get length(): number {
    return this.#lengths.length;
  }

  /** Takes the order of an epoch, from 0. */
  setEpoch(epoch: number): void {
    this.#random.setEpoch(epoch);
  }

  /** Gives each of 0 to `length` - 1 once, in the epoch's order. */
  *[Symbol.iterator](): Generator<number> {
    const lengths = this.#lengths;
    const batches = Math.floor(this.length / (4 * this.#batchSize));
    const size = this.#batchSize *
      Math.max(1, Math.min(batches, MAX_MEGABATCH));
    const indices = [...this.#random];
    const order: number[] = [];
    let longest = 0; // the place in `order` of a megabatch's head
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
