/**
 * Loads a data set batch by batch, in the order of a sampler.
 *
 * @module
 */
import { isCount } from "../check_options.ts";
import { INSPECT } from "../inspect.ts";
import { checkLoader, type DataLoaderOptions } from "./data_loader_options.ts";
import type {
  DataLoaderCheckpoint,
  DataLoaderState,
} from "./data_loader_state.ts";
import { eventLoopTurn } from "./event_loop_turn.ts";
import {
  type DataSource,
  RandomSampler,
  type Sampler,
  SequentialSampler,
} from "./sampler.ts";
import { partOf, type ProcessPlace, type RowRange } from "./partition.ts";
import { xxHash32 } from "./xx_hash32.ts";

/**
 * Iterates over a data set in batches. Each `for await` is one epoch, the next
 * one the next epoch. Before each batch it yields to the event loop, so that
 * timers and signal handlers run.
 */
export class DataLoader<Row, B> implements AsyncIterable<B> {
  /** Batches per epoch. */
  readonly length: number;
  /** Rows per batch; the last batch of an epoch may have fewer. */
  readonly batchSize: number;
  /** Rows per epoch, not counting those that `dropLast` drops. */
  readonly rows: number;
  #dataset: DataSource<Row>;
  #sampler: Sampler;
  #collateFn: (rows: Row[]) => B;
  #place: ProcessPlace;
  #part: RowRange | undefined;
  #state: DataLoaderState = { epoch: 0, batch: 0 };
  /** Order of the rows of the last epoch that was asked for. */
  #lastOrder: { epoch: number; order: number[] } | undefined;
  /** Whether iteration has begun in `#state.epoch`: the next one is then the next epoch. */
  #begun = false;

