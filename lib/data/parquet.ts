/**
 * Parquet, the format of data sets on the Hugging Face Hub.
 *
 * Source: https://parquet.apache.org/docs/file-format/
 *
 * @module
 */
import { FEATURES_KEY, readLabelNames } from "./class_labels.ts";
import { Dataset } from "./dataset.ts";
import { findBigInt } from "./json.ts";
import { type Field, ParquetFile } from "./parquet_file.ts";
import {
  checkAreSupported,
  unsupportedInteger,
  unsupportedType,
} from "./unsupported_columns.ts";

/** Magic bytes at both ends of a file. */
const MAGIC = "PAR1";

/**
 * Parses a Parquet file, as `readParquet` documents.
 *
 * @param bytes The contents of the file.
 * @param source The file's name, for errors.
 * @returns The table.
 * @throws {SyntaxError} If it is not a Parquet file, or incomplete.
 * @throws {RangeError} If every column is left out.
 */
export function parseParquet(bytes: Uint8Array, source: string): Dataset {
  checkMagic(bytes, source);
  const { file, labelNames } = parsing(source, () => {
    const file = new ParquetFile(bytes);
    const features = file.metadata.key_value_metadata
      ?.find(({ key }) => key === FEATURES_KEY);
    return { file, labelNames: readLabelNames(features?.value) };
  });
  const columns = new Map<string, unknown[]>();
  const unsupportedColumns = new Map<string, string>();
  file.fields.forEach((field, i) => {
    const { name } = field.element;
    if (columns.has(name) || unsupportedColumns.has(name)) {
      throw new SyntaxError(
        `Cannot read ${source}: two columns are named "${name}"; rename one`,
      );
    }
    const type = unreadableType(field);
    if (type !== undefined) {
      unsupportedColumns.set(name, unsupportedType(type));
      return;
    }
    const values = parsing(source, () => file.column(i)).map(toPlain);
    const tooLarge = findBigInt(values);
    if (tooLarge === undefined) columns.set(name, values);
    else unsupportedColumns.set(name, unsupportedInteger(tooLarge));
  });
  if (columns.size === 0) checkAreSupported(source, unsupportedColumns);
  return new Dataset(Object.fromEntries(columns), {
    source,
    labelNames,
    unsupportedColumns,
  });
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

/** Returns the type of a field that cannot be read; `undefined` for text, numbers, booleans and lists of these. */
function unreadableType({ element, children }: Field): string | undefined {
  const { type, converted_type: converted, logical_type: logical } = element;
  const annotation = logical?.type ?? converted;
  const [group] = children;
  if (
    annotation === "LIST" && children.length === 1 &&
    group!.element.repetition_type === "REPEATED" &&
    group!.children.length < 2
  ) {
    const { children: [item], element: { name } } = group!;
    // A list is a group that holds a repeated group of the items, or itself repeats them.
    if (item === undefined) return unreadableType(group!);
    return name === "array" || name.endsWith("_tuple")
      ? "STRUCT"
      : unreadableType(item);
  }
  const isText = type === "BYTE_ARRAY" &&
    (annotation === "STRING" || annotation === "UTF8");
  const isNumber = type !== undefined && !/BYTE_ARRAY|INT96/.test(type) &&
    /^(undefined|NULL|U?INT\w*)$/.test(`${annotation}`);
  const isFloat16 = annotation === "FLOAT16";
  if (children.length === 0 && (isText || isNumber || isFloat16)) return;
  return annotation ?? type ?? "STRUCT";
}

/** Converts integers of 64 bits to numbers, except those that a number does not hold. */
function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
