/**
 * The columns of a batch of Arrow data. Each is checked before a value of it is
 * read: counts, offsets, indices and text, as pyarrow's `validate(full=True)`.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html#physical-memory-layout
 *
 * @module
 */
import {
  type BatchCursor,
  bitAt,
  type Bits,
  type Numbers,
} from "./arrow_buffers.ts";
import type { ArrowField } from "./arrow_schema.ts";
import type { ArrowType } from "./arrow_types.ts";
import { checkText, TEXT } from "./arrow_text.ts";
import {
  type ArrowColumn,
  column,
  indexColumn,
  listColumn,
  numberColumn,
} from "./arrow_values.ts";

/** Dictionaries by id. */
export type Dictionaries = ReadonlyMap<number, ArrowColumn>;

/** Longest value within a view itself. */
const INLINE = 12;
/** Size of a view. */
const VIEW = 16;
/** Limit of values that take no bytes, per byte of the file. */
const MAX_RATIO = 1000;

const NOTHING: ArrowColumn = { length: 0, at: () => null };

/** Reads the columns of batches. */
export class ColumnReader {
  readonly #cursor: BatchCursor;
  readonly #dictionaries: Dictionaries;
  readonly #maxRows: number;

  /**
   * Begins at the first column of a batch.
   *
   * @param cursor The nodes and buffers of the batch.
   * @param dictionaries The dictionaries at that batch.
   * @param fileSize Size of the file, which limits what takes no bytes.
   */
  constructor(
    cursor: BatchCursor,
    dictionaries: Dictionaries,
    fileSize: number,
  ) {
    this.#cursor = cursor;
    this.#dictionaries = dictionaries;
    this.#maxRows = MAX_RATIO * fileSize;
  }

  /**
   * Reads the next column.
   *
   * @param field The column.
   * @returns The values; those of a type that cannot be read are `null`.
   * @throws {Error} If they contradict the batch.
   */
  column(field: ArrowField): ArrowColumn {
    const { dictionary, type } = field;
    const cursor = this.#cursor;
    const { length, missing } = cursor.node();
    if (dictionary) {
      const valid = cursor.validity(length, missing);
      const values = this.#dictionaries.get(dictionary.id);
      return indexColumn(
        this.#fixed(dictionary.indices, length),
        valid,
        values,
      );
    }
    const takesNoBytes = type.layout === "null" ||
      type.layout === "fixedSizeList" && type.size === 0;
    if (takesNoBytes && length > this.#maxRows) {
      throw new Error(`it declares ${length} rows without a byte of data`);
    }
    if (type.layout === "null") return { length, at: () => null };
    const hasValidity = type.layout !== "runs" &&
      (type.layout !== "union" || cursor.isVersion4);
    if (missing > 0 && !hasValidity) {
      throw new Error(`${missing} values of a ${type.name} are missing`);
    }
    const valid = hasValidity ? cursor.validity(length, missing) : undefined;
    return this.#values(field, length, valid);
  }

