/**
 * Parquet, the format in which the Hugging Face Hub hands out data sets.
 *
 * Source: https://parquet.apache.org/docs/file-format/
 *
 * @module
 */
import { FEATURES_KEY, readLabelNames } from "./class_labels.ts";
import { Dataset } from "./dataset.ts";
import { type Field, ParquetFile } from "./parquet_file.ts";

/** Mark at both ends of a file. */
const MAGIC = "PAR1";

/**
 * Reads a Parquet file, of one row group or several, plain or compressed with
 * snappy, gzip, zstd, brotli or lz4. A file that claims more rows, values or
 * bytes than it has is refused before they are made (of brotli alone the
 * decompressor, and so a page made for it, decides on the memory).
 *
 * @param bytes The whole file.
 * @param source The file's name, for errors.
 * @returns The table. 64-bit numbers are plain numbers, missing values `null`.
 * @throws {SyntaxError} If it is no Parquet file, or not a whole one.
 * @throws {RangeError} If a 64-bit number is beyond ±2^53.
 * @throws {TypeError} If a column is of a type that is not text, number, boolean or a list of these.
 */
export function readParquet(bytes: Uint8Array, source: string): Dataset {
  checkIsWhole(bytes, source);
  const { file, labelNames } = parsing(source, () => {
    const file = new ParquetFile(bytes);
    const features = file.metadata.key_value_metadata
      ?.find(({ key }) => key === FEATURES_KEY);
    return { file, labelNames: readLabelNames(features?.value) };
  });
  const names = file.fields.map(({ element }) => element.name);
  file.fields.forEach((field, i) => checkIsReadable(field, names[i]!, source));
  const columns = names.map((name, i) => {
    const values = parsing(source, () => file.column(i));
    return [name, values.map((value) => toPlain(value, name, source))];
  });
  return new Dataset(Object.fromEntries(columns), { source, labelNames });
}

/** Whatever a torn file makes the parser throw is one kind of error. */
function parsing<T>(source: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const { message } = cause as Error;
    throw new SyntaxError(
      `Cannot read ${source}: it cannot be parsed as Parquet (${
        message.replaceAll(/\s+/g, " ").slice(0, 200)
      }); write or download it again`,
      { cause },
    );
  }
}

/** The marks at both ends: a file that breaks off lacks the second. */
function checkIsWhole(bytes: Uint8Array, source: string): void {
  const mark = (at: Uint8Array) => String.fromCharCode(...at);
  if (
    bytes.length < 12 || mark(bytes.subarray(0, 4)) !== MAGIC ||
    mark(bytes.subarray(-4)) !== MAGIC
  ) {
    throw new SyntaxError(
      `Cannot read ${source}: it is not a Parquet file, or the end of it is missing; write or download it again`,
    );
  }
}

function checkIsReadable(
  { element, children }: Field,
  column: string,
  source: string,
): void {
  const { type, converted_type: converted, logical_type: logical } = element;
  const kind = logical?.type ?? converted;
  const [group] = children;
  if (kind === "LIST" && children.length === 1 && group!.children.length < 2) {
    // A list is a group of a repeated group of the items.
    return checkIsReadable(group!.children[0] ?? group!, column, source);
  }
  const isText = type === "BYTE_ARRAY" &&
    (kind === "STRING" || kind === "UTF8");
  const isNumber = type !== undefined && !/BYTE_ARRAY|INT96/.test(type) &&
    /^(undefined|NULL|U?INT\w*)$/.test(`${kind}`);
  if (children.length > 0 || !(isText || isNumber || kind === "FLOAT16")) {
    throw new TypeError(
      `Cannot read ${source}: column "${column}" is of type ${
        kind ?? type ?? "STRUCT"
      }; columns of text, numbers, booleans and lists of these can be read`,
    );
  }
}

function toPlain(value: unknown, column: string, source: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => toPlain(item, column, source));
  }
  if (typeof value !== "bigint") return value ?? null;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError(
    `Cannot read ${source}: ${value} in column "${column}" is beyond ±2^53; numbers that large lose digits`,
  );
}
