/**
 * Positions of a `DataLoader`.
 *
 * @module
 */

/** A position between two batches, as plain numbers that JSON can hold. */
export interface DataLoaderState {
  /** The epoch, from 0. */
  readonly epoch: number;
  /** Number of batches of this epoch that were already yielded. */
  readonly batch: number;
}

/** A position, and what must be the same to resume at it; plain values for JSON. */
export interface DataLoaderCheckpoint extends DataLoaderState {
  /** Rows per batch. */
  readonly batchSize: number;
  /** Rows per epoch. */
  readonly rows: number;
  /** XXH32 of the row indices of the epoch, in order, as 32-bit integers. */
  readonly orderHash: number;
}
