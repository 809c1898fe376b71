/**
 * What a Parquet file claims, held against the bytes that it has. hyparquet
 * believes every count: a file of a hundred bytes can keep it busy for hours or
 * take all memory. Each check reads its bytes once.
 *
 * Source: https://parquet.apache.org/docs/file-format/data-pages/encodings/
 *
 * @module
 */

/** Bytes of a whole number of 64 bits, 7 a byte. */
const MAX_VARINT_BYTES = 10;
/** Structs and lists within each other; the footer has 7. */
const MAX_DEPTH = 32;

/** Where a check stands in its bytes. */
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
      throw new Error(`it claims ${count} bytes where ${this.left} are left`);
    }
    this.offset += count;
  }

  /** A whole number, the low 7 bits first; beyond 2^53 it is not exact. */
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
 * Checks a struct in Thrift's compact protocol: its numbers are of 64 bits at
 * most, and its lists and texts end before the bytes do.
 *
 * Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 *
 * @param bytes The bytes.
 * @param offset Where the struct begins.
 * @throws {Error} If it goes on past the end.
 */
export function checkStruct(bytes: Uint8Array, offset: number): void {
  skipStruct(new Cursor(bytes, offset), 0);
}

function skipStruct(at: Cursor, depth: number): void {
  for (let byte = at.byte(); (byte & 15) !== 0; byte = at.byte()) {
    if (byte < 16) at.varint(); // the field's id, where it is far from the last
    const isBoolean = (byte & 15) <= 2; // then the type is the value
    if (!isBoolean) skipValue(at, byte & 15, depth);
  }
}

function skipValue(at: Cursor, type: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error("its metadata is nested too deep");
  if (type <= 3) at.skip(1);
  else if (type <= 6) at.varint();
  else if (type === 7) at.skip(8);
  else if (type === 8) at.skip(at.varint());
  else if (type === 9) {
    const header = at.byte();
    const count = header >> 4 === 15 ? at.varint() : header >> 4;
    if (count > at.left) throw new Error(`it claims a list of ${count}`);
    for (let i = 0; i < count; i++) skipValue(at, header & 15, depth + 1);
  } else if (type === 12) skipStruct(at, depth + 1);
  else throw new Error(`its metadata has a field of type ${type}`);
}

/**
 * Checks the hybrid of runs and bit-packed values.
 *
 * @param bytes The bytes.
 * @param offset Where the first run begins.
 * @param width Bits of a value.
 * @param count Values that are wanted.
 * @throws {Error} If a run has more values than are wanted, or the bytes end before.
 */
export function checkRuns(
  bytes: Uint8Array,
  offset: number,
  width: number,
  count: number,
): void {
  if (width > 32) throw new Error(`it claims values of ${width} bits`);
  const at = new Cursor(bytes, offset);
  for (let left = count; left > 0;) {
    const header = at.varint();
    const isPacked = header % 2 === 1; // then in groups of 8 values
    const run = Math.floor(header / 2) * (isPacked ? 8 : 1);
    // Packed values are bounded by their bytes, and the last group is filled up.
    const most = !isPacked ? left : width > 0 ? Infinity : left + 7;
    if (run > most) {
      throw new Error(`it claims a run of ${run} where ${left} are wanted`);
    }
    at.skip(isPacked ? run / 8 * width : Math.ceil(width / 8));
    left -= run;
  }
}

/**
 * Checks numbers that are kept as differences.
 *
 * @param bytes The bytes.
 * @param offset Where they begin.
 * @param count Values that are wanted.
 * @returns Where they end.
 * @throws {Error} If their blocks have no size, or the bytes end before.
 */
export function checkDeltas(
  bytes: Uint8Array,
  offset: number,
  count: number,
): number {
  const at = new Cursor(bytes, offset);
  const blockSize = at.varint();
  const miniblocks = at.varint();
  at.varint(); // the number of values
  at.varint(); // the first
  const size = blockSize / miniblocks;
  if (!(size > 0 && blockSize < 2 ** 31 && size % 8 === 0)) {
    throw new Error(`it claims ${miniblocks} blocks of ${size} values`);
  }
  for (let left = count - 1; left > 0;) {
    at.varint(); // the smallest difference
    const widths = Array.from({ length: miniblocks }, () => at.byte());
    for (const width of widths) {
      if (left <= 0) break;
      at.skip(size * width / 8);
      left -= size;
    }
  }
  return at.offset;
}
