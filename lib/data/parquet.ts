/**
 * Parquet, the format in which the Hugging Face Hub hands out data sets,
 * through hyparquet.
 *
 * Source: https://parquet.apache.org/docs/file-format/
 *
 * @module
 */
import {
  type FileMetaData,
  parquetMetadata,
  parquetRead,
  parquetSchema,
  type SchemaTree,
} from "npm:hyparquet@1.31.5";
import { compressors } from "npm:hyparquet-compressors@1.1.2";
import { FEATURES_KEY, readLabelNames } from "./class_labels.ts";
import { Dataset } from "./dataset.ts";

/** Mark at both ends of a file. */
const MAGIC = "PAR1";
/** More rows than that would be of one value and no text. */
const MAX_ROWS_PER_BYTE = 1000;
/** Bytes of a column in a row group, unpacked: no buffer holds more. */
const MAX_COLUMN_BYTES = 2 ** 31;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a Parquet file, of one row group or several, plain or compressed with
 * snappy, gzip, zstd, brotli or lz4.
 *
 * @param bytes The whole file.
 * @param source The file's name, for errors.
 * @returns The table. 64-bit numbers are plain numbers, missing values `null`.
 * @throws {SyntaxError} If it is no Parquet file, or not a whole one.
 * @throws {RangeError} If a 64-bit number is beyond ±2^53.
 * @throws {TypeError} If a column is of a type that is not text, number, boolean or a list of these.
 */
export async function readParquet(
  bytes: Uint8Array,
  source: string,
): Promise<Dataset> {
  checkIsWhole(bytes, source);
  const { metadata, fields, labelNames } = await parsing(source, () => {
    const metadata = parquetMetadata(bytes);
    checkSizes(metadata, bytes.length);
    const features = metadata.key_value_metadata
      ?.find(({ key }) => key === FEATURES_KEY);
    return {
      metadata,
      fields: parquetSchema(metadata).children,
      labelNames: readLabelNames(features?.value),
    };
  });
  for (const field of fields) {
    checkIsReadable(field, field.element.name, source);
  }
  const names = fields.map(({ element }) => element.name);
  const columns = await parsing(
    source,
    () => readColumns(bytes, metadata, names),
  );
  return new Dataset(
    Object.fromEntries(
      Array.from(columns, ([name, values]) => [
        name,
        values.map((value) => toPlain(value, name, source)),
      ]),
    ),
    { source, labelNames },
  );
}

/** Whatever a torn file makes the parser throw is one kind of error. */
async function parsing<T>(
  source: string,
  parse: () => T | Promise<T>,
): Promise<T> {
  try {
    return await parse();
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

/** Keeps a small file from claiming more than any memory holds. */
function checkSizes(
  { num_rows: numRows, row_groups: rowGroups }: FileMetaData,
  size: number,
): void {
  if (numRows < 0 || numRows > MAX_ROWS_PER_BYTE * size) {
    throw new Error(`it claims ${numRows} rows in ${size} bytes`);
  }
  let rows = 0n;
  for (const group of rowGroups) {
    rows += group.num_rows;
    for (const { meta_data: column } of group.columns) {
      const unpacked = column?.total_uncompressed_size ?? -1;
      if (unpacked < 0 || unpacked > MAX_COLUMN_BYTES) {
        throw new Error(`a column claims ${unpacked} bytes`);
      }
    }
  }
  if (rows !== numRows) {
    throw new Error(`its groups have ${rows} rows and it claims ${numRows}`);
  }
}

function checkIsReadable(
  { element, children }: SchemaTree,
  column: string,
  source: string,
): void {
  const { type, converted_type: converted, logical_type: logical } = element;
  const kind = logical?.type ?? converted;
  if (kind === "LIST" && children.length === 1) {
    // A list is a group of a repeated group of the items.
    const [item = children[0]!] = children[0]!.children;
    return checkIsReadable(item, column, source);
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

/** The values of each column, over all row groups. */
async function readColumns(
  bytes: Uint8Array,
  metadata: FileMetaData,
  names: readonly string[],
): Promise<Map<string, unknown[]>> {
  const columns = new Map(names.map((name) => [name, [] as unknown[]]));
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end?: number) =>
      bytes.slice(start, end).buffer as ArrayBuffer,
  };
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    for (const [name, values] of columns) {
      // One column of one group a call: of several that are torn, all but one
      // would reject with nobody to hear it, which ends the program.
      await parquetRead({
        file,
        metadata,
        compressors,
        parsers: { stringFromBytes: (text) => text && UTF8.decode(text) },
        columns: [name],
        rowStart,
        rowEnd,
        onChunk: ({ columnData }) => {
          for (const value of columnData) values.push(value);
        },
      });
      if (values.length !== rowEnd) {
        throw new Error(
          `column "${name}" has ${values.length} of ${rowEnd} rows`,
        );
      }
    }
    rowStart = rowEnd;
  }
  return columns;
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
