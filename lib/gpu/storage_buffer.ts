/**
 * Storage buffers, and the ranges of them that kernels bind.
 *
 * @module
 */

/** A storage buffer and the state that the device tracks for it. */
export interface StorageBuffer {
  /**
   * The WebGPU buffer.
   *
   * @throws {RangeError} If the buffer is split.
   */
  readonly gpu: GPUBuffer;
  /** The buffers that hold the content, if it is larger than a binding. */
  readonly shards?: readonly StorageBuffer[];
  /** A unique number, for cache keys. */
  readonly id: number;
  /** Size in bytes, a multiple of 16. */
  readonly byteLength: number;
  /** Serial number of the allocation that returned this buffer last. */
  allocation: number;
  /**
   * Incremented when the buffer is released, so that the use of a tensor beyond
   * its scope is detected.
   */
  generation: number;
  /** Incremented by every dispatch, copy or upload that writes to the buffer. */
  version: number;
  /** Serial number of the last recording that used it, see `Recorder.serial`. */
  lastUse: number;
  /** Buffers of the scope that releases it; `undefined` if it lives until it is released explicitly. */
  owner: StorageBuffer[] | undefined;
}

/** A range of a storage buffer that a kernel reads or writes. */
export interface BufferBinding {
  /** The buffer. */
  readonly storage: StorageBuffer;
  /** Start of the range, in bytes. */
  readonly byteOffset: number;
  /** Length of the range, in bytes. */
  readonly byteLength: number;
}
