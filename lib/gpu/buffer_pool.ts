/**
 * Storage buffers that are used again instead of made again.
 *
 * @module
 */
import { OutOfMemoryError } from "./errors.ts";

/** Free buffers that no step has taken for this many collections are destroyed. */
const IDLE_COLLECTIONS = 2;

/** A storage buffer, with what the device has to know of its content. */
export interface StorageBuffer {
  /** The buffer. */
  readonly gpu: GPUBuffer;
  /** A number of its own, for cache keys. */
  readonly id: number;
  /** Its size in bytes, a multiple of 16. */
  readonly byteLength: number;
  /** How many allocations there had been when it was handed out. */
  allocation: number;
  /** Goes up when the buffer is given back, so that a tensor that outlived its scope is found. */
  generation: number;
  /** Goes up with every dispatch or copy that writes to it. */
  version: number;
  /** The last recording (see `Recorder.serial`) that used it. */
  lastUse: number;
  /** The scope that gives it back; `undefined` if it lives until it is disposed. */
  owner: StorageBuffer[] | undefined;
}

/** A part of a storage buffer that a kernel reads or writes. */
export interface BufferBinding {
  /** The buffer. */
  readonly storage: StorageBuffer;
  /** Where the part begins, in bytes. */
  readonly byteOffset: number;
  /** How long it is, in bytes. */
  readonly byteLength: number;
}

/** Bytes that a device holds. */
export interface MemoryUse {
  /** Bytes of the buffers and textures that tensors hold now. */
  readonly liveBytes: number;
  /** The most bytes that the device held at one time, kept-back free buffers included. */
  readonly peakBytes: number;
}

interface FreeBuffer {
  buffer: StorageBuffer;
  collection: number;
}

/** Hands out storage buffers, keeps those given back, and counts their bytes. */
export class BufferPool {
  /** The most bytes that a buffer may have to be bound as a whole, a multiple of 16. */
  readonly maxBytes: number;
  readonly #gpu: GPUDevice;
  readonly #free = new Map<number, FreeBuffer[]>();
  #nextId = 0;
  #collections = 0;
  #liveBytes = 0;
  #heldBytes = 0;
  #peakBytes = 0;
  #buffersMade = 0;
  #liveBuffers = 0;
  #allocations = 0;
  #destroyed = new Set<number>();

  /** Makes an empty pool. */
  constructor(gpu: GPUDevice) {
    const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    this.maxBytes = limit - limit % 16;
    this.#gpu = gpu;
  }

