/**
 * Checks of the counts that a Parquet file declares against the bytes it has.
 * hyparquet trusts every count: a file of a hundred bytes can keep it busy for
 * hours or exhaust the memory. Each check reads its bytes once.
 *
 * Source: https://parquet.apache.org/docs/file-format/data-pages/encodings/
 *
 * @module
 */

/** Bytes of a 64-bit varint, at 7 bits per byte. */
const MAX_VARINT_BYTES = 10;
/** Limit of bits per value: hyparquet reads wider ones wrong. */
const MAX_WIDTH = 24;
/** Limit of nested structs and lists; the footer has 7 levels. */
const MAX_DEPTH = 32;

/** A read position in a byte array. */
class Cursor {
  readonly #bytes: Uint8Array;
  offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  get left(): number {
    return this.#bytes.length - this.offset;
  }

  byte(): number {
    this.skip(1);
    return this.#bytes[this.offset - 1]!;
  }

  skip(count: number): void {
    if (count > this.left) {
      throw new Error(`it declares ${count} bytes, but ${this.left} are left`);
    }
    this.offset += count;
  }

  /** Reads an integer, the low 7 bits first; beyond 2^53 it is not exact. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new Error(`a number has more than ${MAX_VARINT_BYTES} bytes`);
  }
}

/**
 * Checks a struct in Thrift's compact protocol: integers have at most 64 bits,
 * and lists and strings end within the bytes.
 *
 * Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 *
 * @param bytes The bytes.
 * @param offset Offset of the struct.
 * @throws {Error} If it continues past the end.
 */
export function checkStruct(bytes: Uint8Array, offset: number): void {
  skipStruct(new Cursor(bytes, offset), 0);
}

function skipStruct(at: Cursor, depth: number): void {
  for (let byte = at.byte(); (byte & 15) !== 0; byte = at.byte()) {
    if (byte < 16) at.varint(); // the field's id, if it is not a delta of the last
    const isBoolean = (byte & 15) <= 2; // the type is then the value
    if (!isBoolean) skipValue(at, byte & 15, depth);
  }
}

function skipValue(at: Cursor, type: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error("its metadata is nested too deeply");
  if (type <= 3) at.skip(1);
  else if (type <= 6) at.varint();
  else if (type === 7) at.skip(8);
  else if (type === 8) at.skip(at.varint());
  else if (type === 9) {
    const header = at.byte();
    const count = header >> 4 === 15 ? at.varint() : header >> 4;
    if (count > at.left) {
      throw new Error(`it declares a list of ${count} items`);
    }
    for (let i = 0; i < count; i++) skipValue(at, header & 15, depth + 1);
  } else if (type === 12) skipStruct(at, depth + 1);
  else throw new Error(`its metadata has a field of type ${type}`);
}

/**
 * Checks values in the hybrid of run-length encoding and bit packing.
 *
 * @param bytes The bytes.
 * @param offset Offset of the first run.
 * @param width Bits per value.
 * @param count Number of values to read.
 * @throws {Error} If a run exceeds the values to read, or the bytes end too early.
 */
export function checkRuns(
  bytes: Uint8Array,
  offset: number,
  width: number,
  count: number,
): void {
  if (width > MAX_WIDTH) throw new Error(`it declares values of ${width} bits`);
  const at = new Cursor(bytes, offset);
  for (let left = count; left > 0;) {
    const header = at.varint();
    const isPacked = header % 2 === 1; // in groups of 8 values
    const run = Math.floor(header / 2) * (isPacked ? 8 : 1);
    // Packed values are limited by their bytes, and the last group is padded.
    const limit = !isPacked ? left : width > 0 ? Infinity : left + 7;
    if (run > limit) {
      throw new Error(
        `it declares a run of ${run} values where ${left} are expected`,
      );
    }
    at.skip(isPacked ? run / 8 * width : Math.ceil(width / 8));
    left -= run;
  }
}

/**
 * Checks delta-encoded integers.
 *
 * @param bytes The bytes.
 * @param offset Offset of the first byte.
 * @param count Number of values to read.
 * @returns Offset of the byte after the last.
 * @throws {Error} If a block size is invalid, or the bytes end too early.
 */
export function checkDeltas(
  bytes: Uint8Array,
  offset: number,
  count: number,
): number {
  const at = new Cursor(bytes, offset);
  const blockSize = at.varint();
  const miniblocks = at.varint();
  at.varint(); // number of values
  at.varint(); // first value
  const size = blockSize / miniblocks;
  if (!(size > 0 && blockSize < 2 ** 31 && size % 8 === 0)) {
    throw new Error(`it declares ${miniblocks} blocks of ${size} values`);
  }
  for (let left = count - 1; left > 0;) {
    at.varint(); // smallest delta
    const widths = Array.from({ length: miniblocks }, () => at.byte());
    for (const width of widths) {
      if (left <= 0) break;
      at.skip(size * width / 8);
      left -= size;
    }
  }
  return at.offset;
}

/**
 * Narrows the first of delta-encoded integers to 32 bits, in place. DuckDB writes
 * that of unsigned integers as a larger one, of which hyparquet would keep 31 bits.
 *
 * @param bytes The bytes, which {@linkcode checkDeltas} has checked.
 * @param offset Offset of the first byte.
 */
export function narrowFirstValue(bytes: Uint8Array, offset: number): void {
  const at = new Cursor(bytes, offset);
  for (let i = 0; i < 3; i++) at.varint(); // block size, miniblocks, number of values
  const start = at.offset;
  const wide = at.varint();
  if (wide < 2 ** 32) return;
  const value = (wide % 2 === 1 ? -(wide + 1) / 2 : wide / 2) | 0;
  const narrow = value < 0 ? -2 * value - 1 : 2 * value;
  for (let i = start; i < at.offset; i++) {
    const continues = i + 1 < at.offset ? 0x80 : 0;
    bytes[i] = (narrow / 2 ** (7 * (i - start)) & 0x7f) | continues;
  }
}
