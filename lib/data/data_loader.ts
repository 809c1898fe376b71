/**
 * Batches of a data set, in the order of a sampler.
 *
 * @module
 */
import {
  type DataSource,
  RandomSampler,
  type Sampler,
  SequentialSampler,
} from "./sampler.ts";

/** How a {@linkcode DataLoader} makes batches. */
export interface DataLoaderOptions<Row, B> {
  /** Makes a batch of rows: `dataCollatorWithPadding(tokenizer)`. */
  collateFn: (rows: Row[]) => B;
  /**
   * Rows of a batch. The last one of an epoch may be shorter.
   *
   * @default 1
   */
  batchSize?: number;
  /**
   * Whether to take the rows in a new random order each epoch.
   *
   * @default false
   */
  shuffle?: boolean;
  /**
   * Seed of the random orders.
   *
   * @default 0
   */
  seed?: number;
  /**
   * The order of the rows; excludes `shuffle`.
   *
   * @default as the rows come, or as `shuffle` says
   */
  sampler?: Sampler;
  /**
   * Whether to leave out a last batch that is shorter than `batchSize`.
   *
   * @default false
   */
  dropLast?: boolean;
}

/** A place between two batches: plain numbers, so that JSON holds it. */
export interface DataLoaderState {
  /** The epoch, from 0. */
  readonly epoch: number;
  /** The batches of this epoch that were already given. */
  readonly batch: number;
}

/**
 * Gives a data set batch by batch. Each `for await` is one epoch, and the next
 * one is the next epoch; before each batch, timers and signals get their turn.
 */
export class DataLoader<Row, B> implements AsyncIterable<B> {
  /** Batches of an epoch. */
  readonly length: number;
  /** Rows of a batch; the last of an epoch may have fewer. */
  readonly batchSize: number;
  /** Rows of an epoch, without those that `dropLast` leaves out. */
  readonly rows: number;
  #dataset: DataSource<Row>;
  #sampler: Sampler;
  #collateFn: (rows: Row[]) => B;
  #state: DataLoaderState = { epoch: 0, batch: 0 };
  /** Whether a pass has begun at `#state.epoch`, so that a new one is the next epoch. */
  #begun = false;

  /**
   * Makes a loader.
   *
   * @param dataset The rows: a `Dataset`, or an array.
   * @param options The collator, the batch size and the order.
   * @throws {RangeError} If `batchSize` is not a whole number from 1, or there are no rows to shuffle.
   * @throws {TypeError} If both `sampler` and `shuffle` are given.
   */
  constructor(dataset: DataSource<Row>, options: DataLoaderOptions<Row, B>) {
    const { batchSize = 1, shuffle = false, seed = 0, sampler } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(
        `Cannot load batches: batchSize must be a whole number from 1, not ${batchSize}`,
      );
    }
    if (sampler && shuffle) {
      throw new TypeError(
        "Cannot load batches: sampler and shuffle exclude each other",
      );
    }
    this.#dataset = dataset;
    this.#sampler = sampler ??
      (shuffle
        ? new RandomSampler(dataset, { seed })
        : new SequentialSampler(dataset));
    this.batchSize = batchSize;
    this.#collateFn = options.collateFn;
    const batches = this.#sampler.length / batchSize;
    this.length = options.dropLast ? Math.floor(batches) : Math.ceil(batches);
    this.rows = Math.min(this.#sampler.length, this.length * batchSize);
  }

  /**
   * The place after the last batch that was given. Assign a saved one, and the
   * next pass goes on with the very next batch.
   */
  get state(): DataLoaderState {
    return this.#state;
  }

  set state({ epoch, batch }: DataLoaderState) {
    if (!isCount(epoch) || !isCount(batch) || batch > this.length) {
      throw new RangeError(
        `Cannot go on at batch ${batch} of epoch ${epoch}: an epoch has ${this.length} batches`,
      );
    }
    this.#state = { epoch, batch };
    this.#begun = false;
  }

  /**
   * Makes the next pass that of an epoch, from its first batch on.
   *
   * @param epoch The epoch, from 0.
   * @throws {RangeError} If it is not a whole number from 0.
   */
  setEpoch(epoch: number): void {
    this.state = { epoch, batch: 0 };
  }

  /**
   * Gives the batch that the next pass begins with, and moves nothing.
   *
   * @returns The batch.
   * @throws {RangeError} If there is no batch.
   */
  async first(): Promise<B> {
    const { epoch, batch } = this.#next();
    if (batch >= this.length) {
      throw new RangeError(
        `Cannot give a first batch: ${batch} of ${this.length} batches were already given`,
      );
    }
    await eventLoopTurn();
    return this.#collate(this.#order(epoch), batch);
  }

  /** Gives the batches that are left of the epoch, or all of the next one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<B, void, void> {
    const { epoch, batch } = this.#state = this.#next();
    this.#begun = true;
    const order = this.#order(epoch);
    for (let i = batch; i < this.length; i++) {
      await eventLoopTurn();
      const next = this.#collate(order, i);
      this.#state = { epoch, batch: i + 1 };
      yield next;
    }
    this.setEpoch(epoch + 1);
  }

  /** Where the next pass begins. */
  #next(): DataLoaderState {
    const { epoch } = this.#state;
    return this.#begun ? { epoch: epoch + 1, batch: 0 } : this.state;
  }

  #order(epoch: number): number[] {
    this.#sampler.setEpoch?.(epoch);
    return [...this.#sampler];
  }

  #collate(order: number[], batch: number): B {
    const start = batch * this.batchSize;
    return this.#collateFn(
      order.slice(start, start + this.batchSize)
        .map((index) => this.#dataset.at(index)!),
    );
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Milliseconds between two turns in which everything that waits gets through. */
const FULL_TURN_MS = 100;
let lastFullTurn = 0;

/**
 * Lets timers and signal handlers run. A message costs 20 µs but lets only some
 * of them through: what arrives from a GPU has to wait, and after `setImmediate`
 * signals too. `setTimeout` lets all through and costs 2 ms, so it is for some turns.
 */
function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (performance.now() - lastFullTurn > FULL_TURN_MS) {
      setTimeout(() => {
        lastFullTurn = performance.now();
        resolve();
      });
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close(); // or the process would not end
      resolve();
    };
    port2.postMessage(undefined);
    port2.close(); // or its memory would stay
  });
}
