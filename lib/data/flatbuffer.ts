/**
 * Reads FlatBuffers, the encoding of Arrow's metadata, and trusts no offset:
 * each is held against the bytes when it is followed, with the rules of the
 * verifier that Arrow's own readers run.
 *
 * Source: https://flatbuffers.dev/internals/
 *
 * @module
 */

/** Limit of nested tables; a column of type `list<list<…>>` has two per level. */
const MAX_DEPTH = 128;
/** Size of an offset, and of a vector's length. */
const OFFSET = 4;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes of one buffer, with a budget: tables that share parts could else multiply endlessly. */
interface Source {
  readonly view: DataView<ArrayBuffer>;
  tablesLeft: number;
}

/** Scalar types, named as in the methods of `DataView`, with their sizes. */
const SIZES = { Uint8: 1, Int16: 2, Int32: 4, BigInt64: 8 };
type Scalar = keyof typeof SIZES;

/** A table: numbered fields, each of which can be absent. */
export class FlatTable {
  readonly #source: Source;
  readonly #position: number;
  readonly #depth: number;
  /** Offsets of the fields from the table, 0 for an absent one. */
  readonly #fields: number[];

  private constructor(source: Source, position: number, depth: number) {
    if (depth > MAX_DEPTH || source.tablesLeft-- <= 0) {
      throw new Error("its metadata is nested too deeply");
    }
    this.#source = source;
    this.#position = position;
    this.#depth = depth;
    const { view } = source;
    check(view, position, OFFSET, OFFSET);
    const start = position - view.getInt32(position, true);
    check(view, start, 2, 2);
    const size = view.getUint16(start, true);
    check(view, start, size, 2);
    if (size % 2 !== 0) throw new Error("its metadata has a table of odd size");
    this.#fields = [];
    for (let at = 4; at < size; at += 2) {
      this.#fields.push(view.getUint16(start + at, true));
    }
  }

  /**
   * Reads the root of a buffer.
   *
   * @param bytes The buffer.
   * @returns The root table.
   * @throws {Error} If an offset of it lies outside the buffer; so do all methods.
   */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(
      bytes.buffer as ArrayBuffer,
      bytes.byteOffset,
      bytes.length,
    );
    const source = { view, tablesLeft: bytes.length };
    return new FlatTable(source, offsetAt(view, 0), 0);
  }

  /**
   * Reads a number.
   *
   * @param field Index of the field.
   * @param type Its type.
   * @param absent Value of an absent field.
   * @returns The number.
   */
  number(field: number, type: Scalar, absent = 0): number {
    const at = this.#find(field, SIZES[type]);
    if (at === undefined) return absent;
    return toNumber(this.#source.view[`get${type}`](at, true));
  }

  /** Reads text, which must be UTF-8; `undefined` if the field is absent. */
  text(field: number): string | undefined {
    const bytes = this.bytes(field);
    try {
      return bytes && UTF8.decode(bytes);
    } catch (cause) {
      throw new Error("its metadata has text that is not UTF-8", { cause });
    }
  }

  /** Reads text that can be in any encoding; `undefined` if the field is absent. */
  bytes(field: number): Uint8Array<ArrayBuffer> | undefined {
    const at = this.#find(field, OFFSET);
    if (at === undefined) return undefined;
    const { view } = this.#source;
    const start = offsetAt(view, at);
    const length = lengthAt(view, start, 1);
    check(view, start + OFFSET + length, 1, 1);
    if (view.getUint8(start + OFFSET + length) !== 0) {
      throw new Error("its metadata has text without an end");
    }
    return new Uint8Array(
      view.buffer,
      view.byteOffset + start + OFFSET,
      length,
    );
  }

  /** Returns whether a field is there. */
  has(field: number): boolean {
    return Boolean(this.#fields[field]);
  }

  /** Reads a nested table; `undefined` if the field is absent. */
  table(field: number): FlatTable | undefined {
    const at = this.#find(field, OFFSET);
    return at === undefined ? undefined : this.#tableAt(at);
  }

  /** Reads a vector of tables; an absent one is empty. */
  tables(field: number): FlatTable[] {
    return this.#vector(field, OFFSET, (at) => this.#tableAt(at));
  }

  /**
   * Reads a vector of structs of integers.
   *
   * @param field Index of the field.
   * @param size Size of a struct in bytes.
   * @param members Offset and type of each integer in it.
   * @returns The integers, by struct; an absent vector is empty.
   */
  structs(
    field: number,
    size: number,
    members: readonly (readonly [offset: number, type: Scalar])[],
  ): number[][] {
    const { view } = this.#source;
    return this.#vector(
      field,
      size,
      (at) =>
        members.map(([offset, type]) =>
          toNumber(view[`get${type}`](at + offset, true))
        ),
    );
  }

  #tableAt(at: number): FlatTable {
    const position = offsetAt(this.#source.view, at);
    return new FlatTable(this.#source, position, this.#depth + 1);
  }

  #vector<T>(field: number, size: number, read: (at: number) => T): T[] {
    const at = this.#find(field, OFFSET);
    if (at === undefined) return [];
    const start = offsetAt(this.#source.view, at);
    const length = lengthAt(this.#source.view, start, size);
    return Array.from(
      { length },
      (_, i) => read(start + OFFSET + i * size),
    );
  }

  /** Returns the position of a field's value, or `undefined`. */
  #find(field: number, size: number): number | undefined {
    const offset = this.#fields[field];
    if (!offset) return undefined;
    check(this.#source.view, this.#position + offset, size, size);
    return this.#position + offset;
  }
}

/** Checks that a value lies in the buffer, at a multiple of its alignment. */
function check(
  view: DataView,
  at: number,
  size: number,
  alignment: number,
): void {
  if (at < 0 || at + size > view.byteLength || at % alignment !== 0) {
    throw new Error(`its metadata points to byte ${at} of ${view.byteLength}`);
  }
}

/** Follows an offset. */
function offsetAt(view: DataView, at: number): number {
  check(view, at, OFFSET, OFFSET);
  const offset = view.getUint32(at, true);
  if (offset === 0) throw new Error("its metadata points to itself");
  return at + offset;
}

/** Reads the length of a vector, and checks that its items lie in the buffer. */
function lengthAt(view: DataView, at: number, size: number): number {
  check(view, at, OFFSET, OFFSET);
  const length = view.getUint32(at, true);
  check(view, at + OFFSET, length * size, 1);
  return length;
}

function toNumber(value: number | bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new Error(`its metadata has the number ${value}`);
}
