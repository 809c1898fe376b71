/**
 * The buffers of a batch of Arrow data, taken in turn, decompressed and held
 * against the number of values that need them.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html#recordbatch-message
 *
 * @module
 */
import type { Batch } from "./arrow_messages.ts";
import type { NumberType } from "./arrow_types.ts";
import { decompressLz4Frame } from "./lz4_frame.ts";
import { decompressZstd } from "./zstd.ts";

/** Highest ratio of a codec: 128 KiB from a block of 4 bytes in Zstandard. */
const MAX_RATIO = 2 ** 15;
/** Declared size of a buffer that is stored as it is. */
const STORED = -1n;

/** Reads bits, lowest first; `undefined` if all are set. */
export type Bits = Uint8Array | undefined;

/** Reads whether a bit is set. */
export function bitAt(bits: Bits, index: number): boolean {
  return bits === undefined || (bits[index >> 3]! >> (index & 7) & 1) === 1;
}

/** Numbers of one type: a typed array, or the bits of float16 values. */
export type Numbers =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

const ARRAYS = {
  Int8: Int8Array,
  Int16: Int16Array,
  Int32: Int32Array,
  BigInt64: BigInt64Array,
  Uint8: Uint8Array,
  Uint16: Uint16Array,
  Uint32: Uint32Array,
  BigUint64: BigUint64Array,
  Float16: Uint16Array,
  Float32: Float32Array,
  Float64: Float64Array,
};

/** Reads the nodes and buffers of a batch, in order. */
export class BatchCursor {
  /** Whether unions have a validity bitmap. */
  readonly isVersion4: boolean;
  readonly #batch: Batch;
  #node = 0;
  #buffer = 0;
  #variadic = 0;

  /** Begins at the first node and buffer. */
  constructor(batch: Batch) {
    this.#batch = batch;
    this.isVersion4 = batch.isVersion4;
  }

  /** Takes the next node: the number of values of a column, and of missing ones. */
  node(): { length: number; missing: number } {
    const node = this.#batch.nodes[this.#node++];
    if (!node) throw new Error("a batch has too few columns");
    const [length, missing] = node as [number, number];
    if (length < 0 || missing < 0 || missing > length) {
      throw new Error(`${missing} of ${length} values are missing`);
    }
    return { length, missing };
  }

  /** Takes the next number of data buffers of a column of views. */
  variadicCount(): number {
    const count = this.#batch.variadicCounts[this.#variadic++];
    if (count === undefined || count < 0) {
      throw new Error("a column of views has no number of buffers");
    }
    return count;
  }

  /** Takes the next buffer without reading it. */
  skip(): void {
    this.#take();
  }

  /**
   * Takes the next buffer.
   *
   * @param size Bytes that it must have.
   * @returns Its bytes; more than `size`, if there are.
   * @throws {Error} If it lies outside the body, or has fewer bytes.
   */
  bytes(size: number): Uint8Array {
    const stored = this.#take();
    const { codec } = this.#batch;
    const bytes = codec && stored.length > 0
      ? decompress(stored, codec)
      : stored;
    if (bytes.length < size) {
      throw new Error(`a buffer has ${bytes.length} of ${size} bytes`);
    }
    return bytes;
  }

  /**
   * Takes the next buffer as numbers.
   *
   * @param type Type of the numbers.
   * @param count How many it must have.
   * @returns The numbers.
   * @throws {Error} If it has fewer.
   */
  numbers(type: NumberType, count: number): Numbers {
    const NumberArray = ARRAYS[type];
    const size = NumberArray.BYTES_PER_ELEMENT;
    const bytes = this.bytes(count * size);
    const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
    return new NumberArray(
      aligned.buffer as ArrayBuffer,
      aligned.byteOffset,
      count,
    );
  }

  /**
   * Takes the next buffer as the bitmap of the values that are not missing.
   *
   * @param length Number of values.
   * @param missing How many of them are missing.
   * @returns The bitmap.
   * @throws {Error} If another number of values is missing.
   */
  validity(length: number, missing: number): Bits {
    if (missing === 0) {
      this.skip();
      return undefined;
    }
    const bits = this.bytes(Math.ceil(length / 8));
    let present = 0;
    for (let i = 0; i < length; i++) if (bitAt(bits, i)) present++;
    if (length - present !== missing) {
      throw new Error(
        `${missing} values are declared missing, and ${length - present} are`,
      );
    }
    return bits;
  }

  /** Checks that every node and buffer was taken. */
  end(): void {
    const { nodes, buffers, variadicCounts } = this.#batch;
    if (
      this.#node !== nodes.length || this.#buffer !== buffers.length ||
      this.#variadic !== variadicCounts.length
    ) {
      throw new Error("a batch has more columns than the schema");
    }
  }

  #take(): Uint8Array {
    const buffer = this.#batch.buffers[this.#buffer++];
    if (!buffer) throw new Error("a batch has too few buffers");
    const [offset, length] = buffer as [number, number];
    const { body } = this.#batch;
    if (
      offset < 0 || length < 0 || offset % 8 !== 0 ||
      offset + length > body.length
    ) {
      throw new Error(
        `a buffer declares ${length} bytes from byte ${offset} of ${body.length}`,
      );
    }
    return body.subarray(offset, offset + length);
  }
}

/** Decompresses a buffer: its size in 8 bytes, and a frame. */
function decompress(
  bytes: Uint8Array,
  codec: NonNullable<Batch["codec"]>,
): Uint8Array {
  if (bytes.length < 8) throw new Error("a compressed buffer has no size");
  const { buffer, byteOffset } = bytes;
  const size = new DataView(buffer, byteOffset, 8).getBigInt64(0, true);
  const frame = bytes.subarray(8);
  if (size === STORED) return frame;
  if (size < 0n || size > MAX_RATIO * frame.length) {
    throw new Error(`${frame.length} bytes are declared to hold ${size}`);
  }
  return codec === "ZSTD"
    ? decompressZstd(frame, Number(size))
    : decompressLz4Frame(frame, Number(size));
}