  #values(
    { type, children }: ArrowField,
    length: number,
    valid: Bits,
  ): ArrowColumn {
    const cursor = this.#cursor;
    switch (type.layout) {
      case "bits": {
        const bits = cursor.bytes(Math.ceil(length / 8));
        return column(length, valid, (i) => bitAt(bits, i));
      }
      case "fixed":
        if (type.number === undefined) {
          cursor.bytes(length * type.size);
          return { ...NOTHING, length };
        }
        return numberColumn(this.#fixed(type, length), valid, type.number);
      case "bytes": {
        const offsets = this.#offsets(type.size, length);
        const bytes = cursor.bytes(offsets[length]!);
        if (!type.isText) return { ...NOTHING, length };
        checkText(bytes, offsets, valid);
        return column(
          length,
          valid,
          (i) => TEXT.decode(bytes.subarray(offsets[i]!, offsets[i + 1]!)),
        );
      }
      case "views":
        return this.#views(length, valid, type.isText);
      case "list":
      case "map": {
        const offsets = this.#offsets(type.size, length);
        const items = this.column(children[0]!);
        return listColumn(length, valid, items, (i) => offsets[i]!);
      }
      case "fixedSizeList": {
        const items = this.column(children[0]!);
        if (items.length !== length * type.size) {
          throw new Error(
            `${length} lists of ${type.size} have ${items.length} items`,
          );
        }
        return listColumn(length, valid, items, (i) => i * type.size);
      }
      case "struct":
        for (const child of children) this.#child(child, length);
        return { ...NOTHING, length };
      default:
        this.#other(type, children, length);
        return { ...NOTHING, length };
    }
  }

  /** Takes the buffers of types whose values are not read. */
  #other(
    type: ArrowType,
    children: readonly ArrowField[],
    length: number,
  ): void {
    const cursor = this.#cursor;
    if (type.layout === "listView") {
      cursor.bytes(length * type.size);
      cursor.bytes(length * type.size);
    } else if (type.layout === "union") {
      cursor.bytes(length);
      if (type.isDense) cursor.bytes(length * 4);
      else {
        for (const child of children) this.#child(child, length);
        return;
      }
    }
    for (const child of children) this.column(child);
  }

  #child(field: ArrowField, length: number): void {
    const child = this.column(field);
    if (child.length < length) {
      throw new Error(`a part of ${length} values has ${child.length}`);
    }
  }

  #fixed(type: ArrowType, length: number): Numbers {
    return type.layout === "fixed" && type.number
      ? this.#cursor.numbers(type.number, length)
      : new Uint8Array();
  }

  /** Takes offsets: one more than there are values, none of them less than the one before. */
  #offsets(size: 4 | 8, length: number): Int32Array | Float64Array {
    const type = size === 4 ? "Int32" : "BigInt64";
    if (length === 0) {
      this.#cursor.skip(); // it may be empty
      return new Int32Array(1);
    }
    const numbers = this.#cursor.numbers(type, length + 1);
    const offsets = numbers instanceof BigInt64Array
      ? Float64Array.from(numbers, Number)
      : numbers as Int32Array;
    let last = 0;
    for (const offset of offsets) {
      if (offset < last || !Number.isSafeInteger(offset)) {
        throw new Error(`an offset of ${offset} follows one of ${last}`);
      }
      last = offset;
    }
    return offsets;
  }

  #views(length: number, valid: Bits, isText: boolean): ArrowColumn {
    const views = this.#cursor.bytes(length * VIEW);
    const view = new DataView(views.buffer, views.byteOffset, views.byteLength);
    const count = this.#cursor.variadicCount();
    const buffers: Uint8Array[] = [];
    for (let i = 0; i < count; i++) buffers.push(this.#cursor.bytes(0));
    const bytesAt = (i: number) => {
      const start = i * VIEW;
      const size = view.getInt32(start, true);
      if (size <= INLINE) return views.subarray(start + 4, start + 4 + size);
      const offset = view.getInt32(start + 12, true);
      return buffers[view.getInt32(start + 8, true)]!
        .subarray(offset, offset + size);
    };
    for (let i = 0; i < length; i++) {
      if (!bitAt(valid, i)) continue;
      checkView(view, i * VIEW, buffers);
      const bytes = bytesAt(i);
      if (isText) checkText(bytes, [0, bytes.length], undefined);
    }
    if (!isText) return { ...NOTHING, length };
    return column(length, valid, (i) => TEXT.decode(bytesAt(i)));
  }
}

/** Checks that a view lies in its buffer, and that its copy of the first bytes is right. */
function checkView(
  view: DataView,
  start: number,
  buffers: readonly Uint8Array[],
): void {
  const size = view.getInt32(start, true);
  const copy = start + 4;
  if (size >= 0 && size <= INLINE) {
    for (let i = size; i < INLINE; i++) {
      if (view.getUint8(copy + i) !== 0) {
        throw new Error("a short value is followed by other bytes");
      }
    }
    return;
  }
  const buffer = buffers[view.getInt32(start + 8, true)];
  const offset = view.getInt32(start + 12, true);
  if (size < 0 || !buffer || offset < 0 || offset + size > buffer.length) {
    throw new Error(`a value declares ${size} bytes from byte ${offset}`);
  }
  for (let i = 0; i < 4; i++) {
    if (buffer[offset + i] !== view.getUint8(copy + i)) {
      throw new Error("a value does not begin as its view says");
    }
  }
}
