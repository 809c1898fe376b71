/**
 * Copies of operands in a texture, which software adapters read ten times as
 * fast as buffers.
 *
 * @module
 */
import type { BufferBinding } from "./buffer_pool.ts";

/** Vec4s in a row of the texture; a kernel finds vec4 `i` at `(i & 2047, i >> 11)`. */
export const TEXTURE_WIDTH = 2048;
const ROW_BYTES = 16 * TEXTURE_WIDTH;

/**
 * Texels of a row. The last four are never read: without them a column of an
 * operand with rows of 1024 numbers, or of 3072, would lie in one set of the
 * processor's cache.
 */
const ROW_TEXELS = TEXTURE_WIDTH + 4;

/** Rows that the texture has at least: 64 MiB, the operands of a few layers. */
const MIN_ROWS = 2048;

interface Mirror extends BufferBinding {
  /** Which part of which buffer it holds. */
  readonly key: string;
  /** The version of the buffer that it holds. */
  readonly version: number;
  readonly firstRow: number;
  /** The row behind its last. */
  readonly endRow: number;
}

/**
 * One texture that the operands of kernels are copied into, one behind the
 * other and from the beginning again, over the oldest. What was copied is found
 * until it is overwritten.
 */
export class TextureCache {
  readonly #gpu: GPUDevice;
  #texture: GPUTexture | undefined;
  #view: GPUTextureView | undefined;
  #rows = 0;
  #nextRow = 0;
  /** By key, the oldest first. */
  readonly #mirrors = new Map<string, Mirror>();

  /** Makes a ring without room. */
  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** The texture, for bind groups; another one after {@linkcode TextureCache.grow}. */
  get view(): GPUTextureView {
    return this.#view!;
  }

  /** Bytes of the texture. */
  get byteLength(): number {
    return this.#rows * 16 * ROW_TEXELS;
  }

  /** Whether there is room for all of these together. */
  hasRoom(operands: readonly BufferBinding[]): boolean {
    return rowsOf(operands) <= this.#rows;
  }

  /** Makes room for all of these together; what was recorded before must have been submitted. */
  grow(operands: readonly BufferBinding[]): void {
    this.#texture?.destroy();
    this.#rows = Math.max(
      MIN_ROWS,
      2 ** Math.ceil(Math.log2(rowsOf(operands))),
    );
    this.#texture = this.#gpu.createTexture({
      label: "mirrors",
      size: [ROW_TEXELS, this.#rows],
      format: "rgba32float",
      usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.COPY_DST,
    });
    this.#view = this.#texture.createView();
    this.#clear();
  }

  /**
   * Copies operands into the texture, where it does not hold them.
   *
   * @param operands The operands of one kernel; {@linkcode TextureCache.hasRoom} for them.
   * @param encoder Gives what copies are recorded with.
   * @returns Where each begins, in texels.
   */
  place(
    operands: readonly BufferBinding[],
    encoder: () => GPUCommandEncoder,
  ): number[] {
    const placeAll = () => operands.map((o) => this.#place(o, encoder));
    let mirrors = placeAll();
    if (mirrors.some((mirror) => this.#mirrors.get(mirror.key) !== mirror)) {
      this.#clear(); // one took another's place: from the beginning all fit
      mirrors = placeAll();
    }
    return mirrors.map(({ firstRow }) => firstRow * TEXTURE_WIDTH);
  }

  #clear(): void {
    this.#nextRow = 0;
    this.#mirrors.clear();
  }

  #place(operand: BufferBinding, encoder: () => GPUCommandEncoder): Mirror {
    const { storage, byteOffset, byteLength } = operand;
    const { version } = storage;
    const key = `${storage.id}+${byteOffset}`;
    const found = this.#mirrors.get(key);
    if (found && found.version === version && found.byteLength >= byteLength) {
      return found;
    }
    const rows = rowsOf([operand]);
    const next = this.#nextRow;
    if (next + rows > this.#rows) {
      this.#forgetOldest(({ firstRow }) => firstRow >= next);
      this.#nextRow = 0;
    }
    const firstRow = this.#nextRow;
    const endRow = this.#nextRow += rows;
    this.#forgetOldest((old) => old.firstRow < endRow && old.endRow > firstRow);
    const place = { storage, byteOffset, byteLength };
    const mirror = { ...place, key, version, firstRow, endRow };
    this.#mirrors.delete(key); // so that it comes last
    this.#mirrors.set(key, mirror);
    this.#copy(mirror, encoder());
    return mirror;
  }

  /** Forgets mirrors up to the first that this does not hold for. */
  #forgetOldest(isGone: (mirror: Mirror) => boolean): void {
    for (const [key, mirror] of this.#mirrors) {
      if (!isGone(mirror)) return;
      this.#mirrors.delete(key);
    }
  }

  #copy(mirror: Mirror, encoder: GPUCommandEncoder): void {
    const { storage, byteOffset, byteLength, firstRow } = mirror;
    const fullRows = Math.floor(byteLength / ROW_BYTES);
    const copyRows = (first: number, count: number, width: number) =>
      encoder.copyBufferToTexture(
        {
          buffer: storage.gpu,
          offset: byteOffset + first * ROW_BYTES,
          bytesPerRow: ROW_BYTES,
        },
        { texture: this.#texture!, origin: [0, firstRow + first] },
        [width, count],
      );
    if (fullRows > 0) copyRows(0, fullRows, TEXTURE_WIDTH);
    const rest = Math.ceil((byteLength - fullRows * ROW_BYTES) / 16);
    if (rest > 0) copyRows(fullRows, 1, rest);
  }
}

/** Rows that operands take, each from the beginning of one on. */
function rowsOf(operands: readonly BufferBinding[]): number {
  return operands.reduce(
    (sum, { byteLength }) => sum + Math.ceil(byteLength / ROW_BYTES),
    0,
  );
}
