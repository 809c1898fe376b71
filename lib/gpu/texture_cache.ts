/**
 * Cached copies of operands in a texture, which software adapters read ten times
 * as fast as buffers.
 *
 * @module
 */
import type { DeviceErrors } from "./device_errors.ts";
import type { EncoderCommand } from "./encode.ts";
import type { BufferBinding } from "./storage_buffer.ts";
import type { WorkQueue } from "./work_queue.ts";

/** Vec4s in a row of the texture; a kernel reads vec4 `i` at `(i & 2047, i >> 11)`. */
export const TEXTURE_WIDTH = 2048;
const ROW_BYTES = 16 * TEXTURE_WIDTH;

/**
 * Texels in a row of the texture. The last four are never read: without them a
 * column of an operand with rows of 1024 or 3072 numbers would map to one set of
 * the CPU's cache.
 */
const ROW_TEXELS = TEXTURE_WIDTH + 4;

/** Smallest number of rows of the texture: 64 MiB, the operands of a few layers. */
const MIN_ROWS = 2048;

interface Entry extends BufferBinding {
  /** Identifies the range of the buffer. */
  readonly key: string;
  /** Version of the buffer when it was copied. */
  readonly version: number;
  readonly firstRow: number;
  /** The row after the last one. */
  readonly endRow: number;
}

/**
 * One texture that operands of kernels are copied into, used as a ring: each copy
 * starts in the row after the previous one, wraps around at the end, and evicts
 * the oldest entries. A copy is reused until it is evicted, its buffer changes, or
 * the device has an error: commands that were recorded may not have run.
 */
export class TextureCache {
  readonly #gpu: GPUDevice;
  readonly #queue: WorkQueue;
  readonly #errors: DeviceErrors;
  #errorCount = 0;
  #texture: GPUTexture | undefined;
  #view: GPUTextureView | undefined;
  #rows = 0;
  #nextRow = 0;
  /** Entries by key, the oldest first. */
  readonly #entries = new Map<string, Entry>();

  /** Makes an empty cache without a texture. */
  constructor(gpu: GPUDevice, queue: WorkQueue, errors: DeviceErrors) {
    this.#gpu = gpu;
    this.#queue = queue;
    this.#errors = errors;
  }

  /** The texture, for bind groups; {@linkcode TextureCache.grow} replaces it. */
  get view(): GPUTextureView {
    return this.#view!;
  }

  /** Size of the texture, in bytes. */
  get byteLength(): number {
    return this.#rows * 16 * ROW_TEXELS;
  }

  /** Whether all of these operands fit into the texture together; empty ones need one too. */
  fits(operands: readonly BufferBinding[]): boolean {
    return this.#texture !== undefined && rowsOf(operands) <= this.#rows;
  }

  /**
   * Replaces the texture by one that fits these operands; recorded commands
   * must be submitted before.
   */
  grow(operands: readonly BufferBinding[]): void {
    if (this.#texture) this.#queue.destroy(this.#texture);
    this.#rows = Math.max(
      MIN_ROWS,
      2 ** Math.ceil(Math.log2(rowsOf(operands))),
    );
    this.#texture = this.#gpu.createTexture({
      label: "texture_cache",
      size: [ROW_TEXELS, this.#rows],
      format: "rgba32float",
      usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.COPY_DST,
    });
    this.#view = this.#texture.createView();
    this.#clear();
  }

  /**
   * Copies operands into the texture, unless they are cached.
   *
   * @param operands The operands of one kernel, which must fit.
   * @param record Records a copy.
   * @returns The offset of each operand in the texture, in texels.
   */
  cache(
    operands: readonly BufferBinding[],
    record: (copy: EncoderCommand) => void,
  ): number[] {
    if (this.#errorCount !== this.#errors.count) {
      this.#errorCount = this.#errors.count;
      this.#clear();
    }
    const lookUpAll = () => operands.map((o) => this.#lookUp(o, record));
    let entries = lookUpAll();
    if (entries.some((entry) => this.#entries.get(entry.key) !== entry)) {
      this.#clear(); // one evicted another: in an empty texture all fit
      entries = lookUpAll();
    }
    return entries.map(({ firstRow }) => firstRow * TEXTURE_WIDTH);
  }

  #clear(): void {
    this.#nextRow = 0;
    this.#entries.clear();
  }

  /** Returns the entry of an operand; copies it if it is not cached. */
  #lookUp(
    operand: BufferBinding,
    record: (copy: EncoderCommand) => void,
  ): Entry {
    const { storage, byteOffset, byteLength } = operand;
    const { version } = storage;
    const key = `${storage.id}+${byteOffset}`;
    const cached = this.#entries.get(key);
    if (
      cached && cached.version === version && cached.byteLength >= byteLength
    ) {
      return cached;
    }
    const rows = rowsOf([operand]);
    const next = this.#nextRow;
    if (next + rows > this.#rows) {
      this.#evictOldest(({ firstRow }) => firstRow >= next);
      this.#nextRow = 0;
    }
    const firstRow = this.#nextRow;
    const endRow = this.#nextRow += rows;
    this.#evictOldest((old) => old.firstRow < endRow && old.endRow > firstRow);
    const range = { storage, byteOffset, byteLength };
    const entry = { ...range, key, version, firstRow, endRow };
    this.#entries.delete(key); // so that it becomes the newest
    this.#entries.set(key, entry);
    const texture = this.#texture!;
    record((encoder) => copyToTexture(entry, texture, encoder));
    return entry;
  }

  /** Evicts entries, oldest first, up to the first that `isOverwritten` is false for. */
  #evictOldest(isOverwritten: (entry: Entry) => boolean): void {
    for (const [key, entry] of this.#entries) {
      if (!isOverwritten(entry)) return;
      this.#entries.delete(key);
    }
  }
}

/** Copies the range of an entry into its rows of the texture. */
function copyToTexture(
  { storage, byteOffset, byteLength, firstRow }: Entry,
  texture: GPUTexture,
  encoder: GPUCommandEncoder,
): void {
  const fullRows = Math.floor(byteLength / ROW_BYTES);
  const copyRows = (first: number, count: number, width: number) =>
    encoder.copyBufferToTexture(
      {
        buffer: storage.gpu,
        offset: byteOffset + first * ROW_BYTES,
        bytesPerRow: ROW_BYTES,
      },
      { texture, origin: [0, firstRow + first] },
      [width, count],
    );
  if (fullRows > 0) copyRows(0, fullRows, TEXTURE_WIDTH);
  const rest = Math.ceil((byteLength - fullRows * ROW_BYTES) / 16);
  if (rest > 0) copyRows(fullRows, 1, rest);
}

/** Rows of the texture that operands take; each starts in its own row. */
function rowsOf(operands: readonly BufferBinding[]): number {
  return operands.reduce(
    (sum, { byteLength }) => sum + Math.ceil(byteLength / ROW_BYTES),
    0,
  );
}
