/**
 * A pool of storage buffers: freed buffers are reused by later allocations.
 *
 * @module
 */
import { OutOfMemoryError } from "./errors.ts";
import { rowsPerShard } from "./shards.ts";
import type { StorageBuffer } from "./storage_buffer.ts";
import type { WorkQueue } from "./work_queue.ts";

/** Free buffers that were not reused for this many sweeps are destroyed. */
const IDLE_SWEEPS = 2;

/** Memory use of a device, in bytes. */
export interface MemoryUse {
  /** Bytes of the buffers and textures that are in use. */
  readonly liveBytes: number;
  /** Largest number of bytes allocated at one time, free buffers of the pool included. */
  readonly peakBytes: number;
}

interface FreeBuffer {
  buffer: StorageBuffer;
  /** Number of the sweep before it was released. */
  sweep: number;
}

/** Allocates storage buffers, reuses released ones, and tracks memory use. */
export class BufferPool {
  /** Largest size of a buffer that can be bound as a whole, in bytes, a multiple of 16. */
  readonly maxBytes: number;
  readonly #gpu: GPUDevice;
  readonly #queue: WorkQueue;
  readonly #free = new Map<number, FreeBuffer[]>();
  #nextId = 0;
  #sweeps = 0;
  #liveBytes = 0;
  #heldBytes = 0;
  #targetBytes = Infinity;
  #peakBytes = 0;
  #buffersMade = 0;
  #liveBuffers = 0;
  #allocations = 0;
  #destroyed = new Set<number>();

  /** Makes an empty pool, which destroys its buffers by way of a queue. */
  constructor(gpu: GPUDevice, queue: WorkQueue) {
    const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    this.maxBytes = limit - limit % 16;
    this.#gpu = gpu;
    this.#queue = queue;
  }

  /** Current and peak memory use, in bytes. */
  get memory(): MemoryUse {
    return { liveBytes: this.#liveBytes, peakBytes: this.#peakBytes };
  }

  /**
   * Destroys free buffers, now and before others are created, while more is allocated.
   *
   * @param bytes Largest number of bytes, as far as free buffers can be destroyed.
   * @param recording The current recording, see `Recorder.serial`.
   */
  keepWithin(bytes: number, recording: number): void {
    this.#targetBytes = bytes;
    this.#destroyUntil(bytes, recording);
  }

  /** Number of buffers created so far. */
  get buffersMade(): number {
    return this.#buffersMade;
  }

  /** Number of allocations so far. */
  get allocations(): number {
    return this.#allocations;
  }

  /** Number of buffers in use. */
  get liveBuffers(): number {
    return this.#liveBuffers;
  }

  /**
   * Allocates a buffer with undefined content.
   *
   * @param byteLength Size needed, in bytes.
   * @param recording The current recording, see `Recorder.serial`.
   * @param options `exact`: create a buffer of just this size, for long-lived
   * data; `unused`: take no buffer that the current recording used, so that the
   * host can write to it at once; `largest`: size of a free buffer that is taken,
   * at most, as a multiple of the size needed.
   * @returns A free buffer, or a new one.
   * @throws {OutOfMemoryError} If the device cannot bind a buffer that large.
   */
  allocate(
    byteLength: number,
    recording: number,
    { exact = false, unused = false, largest = 2 } = {},
  ): StorageBuffer {
    const { maxBytes } = this;
    if (byteLength > maxBytes) {
      throw new OutOfMemoryError(
        `Cannot allocate ${byteLength} bytes on the GPU: this adapter binds at most ${maxBytes} at once; use a smaller batch or shorter sequences`,
      );
    }
    const size = exact
      ? Math.max(16, Math.ceil(byteLength / 16) * 16)
      : Math.min(sizeClass(byteLength), maxBytes);
    let buffer = exact
      ? undefined
      : this.#takeFree(size, largest * size, unused ? recording : undefined);
    if (!buffer) {
      if (!exact) this.#destroyOutgrown(size, recording);
      this.#destroyUntil(this.#targetBytes - size, recording);
      buffer = this.#create(size);
    }
    buffer.allocation = ++this.#allocations;
    this.#liveBuffers++;
    this.#liveBytes += buffer.byteLength;
    return buffer;
  }

  /**
   * Allocates a buffer of just this size for rows. If it is larger than a binding, it
   * is split into shards of whole rows.
   *
   * @param byteLength Size needed, in bytes.
   * @param rowBytes Size of a row, in bytes.
   * @param recording The current recording, see `Recorder.serial`.
   * @returns A new buffer.
   * @throws {RangeError} If the device cannot bind a shard of even a few rows.
   */
  allocateRows(
    byteLength: number,
    rowBytes: number,
    recording: number,
  ): StorageBuffer {
    const { maxBytes } = this;
    if (byteLength <= maxBytes) {
      return this.allocate(byteLength, recording, { exact: true });
    }
    const shardBytes = rowsPerShard(rowBytes, maxBytes) * rowBytes;
    if (shardBytes === 0) {
      throw new RangeError(
        `Cannot allocate a parameter of ${byteLength} bytes on the GPU: this adapter binds at most ${maxBytes} at once, too few to split rows of ${rowBytes}; use an adapter that binds more`,
      );
    }
    const shards: StorageBuffer[] = [];
    for (let first = 0; first < byteLength; first += shardBytes) {
      const size = Math.min(shardBytes, byteLength - first);
      shards.push(this.allocate(size, recording, { exact: true }));
    }
    return {
      get gpu(): never {
        throw new RangeError(
          `Cannot bind a parameter of ${byteLength} bytes: this adapter binds at most ${maxBytes} at once; only embedding, embedLayerNorm, indexSelect of rows, linear with one weight, and optimizers take such a parameter`,
        );
      },
      shards,
      id: this.#nextId++,
      byteLength: shards.reduce((sum, shard) => sum + shard.byteLength, 0),
      allocation: this.#allocations,
      generation: 0,
      version: 0,
      lastUse: -1,
      owner: undefined,
    };
  }

  /** Returns a buffer to the pool; tensors that still refer to it become invalid. */
  release(buffer: StorageBuffer): void {
    buffer.generation++;
    if (buffer.shards) {
      for (const shard of buffer.shards) this.release(shard);
      return;
    }
    buffer.owner = undefined;
    this.#liveBuffers--;
    this.#liveBytes -= buffer.byteLength;
    const list = this.#free.get(buffer.byteLength) ?? [];
    const next = list.findIndex((free) => free.buffer.id > buffer.id);
    const item = { buffer, sweep: this.#sweeps };
    list.splice(next < 0 ? list.length : next, 0, item); // sorted by id
    this.#free.set(buffer.byteLength, list);
  }

  /** Adds memory outside the pool to the statistics, in bytes; negative when it is freed. */
  trackExternal(bytes: number): void {
    this.#liveBytes += bytes;
    this.#hold(bytes);
  }

  /**
   * Destroys free buffers that were not reused during the last sweeps.
   *
   * @returns The ids of all buffers destroyed since the last sweep.
   */
  destroyIdle(): ReadonlySet<number> {
    this.#sweeps++;
    this.#destroyFree(({ sweep }) => sweep + IDLE_SWEEPS < this.#sweeps);
    const destroyed = this.#destroyed;
    this.#destroyed = new Set();
    return destroyed;
  }

  /**
   * Takes the smallest free buffer of `size` to `largest` bytes, the lowest id
   * first: a step like the previous one gets the same buffers, in whatever order
   * they were released, and so hits the bind group cache.
   */
  #takeFree(
    size: number,
    largest: number,
    unusedIn: number | undefined,
  ): StorageBuffer | undefined {
    return this.#take(
      (candidate) => candidate >= size && candidate <= largest,
      (a, b) => a - b,
      unusedIn,
    );
  }

