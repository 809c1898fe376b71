/**
 * The sampler of PyTorch's distributed training.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { ProcessPlace } from "./partition.ts";
import type { Sampler } from "./sampler.ts";
import { randperm } from "./torch_random.ts";

/** Options of {@linkcode DistributedSampler}. */
export interface DistributedSamplerOptions {
  /** The processes, a `Communicator`. */
  communicator: ProcessPlace;
  /**
   * Whether to reshuffle the rows in each epoch.
   *
   * @default true
   */
  shuffle?: boolean;
  /**
   * Seed of the shuffling, the same in all processes.
   *
   * @default 0
   */
  seed?: number;
  /**
   * Whether to drop rows of the end, so that all processes have as many, instead of
   * repeating rows of the start.
   *
   * @default false
   */
  dropLast?: boolean;
}

const OPTIONS: OptionNames<DistributedSamplerOptions> = {
  communicator: true,
  shuffle: true,
  seed: true,
  dropLast: true,
};

/**
 * Samples the rows of one process in the order of `torch.utils.data.DistributedSampler`:
 * each process takes every `size`-th row of an order that is the same for all. Some
 * rows are taken twice if their number is no multiple of the processes, so that the
 * mean of an epoch differs from that of a single process. The option `communicator`
 * of `DataLoader` repeats none, and takes the place of this sampler.
 *
 * As in PyTorch, a step takes the mean of the processes' mean losses: divide each by
 * the number of processes, since `allReduceGradients` adds.
 */
export class DistributedSampler implements Sampler {
  /** Rows per epoch of this process. */
  readonly length: number;
  readonly #rows: number;
  readonly #options: DistributedSamplerOptions;
  #epoch = 0;

  /**
   * Makes a sampler.
   *
   * @param dataSource The rows.
   * @param options The processes, and the order.
   * @throws {RangeError} If there are no rows.
   * @throws {TypeError} If an option has an unknown name.
   */
  constructor(
    dataSource: { readonly length: number },
    options: DistributedSamplerOptions,
  ) {
    const action = "make a DistributedSampler";
    checkOptions(action, options, OPTIONS, "{ communicator }");
    if (dataSource.length === 0) {
      throw new RangeError(
        "Cannot divide rows among processes: there are none",
      );
    }
    this.#rows = dataSource.length;
    this.#options = options;
    const share = this.#rows / options.communicator.size;
    this.length = options.dropLast ? Math.floor(share) : Math.ceil(share);
  }

  /** Sets the epoch, from 0, of the next iteration. */
  setEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Yields the rows of this process, in the order of the epoch. */
  *[Symbol.iterator](): Generator<number> {
    const { communicator, shuffle = true, seed = 0 } = this.#options;
    const order = shuffle
      ? randperm(this.#rows, seed + this.#epoch)
      : Array.from({ length: this.#rows }, (_, i) => i);
    const { rank, size } = communicator;
    for (let i = 0; i < this.length; i++) {
      yield order[(rank + i * size) % this.#rows]!; // from the start again at the end
    }
  }
}
