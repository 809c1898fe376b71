/**
 * Collective operations among the processes that train together.
 *
 * @module
 */

/**
 * The processes of a job. Every process calls the same operations in the same order;
 * each resolves once all processes have called it. To dispose of it is such an
 * operation too: a process that fails calls {@linkcode Communicator.abort} instead.
 */
export interface Communicator extends Disposable {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly size: number;

  /**
   * Sums arrays element by element, in the same order each time: the same values
   * give the same bits.
   *
   * @param values The values of this process, of the same length in every process;
   * replaced by the sum.
   */
  allReduceSum(
    values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
  ): Promise<void>;

  /**
   * Sends bytes from one process to all others.
   *
   * @param bytes The bytes, of the same length in every process; replaced by those of `root`.
   * @param root The process that sends.
   */
  broadcast(bytes: Uint8Array<ArrayBuffer>, root?: number): Promise<void>;

  /**
   * Sends the bytes of every process to process 0.
   *
   * @param bytes The bytes of this process, of any length.
   * @returns On process 0, the bytes of all by rank; nothing on the others.
   */
  gather(
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>[]>;

  /** Waits for all processes. */
  barrier(): Promise<void>;

  /**
   * Ends all processes at once: what a process does that cannot go on, since the
   * others would wait for it for ever.
   *
   * @param exitCode Exit code of the job, from 1.
   */
  abort(exitCode: number): void;
}

/** A single process: nothing is sent, nothing is copied. */
export class SingleProcess implements Communicator {
  /** Number of this process. */
  readonly rank = 0;
  /** Number of processes. */
  readonly size = 1;

  /** Keeps the values. */
  allReduceSum(): Promise<void> {
    return Promise.resolve();
  }

  /** Keeps the bytes. */
  broadcast(): Promise<void> {
    return Promise.resolve();
  }

  /** Returns the bytes themselves. */
  gather(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>[]> {
    return Promise.resolve([bytes]);
  }

  /** Resolves at once. */
  barrier(): Promise<void> {
    return Promise.resolve();
  }

  /** Does nothing: no other process waits. */
  abort(): void {}

  /** Does nothing. */
  [Symbol.dispose](): void {}
}
