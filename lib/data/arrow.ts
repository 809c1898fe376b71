/**
 * Arrow IPC, the storage format of Hugging Face's datasets: files (Feather) and
 * streams. apache-arrow writes them; the reader is of this project, since that of
 * apache-arrow takes damaged ones for others.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 *
 * @module
 */
import {
  Bool,
  Field,
  makeVector,
  Schema,
  Table,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from "npm:apache-arrow@21.2.0";
import { readFile, readStream } from "./arrow_messages.ts";
import { type ArrowTable, readTable } from "./arrow_table.ts";
import {
  FEATURES_KEY,
  readLabelNames,
  writeLabelNames,
} from "./class_labels.ts";
import { Dataset } from "./dataset.ts";
import { checkAreSupported } from "./unsupported_columns.ts";

/** Magic bytes of a file, at both ends; a stream has none. */
const MAGIC = "ARROW1";
/** The end of a stream: the mark of a message, and a size of 0. */
const END = "\xff\xff\xff\xff\0\0\0\0";

/**
 * Reads an Arrow IPC file or stream, uncompressed or compressed with LZ4 or
 * Zstandard. All of it is checked before the first row is read.
 *
 * @param bytes The contents of the file.
 * @param source The file's name, for errors.
 * @returns The table. Text is decoded when a row is read; 64-bit integers become
 * JavaScript numbers. Columns of other types than text, numbers, booleans and
 * lists of these are left out, and so are those with integers beyond ±2^53: see
 * `unsupportedColumns`.
 * @throws {SyntaxError} If it is Parquet, not an Arrow file, damaged, incomplete, or big-endian.
 * @throws {RangeError} If none of its columns can be read.
 */
export function readArrow(bytes: Uint8Array, source: string): Dataset {
  checkMagic(bytes, source);
  let table: ArrowTable;
  let labelNames: Record<string, string[]>;
  try {
    const isFile = startsWith(bytes, MAGIC);
    const messages = isFile ? readFile(bytes) : readStream(bytes);
    table = readTable(messages, bytes.length);
    labelNames = readLabelNames(table.metadata.get(FEATURES_KEY));
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${source}: it cannot be parsed as Arrow IPC (${
        (cause as Error).message
      }); write or download it again`,
      { cause },
    );
  }
  const { columns, unsupportedColumns } = table;
  if (Object.keys(columns).length === 0) {
    checkAreSupported(source, unsupportedColumns);
  }
  return new Dataset(columns, { source, labelNames, unsupportedColumns });
}

/**
 * Writes a data set as an Arrow IPC file. The same data gives the same bytes.
 *
 * @param dataset Columns of text, numbers or booleans. Integers become int64 and
 * other numbers float64, and class names go into the schema's metadata, all as
 * in Hugging Face's datasets.
 * @returns The file's bytes.
 * @throws {TypeError} If a column holds anything else, or values of mixed types.
 */
export function writeArrow(dataset: Dataset): Uint8Array {
  const vectors = dataset.columnNames
    .map((name) => toVector(dataset.column(name), name));
  const named = dataset.columnNames.flatMap((name) => {
    const names = dataset.labelNames(name);
    return names ? [[name, names]] : [];
  });
  const features = writeLabelNames(Object.fromEntries(named));
  const schema = new Schema(
    dataset.columnNames.map((name, i) =>
      new Field(name, vectors[i]!.type, true)
    ),
    features === undefined ? null : new Map([[FEATURES_KEY, features]]),
  );
  const columns = dataset.columnNames.map((name, i) => [name, vectors[i]!]);
  return tableToIPC(new Table(schema, Object.fromEntries(columns)), "file");
}

/** Checks the magic bytes at both ends. */
function checkMagic(bytes: Uint8Array, source: string): void {
  if (startsWith(bytes, "PAR1")) {
    throw new SyntaxError(
      `Cannot read ${source}: it is a Parquet file, not Arrow IPC; rename it to end in .parquet`,
    );
  }
  const end = startsWith(bytes, MAGIC) ? MAGIC : END;
  if (!startsWith(bytes.subarray(-end.length), end)) {
    throw new SyntaxError(
      `Cannot read ${source}: it is not an Arrow file, or the end of it is missing; write or download it again`,
    );
  }
}

/** Returns whether bytes begin with those of Latin-1 text. */
function startsWith(bytes: Uint8Array, text: string): boolean {
  return String.fromCharCode(...bytes.subarray(0, text.length)) === text;
}

function toVector(values: unknown[], name: string): Vector {
  if (values.every((value) => typeof value === "string")) {
    return vectorFromArray(values, new Utf8());
  }
  if (values.every((value) => typeof value === "boolean")) {
    return vectorFromArray(values, new Bool());
  }
  if (values.every(Number.isSafeInteger)) {
    return makeVector(BigInt64Array.from(values as number[], BigInt));
  }
  if (values.every((value) => typeof value === "number")) {
    return makeVector(Float64Array.from(values));
  }
  throw new TypeError(
    `Cannot write column "${name}" as Arrow: its values must be all text, all numbers or all booleans`,
  );
}