  /**
   * Makes a loader.
   *
   * @param dataset The rows: a `Dataset` or an array.
   * @param options Collator, batch size and order.
   * @throws {RangeError} If `batchSize` is not a whole number from 1, or there are no rows to shuffle.
   * @throws {TypeError} If both `sampler` and `shuffle` are given, there is no `collateFn`, an
   * option has an unknown name, or the rows are neither a data set nor an array.
   */
  constructor(dataset: DataSource<Row>, options: DataLoaderOptions<Row, B>) {
    checkLoader(dataset, options);
    const { batchSize = 1, shuffle = false, seed = 0, sampler } = options;
    this.#dataset = dataset;
    this.#sampler = sampler ??
      (shuffle
        ? new RandomSampler(dataset, { seed })
        : new SequentialSampler(dataset));
    this.batchSize = batchSize;
    this.#collateFn = options.collateFn;
    this.#place = options.communicator ?? { rank: 0, size: 1 };
    const batches = this.#sampler.length / batchSize;
    this.length = options.dropLast ? Math.floor(batches) : Math.ceil(batches);
    this.rows = Math.min(this.#sampler.length, this.length * batchSize);
  }

  /**
   * The position after the last batch that was yielded, to be saved in a
   * checkpoint. Assign a saved state to resume: the next iteration starts with
   * the batch after it. Assignment throws a `RangeError` if the epoch or batch is
   * not a whole number from 0, or an epoch has fewer batches.
   */
  get state(): DataLoaderState {
    return this.#state;
  }

  set state({ epoch, batch }: DataLoaderState) {
    if (!isCount(epoch) || !isCount(batch) || batch > this.length) {
      throw new RangeError(
        `Cannot resume at batch ${batch} of epoch ${epoch}: an epoch has ${this.length} batches`,
      );
    }
    this.#state = { epoch, batch };
    this.#begun = false;
  }

  /**
   * Indices, in the data set, of the rows of this epoch, in order; those that
   * `dropLast` drops are the last.
   */
  get order(): readonly number[] {
    return this.#order(this.#state.epoch);
  }

  /**
   * Indices, in the data set, of the rows of the batch that was yielded last; none
   * before the first batch of an epoch.
   */
  get batchIndices(): readonly number[] {
    const { epoch, batch } = this.#state;
    return batch === 0 ? [] : this.#indices(this.#order(epoch), batch - 1);
  }

  /**
   * The rows of the batch that was yielded last which this process got, as a range of
   * `batchIndices` that may wrap around; `undefined` for all of them.
   */
  get part(): RowRange | undefined {
    return this.#part;
  }

  /**
   * Returns the position to save, after which a resumed loop continues, and the
   * order of the rows, so that another one is noticed.
   *
   * @returns The position. After the last batch of an epoch, the resumed loop gets
   * no batch of that epoch, and then the next epoch.
   */
  stateDict(): DataLoaderCheckpoint {
    const { batchSize, rows } = this;
    const orderHash = this.#orderHash(this.#state.epoch);
    return { ...this.#state, batchSize, rows, orderHash };
  }

  /**
   * Restores a saved position: the next iteration starts with the batch after it.
   *
   * @param saved A state returned by {@linkcode DataLoader.stateDict}.
   * @throws {RangeError} If batch size, number of rows or order differ; nothing is changed then.
   */
  loadStateDict({ epoch, batch, ...saved }: DataLoaderCheckpoint): void {
    const { batchSize, rows } = this;
    if (saved.batchSize !== batchSize || saved.rows !== rows) {
      throw new RangeError(
        `Cannot resume a DataLoader of ${rows} rows in batches of ${batchSize}: the saved one has ${saved.rows} rows in batches of ${saved.batchSize}; use the same data and batchSize`,
      );
    }
    if (isCount(epoch) && this.#orderHash(epoch) !== saved.orderHash) {
      throw new RangeError(
        `Cannot resume a DataLoader in epoch ${epoch}: the order of its rows differs from the saved one; use the same data, sampler and seed`,
      );
    }
    this.state = { epoch, batch };
  }

  /**
   * Starts the next iteration at the first batch of an epoch.
   *
   * @param epoch The epoch, from 0.
   * @throws {RangeError} If it is not a whole number from 0.
   */
  setEpoch(epoch: number): void {
    this.state = { epoch, batch: 0 };
  }

  /**
   * Returns the batch that the next iteration starts with, without advancing.
   *
   * @returns The batch, with the rows of all processes.
   * @throws {RangeError} If no batch is left.
   */
  async first(): Promise<B> {
    const { epoch, batch } = this.#next();
    if (batch >= this.length) {
      throw new RangeError(
        `Cannot take the first batch: ${batch} of ${this.length} batches were already taken`,
      );
    }
    await eventLoopTurn();
    return this.#collateFn(this.#rows(this.#order(epoch), batch));
  }

  /** Sizes and order, for `console.log`. */
  [INSPECT](): string {
    const { length, batchSize, rows } = this;
    const sampler = this.#sampler.constructor.name;
    return `DataLoader { length: ${length}, batchSize: ${batchSize}, rows: ${rows}, sampler: ${sampler} }`;
  }

  /** Yields the remaining batches of the epoch, or those of the next one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<B, void, void> {
    const { epoch, batch } = this.#state = this.#next();
    this.#begun = true;
    const order = this.#order(epoch);
    for (let i = batch; i < this.length; i++) {
      await eventLoopTurn();
      const next = this.#collatePart(this.#rows(order, i));
      this.#state = { epoch, batch: i + 1 };
      yield next;
    }
    this.setEpoch(epoch + 1);
  }

  /** Returns the position at which the next iteration starts. */
  #next(): DataLoaderState {
    const { epoch } = this.#state;
    return this.#begun ? { epoch: epoch + 1, batch: 0 } : this.state;
  }

  #order(epoch: number): number[] {
    if (this.#lastOrder?.epoch !== epoch) {
      this.#sampler.setEpoch?.(epoch);
      this.#lastOrder = { epoch, order: [...this.#sampler] };
    }
    return this.#lastOrder.order;
  }

  #orderHash(epoch: number): number {
    return xxHash32(
      new Uint8Array(Uint32Array.from(this.#order(epoch)).buffer),
    );
  }

  #rows(order: number[], batch: number): Row[] {
    return this.#indices(order, batch)
      .map((index) => this.#dataset.at(index)!);
  }

  #collatePart(batch: Row[]): B {
    if (this.#place.size === 1) return this.#collateFn(batch);
    const { range, rows, place } = partOf(batch, this.#place);
    this.#part = range;
    return { ...this.#collateFn(rows), ...place };
  }

  #indices(order: number[], batch: number): number[] {
    const start = batch * this.batchSize;
    return order.slice(start, start + this.batchSize);
  }
}
