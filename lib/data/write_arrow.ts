/**
 * Writes Arrow IPC files, through apache-arrow.
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
import { FEATURES_KEY, writeLabelNames } from "./class_labels.ts";
import type { Dataset } from "./dataset.ts";

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