  /** What tensors hold now, and what the device held at most. */
  get memory(): MemoryUse {
    return { liveBytes: this.#liveBytes, peakBytes: this.#peakBytes };
  }

  /** How many buffers were created in all. */
  get buffersMade(): number {
    return this.#buffersMade;
  }

  /** How many times a buffer was handed out. */
  get allocations(): number {
    return this.#allocations;
  }

  /** How many buffers are handed out now. */
  get liveBuffers(): number {
    return this.#liveBuffers;
  }

  /**
   * Hands out a buffer; its content is whatever it was.
   *
   * @param byteLength Bytes needed.
   * @param recording The recording that goes on, see `Recorder.serial`.
   * @param options `exact`: whether to allocate just as much, for what lives
   * long; `unused`: whether it must not have been used in the recording, so that
   * the host can write to it at once.
   * @returns A free buffer of at most twice the size, or a new one.
   * @throws {OutOfMemoryError} If the device binds no buffer that large.
   */
  allocate(
    byteLength: number,
    recording: number,
    { exact = false, unused = false } = {},
  ): StorageBuffer {
    const { maxBytes } = this;
    if (byteLength > maxBytes) {
      throw new OutOfMemoryError(
        `Cannot allocate ${byteLength} bytes on the GPU: this adapter binds at most ${maxBytes} at once; use a smaller batch or shorter rows`,
      );
    }
    const size = exact
      ? Math.max(16, Math.ceil(byteLength / 16) * 16)
      : Math.min(sizeClass(byteLength), maxBytes);
    let buffer = exact
      ? undefined
      : this.#takeFree(size, unused ? recording : undefined);
    if (!buffer) {
      if (!exact) this.#outgrow(size, recording);
      buffer = this.#create(size);
    }
    buffer.allocation = ++this.#allocations;
    this.#liveBuffers++;
    this.#liveBytes += buffer.byteLength;
    return buffer;
  }

  /** Takes a buffer back; tensors that still point at it become invalid. */
  release(buffer: StorageBuffer): void {
    buffer.generation++;
    buffer.owner = undefined;
    this.#liveBuffers--;
    this.#liveBytes -= buffer.byteLength;
    const list = this.#free.get(buffer.byteLength) ?? [];
    const next = list.findIndex((free) => free.buffer.id > buffer.id);
    const item = { buffer, collection: this.#collections };
    list.splice(next < 0 ? list.length : next, 0, item); // in the order of ids
    this.#free.set(buffer.byteLength, list);
  }

  /** Counts bytes of what is no buffer of the pool; fewer than 0 when it goes. */
  count(bytes: number): void {
    this.#liveBytes += bytes;
    this.#hold(bytes);
  }

  /**
   * Destroys free buffers that were not needed since the last collections.
   *
   * @returns The ids of all that were destroyed since the last collection.
   */
  collect(): ReadonlySet<number> {
    this.#collections++;
    for (const [size, list] of this.#free) {
      const kept = list.filter(({ buffer, collection }) => {
        if (collection + IDLE_COLLECTIONS >= this.#collections) return true;
        this.#destroy(buffer);
        return false;
      });
      if (kept.length > 0) this.#free.set(size, kept);
      else this.#free.delete(size);
    }
    const destroyed = this.#destroyed;
    this.#destroyed = new Set();
    return destroyed;
  }

  /**
   * The smallest free buffer of `size` bytes or at most twice as many, the first
   * made first: a step like the last one takes the same buffers, whatever order
   * they were given back in, and so finds its bind groups.
   */
  #takeFree(
    size: number,
    unusedIn: number | undefined,
  ): StorageBuffer | undefined {
    return this.#take(
      (candidate) => candidate >= size && candidate <= 2 * size,
      (a, b) => a - b,
      unusedIn,
    );
  }

  /**
   * Destroys the largest free buffer that is too small by half at most: a batch
   * with more tokens than any before needs larger ones in place of those it had.
   */
  #outgrow(size: number, recording: number): void {
    const buffer = this.#take(
      (candidate) => candidate < size && 2 * candidate >= size,
      (a, b) => b - a,
      recording,
    );
    if (buffer) this.#destroy(buffer);
  }

  /** Takes the free buffer of the first size that fits, but none that was used in one recording. */
  #take(
    fits: (size: number) => boolean,
    order: (a: number, b: number) => number,
    unusedIn: number | undefined,
  ): StorageBuffer | undefined {
    const isUnused = ({ buffer }: FreeBuffer) => buffer.lastUse !== unusedIn;
    let best: number | undefined;
    for (const [size, list] of this.#free) {
      const isBetter = best === undefined || order(size, best) < 0;
      if (fits(size) && isBetter && list.some(isUnused)) best = size;
    }
    if (best === undefined) return undefined;
    const list = this.#free.get(best)!;
    const [{ buffer }] = list.splice(list.findIndex(isUnused), 1) as [
      FreeBuffer,
    ];
    if (list.length === 0) this.#free.delete(best);
    return buffer;
  }

  #destroy(buffer: StorageBuffer): void {
    buffer.gpu.destroy();
    this.#heldBytes -= buffer.byteLength;
    this.#destroyed.add(buffer.id);
  }

  #create(byteLength: number): StorageBuffer {
    const gpu = this.#gpu.createBuffer({
      size: byteLength,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC |
        GPUBufferUsage.COPY_DST,
    });
    this.#buffersMade++;
    this.#hold(byteLength);
    return {
      gpu,
      id: this.#nextId++,
      byteLength,
      allocation: 0,
      generation: 0,
      version: 0,
      lastUse: -1,
      owner: undefined,
    };
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#heldBytes);
  }
}

/**
 * Rounds a size up to a quarter of its power of two, so that batches of
 * similar token counts use the same buffers, and so the same bind groups.
 */
function sizeClass(byteLength: number): number {
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(byteLength || 1)) - 2));
  return Math.max(256, Math.ceil(byteLength / step) * step);
}
