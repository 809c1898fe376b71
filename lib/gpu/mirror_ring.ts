/**
 * Copies of operands in a texture, which software adapters read ten times as
 * fast as buffers.
 *
 * @module
 */
import type { Operand } from "./recorder.ts";

/** Texels in a row of the texture; a kernel finds vec4 `i` at `(i & 4095, i >> 12)`. */
export const MIRROR_WIDTH = 4096;
const ROW_BYTES = 16 * MIRROR_WIDTH;

/** Rows that the texture has at least: 64 MiB, the operands of a few layers. */
const MIN_ROWS = 1024;

interface Mirror extends Operand {
  /** The version of the buffer that it holds. */
  version: number;
  firstRow: number;
  /** The row behind its last. */
  endRow: number;
}

/**
 * One texture that the operands of kernels are copied into, one behind the
 * other and from the beginning again, over the oldest. What was copied is found
 * until it is overwritten.
 */
export class MirrorRing {
  readonly #gpu: GPUDevice;
  #texture: GPUTexture | undefined;
  #view: GPUTextureView | undefined;
  #rows = 0;
  #nextRow = 0;
  #mirrors: Mirror[] = [];

  /** Makes a ring without room. */
  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** The texture, for bind groups; another one after {@linkcode MirrorRing.grow}. */
  get view(): GPUTextureView {
    return this.#view!;
  }

  /** Bytes of the texture. */
  get byteLength(): number {
    return this.#rows * ROW_BYTES;
  }

  /** Whether there is room for all of these together. */
  hasRoom(operands: readonly Operand[]): boolean {
    return rowsOf(operands) <= this.#rows;
  }

  /** Makes room for all of these together; what was recorded before must have been submitted. */
  grow(operands: readonly Operand[]): void {
    this.#texture?.destroy();
    this.#rows = Math.max(
      MIN_ROWS,
      2 ** Math.ceil(Math.log2(rowsOf(operands))),
    );
    this.#texture = this.#gpu.createTexture({
      label: "mirrors",
      size: [MIRROR_WIDTH, this.#rows],
      format: "rgba32float",
      usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.COPY_DST,
    });
    this.#view = this.#texture.createView();
    this.#clear();
  }

  /**
   * Copies operands into the texture, where it does not hold them.
   *
   * @param operands The operands of one kernel; {@linkcode MirrorRing.hasRoom} for them.
   * @param encoder Gives what copies are recorded with.
   * @returns Where each begins, in texels.
   */
  place(
    operands: readonly Operand[],
    encoder: () => GPUCommandEncoder,
  ): number[] {
    const placeAll = () => operands.map((o) => this.#place(o, encoder));
    let mirrors = placeAll();
    if (mirrors.some((mirror) => !this.#mirrors.includes(mirror))) {
      this.#clear(); // one took another's place: from the beginning all fit
      mirrors = placeAll();
    }
    return mirrors.map(({ firstRow }) => firstRow * MIRROR_WIDTH);
  }

  #clear(): void {
    this.#nextRow = 0;
    this.#mirrors = [];
  }

  #place(operand: Operand, encoder: () => GPUCommandEncoder): Mirror {
    const { storage, byteOffset, byteLength } = operand;
    const found = this.#mirrors.find((mirror) =>
      mirror.storage === storage && mirror.version === storage.version &&
      mirror.byteOffset === byteOffset && mirror.byteLength >= byteLength
    );
    if (found) return found;
    const rows = rowsOf([operand]);
    const firstRow = this.#nextRow + rows > this.#rows ? 0 : this.#nextRow;
    const endRow = this.#nextRow = firstRow + rows;
    this.#mirrors = this.#mirrors.filter((mirror) =>
      mirror.endRow <= firstRow || mirror.firstRow >= endRow
    );
    const { version } = storage;
    const place = { storage, byteOffset, byteLength };
    const mirror = { ...place, version, firstRow, endRow };
    this.#mirrors.push(mirror);
    this.#copy(mirror, encoder());
    return mirror;
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
    if (fullRows > 0) copyRows(0, fullRows, MIRROR_WIDTH);
    const rest = Math.ceil((byteLength - fullRows * ROW_BYTES) / 16);
    if (rest > 0) copyRows(fullRows, 1, rest);
  }
}

/** Rows that operands take, each from the beginning of one on. */
function rowsOf(operands: readonly Operand[]): number {
  return operands.reduce(
    (sum, { byteLength }) => sum + Math.ceil(byteLength / ROW_BYTES),
    0,
  );
}
