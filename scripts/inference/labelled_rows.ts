/**
 * Labelled rows: a split of a folder, or one file.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type Dataset, loadDataFile, loadDataset } from "../../mod.ts";
import {
  type Columns,
  describeColumns,
  findColumns,
} from "../classify/columns.ts";
import { isFile, tableOptions } from "../train/load_splits.ts";
import { knownTextColumns } from "./texts.ts";

/** Source of labelled rows. */
export interface LabelledRowsOptions {
  /** A folder, or a file. */
  readonly data: string;
  /** The split of the folder; validation by default. */
  readonly split?: string;
  /** Delimiter of CSV and TSV. */
  readonly delimiter?: string;
}

/** Labelled rows. */
export interface LabelledRows {
  /** The rows. */
  readonly rows: Dataset;
  /** Name of the split; `null` for a file. */
  readonly split: string | null;
}

/**
 * Loads labelled rows. Labels of delimited text are text, as they are written.
 *
 * @param options Source of the rows.
 * @returns The rows.
 * @throws {TypeError} If a split of a file is asked for.
 * @throws {Error} If there are no such rows, or they cannot be read.
 */
export async function loadLabelledRows(
  { data, split, delimiter }: LabelledRowsOptions,
): Promise<LabelledRows> {
  const table = tableOptions(delimiter, []);
  if (!isFile(data)) {
    const name = split ?? "validation";
    const splits = await loadDataset(data, { splits: [name], ...table });
    return { rows: splits.split(name), split: name };
  }
  if (split !== undefined) {
    throw new TypeError(
      `--data ${data} is one file, without splits: leave out --split ${split}`,
    );
  }
  const rows = await loadDataFile(data, table);
  if (rows.length > 0) return { rows, split: null };
  throw new RangeError(`Cannot read ${data}: it has no rows`);
}

/** The label column of GLUE. */
const LABEL = "label";

/**
 * Finds the columns of texts and labels: those of the flags, those of GLUE, or the only
 * ones that can be meant, which it says.
 *
 * @param rows The rows.
 * @param flags The columns that are named.
 * @returns The columns.
 * @throws {RangeError} If a named column is missing, or several or none can be meant.
 */
export function findLabelledColumns(
  rows: Dataset,
  flags: { readonly textColumns?: string; readonly labelColumn?: string },
): Columns {
  const { columnNames, unsupportedColumns } = rows;
  const text = knownTextColumns(rows, flags.textColumns);
  const hasLabel = columnNames.includes(LABEL) || unsupportedColumns.has(LABEL);
  const label = flags.labelColumn ?? (hasLabel ? LABEL : undefined);
  const columns = findColumns(rows, {
    textColumns: text?.join(","),
    labelColumn: label,
  });
  if (!text || label === undefined) console.warn(describeColumns(columns));
  return columns;
}
