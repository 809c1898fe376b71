/**
 * Labelled rows: a split of a folder, or one file.
 *
 * @module
 */
import { type Dataset, loadDataFile, loadDataset } from "../../mod.ts";
import { isFile, tableOptions } from "../train/load_splits.ts";

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
