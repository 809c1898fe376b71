/**
 * Arrow IPC, the storage format of Hugging Face's datasets: files (Feather) and
 * streams, through apache-arrow.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 *
 * @module
 */
import {
  Bool,
  DataType,
  Field,
  makeVector,
  Schema,
  Table,
  tableFromIPC,
  tableToIPC,
  Type,
  Utf8,
  Vector,
  vectorFromArray,
} from "npm:apache-arrow@21.2.0";
import {
  FEATURES_KEY,
  readLabelNames,
  writeLabelNames,
} from "./class_labels.ts";
import { type Column, Dataset } from "./dataset.ts";

/** Types that can be read as text, numbers, booleans, or lists of these. */
const READABLE = new Set<Type>([
  Type.Null,
  Type.Bool,
  Type.Int,
  Type.Float,
  Type.Utf8,
  Type.LargeUtf8,
  Type.Dictionary,
  Type.List,
  Type.FixedSizeList,
]);

/**
 * Reads an Arrow IPC file or stream.
 *
 * @param bytes The contents of the file.
 * @param source The file's name, for errors.
 * @returns The table. Text is decoded when a row is read; 64-bit integers become JavaScript numbers.
 * @throws {SyntaxError} If it is Parquet, not an Arrow file, or incomplete.
 * @throws {RangeError} If a 64-bit integer is beyond ±2^53.
 * @throws {TypeError} If a column is not of text, numbers, booleans or lists of these.
 */
export function readArrow(bytes: Uint8Array, source: string): Dataset {
  checkMagic(bytes, source);
  let table: Table;
  let labelNames: Record<string, string[]>;
  try {
    table = tableFromIPC(bytes);
    labelNames = readLabelNames(table.schema.metadata.get(FEATURES_KEY));
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${source}: it cannot be parsed as Arrow IPC (${
        (cause as Error).message
      }); write it again, without compression`,
      { cause },
    );
  }
  const columns = table.schema.fields.map(({ name, type }, i) => {
    checkIsReadable(type, name, source);
    return [name, toColumn(table.getChildAt(i)!, name, source)];
  });
  return new Dataset(Object.fromEntries(columns), { source, labelNames });
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

/** Checks the magic bytes at both ends, which apache-arrow ignores. */
function checkMagic(bytes: Uint8Array, source: string): void {
  const startsWith = (magic: string) =>
    text(bytes.subarray(0, magic.length)) === magic;
  if (startsWith("PAR1")) {
    throw new SyntaxError(
      `Cannot read ${source}: it is a Parquet file, not Arrow IPC; rename it to end in .parquet`,
    );
  }
  const end = startsWith("ARROW1") ? "ARROW1" : "\xff\xff\xff\xff\0\0\0\0";
  if (text(bytes.subarray(-end.length)) !== end) {
    throw new SyntaxError(
      `Cannot read ${source}: it is not an Arrow file, or the end of it is missing; write or download it again`,
    );
  }
}

/** Decodes bytes as Latin-1, one character per byte. */
function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function checkIsReadable(type: DataType, name: string, source: string): void {
  if (!READABLE.has(type.typeId)) {
    throw new TypeError(
      `Cannot read ${source}: column "${name}" is of type ${type}; columns of text, numbers, booleans and lists of these can be read`,
    );
  }
  const inner: DataType[] = type.children?.map((child) => child.type) ?? [];
  if (DataType.isDictionary(type)) inner.push(type.dictionary);
  for (const innerType of inner) checkIsReadable(innerType, name, source);
}

/** Converts integers eagerly, to report one that is too large; decodes the rest when it is read. */
function toColumn(vector: Vector, name: string, source: string): Column {
  const toPlain = (value: unknown): unknown => {
    if (value instanceof Vector) return Array.from(value, toPlain);
    if (typeof value !== "bigint") return value;
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new RangeError(
      `Cannot read ${source}: ${value} in column "${name}" is beyond ±2^53; numbers that large lose digits`,
    );
  };
  if (vector.type.typeId === Type.Int) return Array.from(vector, toPlain);
  return { length: vector.length, at: (i) => toPlain(vector.get(i)) };
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