  /**
   * Destroys the largest free buffer of at least half of `size` bytes: a batch
   * with more tokens than any before replaces its buffers by larger ones.
   */
  #destroyOutgrown(size: number, recording: number): void {
    const buffer = this.#take(
      (candidate) => candidate < size && 2 * candidate >= size,
      (a, b) => b - a,
      recording,
    );
    if (buffer) this.#destroy(buffer);
  }

  /**
   * Destroys free buffers, the one that was used longest ago first, until `bytes` are
   * allocated; none of those that the current recording used.
   */
  #destroyUntil(bytes: number, recording: number): void {
    while (this.#heldBytes > bytes) {
      let oldest: StorageBuffer | undefined;
      for (const { buffer } of [...this.#free.values()].flat()) {
        if (buffer.lastUse === recording) continue;
        if (!oldest || buffer.lastUse < oldest.lastUse) oldest = buffer;
      }
      if (!oldest) return;
      this.#destroyFree(({ buffer }) => buffer === oldest);
    }
  }

  /** Destroys the free buffers that are due. */
  #destroyFree(isDue: (free: FreeBuffer) => boolean): void {
    for (const [size, list] of this.#free) {
      const kept = list.filter((free) => {
        if (!isDue(free)) return true;
        this.#destroy(free.buffer);
        return false;
      });
      if (kept.length > 0) this.#free.set(size, kept);
      else this.#free.delete(size);
    }
  }

  /**
   * Takes a free buffer of the first size in `order` that fits, and skips those
   * used in recording `unusedIn`.
   */
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
    this.#queue.destroy(buffer.gpu);
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
 * similar token counts share buffers, and so bind groups.
 */
function sizeClass(byteLength: number): number {
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(byteLength || 1)) - 2));
  return Math.max(256, Math.ceil(byteLength / step) * step);
}
