/**
 * Options of a data loader, and their checks.
 *
 * @module
 */
import { checkOptions, describe, type OptionNames } from "../check_options.ts";
import { DistributedSampler } from "./distributed_sampler.ts";
import type { ProcessPlace } from "./partition.ts";
import type { DataSource, Sampler } from "./sampler.ts";

/** Options of a `DataLoader`. */
export interface DataLoaderOptions<Row, B> {
  /** Collates rows into a batch: `dataCollatorWithPadding(tokenizer)`. */
  collateFn: (rows: Row[]) => B;
  /**
   * Rows per batch. The last batch of an epoch may have fewer.
   *
   * @default 1
   */
  batchSize?: number;
  /**
   * Whether to reshuffle the rows in each epoch.
   *
   * @default false
   */
  shuffle?: boolean;
  /**
   * Seed of the shuffling.
   *
   * @default 0
   */
  seed?: number;
  /**
   * Order of the rows; cannot be combined with `shuffle`.
   *
   * @default sequential, or random with `shuffle`
   */
  sampler?: Sampler;
  /**
   * Whether to drop the last batch of an epoch if it has fewer rows than
   * `batchSize`.
   *
   * @default false
   */
  dropLast?: boolean;
  /**
   * The processes that train together, a `Communicator`: each gets consecutive rows of
   * every batch, about as many tokens as the others; those of one may wrap around the
   * end of the batch. If a batch has no row for it, it gets row 0, which
   * `GradientAccumulation` multiplies by 0.
   *
   * @default A single process.
   */
  communicator?: ProcessPlace;
}

const OPTIONS: OptionNames<DataLoaderOptions<unknown, unknown>> = {
  batchSize: true,
  shuffle: true,
  seed: true,
  collateFn: true,
  sampler: true,
  dropLast: true,
  communicator: true,
};
const EXAMPLE = "{ batchSize: 8, collateFn }";

/**
 * Checks the arguments of a `DataLoader`.
 *
 * @param dataset The rows.
 * @param options The options.
 * @throws {RangeError} If `batchSize` is not a whole number from 1.
 * @throws {TypeError} If an argument is wrong, or two exclude each other.
 */
export function checkLoader<Row, B>(
  dataset: DataSource<Row>,
  options: DataLoaderOptions<Row, B>,
): void {
  checkOptions("make a DataLoader", options, OPTIONS, EXAMPLE);
  checkSource(dataset);
  if (typeof options?.collateFn !== "function") {
    throw new TypeError(
      `Cannot make a DataLoader: its collateFn is ${
        describe(options?.collateFn)
      }; pass { collateFn: dataCollatorWithPadding(tokenizer) }`,
    );
  }
  const { batchSize = 1, shuffle = false, sampler } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(
      `Cannot load batches: batchSize must be a whole number from 1, not ${batchSize}`,
    );
  }
  if (sampler instanceof DistributedSampler && options.communicator) {
    throw new TypeError(
      "Cannot load batches: a DistributedSampler has divided the rows already; leave out the communicator",
    );
  }
  if (sampler && shuffle) {
    throw new TypeError(
      "Cannot load batches: sampler and shuffle exclude each other; give one of them",
    );
  }
}

/** Rejects what has no rows, such as all splits of a task. */
function checkSource(dataset: DataSource<unknown> | null | undefined): void {
  if (typeof dataset?.length === "number") return;
  throw new TypeError(
    `Cannot make a DataLoader: its rows are ${
      describe(dataset)
    }, not a data set; pass one split, such as (await loadDataset(folder)).train`,
  );
}
