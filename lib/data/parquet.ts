/**
 * Parquet, the format of data sets on the Hugging Face Hub.
 *
 * Source: https://parquet.apache.org/docs/file-format/
 *
 * @module
 */
import { FEATURES_KEY, readLabelNames } from "./class_labels.ts";
import { Dataset } from "./dataset.ts";
import { type Field, ParquetFile } from "./parquet_file.ts";

/** Magic bytes at both ends of a file. */
const MAGIC = "PAR1";

/**
 * Reads a Parquet file of one or more row groups, uncompressed or compressed
 * with snappy, gzip, zstd, brotli or lz4. A file that declares more rows, values
 * or bytes than it has is refused before they are allocated (except with brotli,
 * where the decompressor allocates as much as the page demands).
 *
 * @param bytes The contents of the file.
 * @param source The file's name, for errors.
 * @returns The table. 64-bit integers become JavaScript numbers, missing values `null`.
 * @throws {SyntaxError} If it is not a Parquet file, or incomplete.
 * @throws {RangeError} If a 64-bit integer is beyond ±2^53.
 * @throws {TypeError} If a column is not of text, numbers, booleans or lists of these.
 */
export function readParquet(bytes: Uint8Array, source: string): Dataset {
  checkMagic(bytes, source);
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

/** Turns any error that a damaged file causes in the parser into a `SyntaxError`. */
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

/** Checks the magic bytes at both ends; a truncated file lacks the last ones. */
function checkMagic(bytes: Uint8Array, source: string): void {
  const text = (part: Uint8Array) => String.fromCharCode(...part);
  if (
    bytes.length < 12 || text(bytes.subarray(0, 4)) !== MAGIC ||
    text(bytes.subarray(-4)) !== MAGIC
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
  const annotation = logical?.type ?? converted;
  const [group] = children;
  if (
    annotation === "LIST" && children.length === 1 && group!.children.length < 2
  ) {
    // A list is a group that holds a repeated group of the items.
    return checkIsReadable(group!.children[0] ?? group!, column, source);
  }
  const isText = type === "BYTE_ARRAY" &&
    (annotation === "STRING" || annotation === "UTF8");
  const isNumber = type !== undefined && !/BYTE_ARRAY|INT96/.test(type) &&
    /^(undefined|NULL|U?INT\w*)$/.test(`${annotation}`);
  const isFloat16 = annotation === "FLOAT16";
  if (children.length > 0 || !(isText || isNumber || isFloat16)) {
    throw new TypeError(
      `Cannot read ${source}: column "${column}" is of type ${
        annotation ?? type ?? "STRUCT"
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
