/**
 * The splits of a run: a folder of files, or one file that is divided.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  Dataset,
  DatasetDict,
  loadDataFile,
  loadDataset,
  Random,
  type TableOptions,
} from "../../mod.ts";
import type { Options } from "./options.ts";

/** Share of the rows for validation, unless `--validation-split` is given. */
const VALIDATION_SPLIT = 0.1;

/** Requirements of a task on its files. */
export interface SplitOptions {
  /** Required splits; train and validation by default. */
  readonly splits?: readonly string[];
  /** Columns of delimited text that are read as numbers; `label` by default. */
  readonly labelColumns?: readonly string[];
  /** Throws if one file, of which the splits are parts, has wrong rows. */
  readonly check?: (file: Dataset) => void;
}

/**
 * Loads the splits of a run. One file is divided at random, by the seed of the
 * run, into rows to train and rows for validation.
 *
 * @param path A folder, or a file.
 * @param options Settings of the run.
 * @param needed Splits, label columns and check.
 * @returns The splits.
 * @throws {RangeError} If a file has too few rows to divide, other splits than these two are needed, or a folder is to be divided.
 * @throws {Error} If a split is missing, or a file cannot be read.
 */
export async function loadSplits(
  path: string,
  options: Options,
  needed: SplitOptions = {},
): Promise<DatasetDict> {
  const { splits = ["train", "validation"], labelColumns, check } = needed;
  const table = tableOptions(options.delimiter, labelColumns);
  if (!isFile(path)) {
    const { validationSplit } = options;
    if (validationSplit !== undefined) {
      throw new RangeError(
        `--validation-split ${validationSplit} divides one file, and ${path} is a folder with a validation split: leave it out`,
      );
    }
    return await loadDataset(path, { splits, ...table });
  }
  const other = splits.find((name) => !/^(train|validation)$/.test(name));
  if (other !== undefined) {
    throw new RangeError(
      `--data ${path} is one file, and the task needs ${other}: give a folder with ${
        splits.join(", ")
      }`,
    );
  }
  const file = await loadDataFile(path, table);
  check?.(file);
  return divide(file, path, options);
}

/**
 * Options of delimited text.
 *
 * @param delimiter `--delimiter`, if given.
 * @param labelColumns The label columns, if they have another name than `label`.
 * @returns The options that are given.
 */
export function tableOptions(
  delimiter: string | undefined,
  labelColumns: readonly string[] | undefined,
): TableOptions {
  return {
    ...delimiter !== undefined && { delimiter },
    ...labelColumns && { labelColumns },
  };
}

/**
 * Checks whether a path is a file.
 *
 * @param path The path.
 * @returns Whether it is; false where that cannot be determined.
 */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // reading it fails with its own message
  }
}

function divide(
  rows: Dataset,
  path: string,
  { validationSplit = VALIDATION_SPLIT, seed }: Options,
): DatasetDict {
  const held = Math.round(rows.length * validationSplit);
  if (held === 0 || held === rows.length) {
    throw new RangeError(
      `--data ${path} is one file of ${rows.length} rows, and --validation-split ${validationSplit} of them is ${held}: it needs rows for training and for validation`,
    );
  }
  const order = Array.from(new Random(seed).permutation(rows.length));
  const part = (indices: number[], name: string) => {
    const split = rows.select(indices.sort((a, b) => a - b));
    const columns = split.columnNames
      .map((name) => [name, split.column(name)] as const);
    const labelNames = split.columnNames.flatMap((name) => {
      const names = split.labelNames(name);
      return names ? [[name, names] as const] : [];
    });
    return new Dataset(Object.fromEntries(columns), {
      source: `${path}, ${name} rows,`,
      labelNames: Object.fromEntries(labelNames),
      unsupportedColumns: rows.unsupportedColumns,
    });
  };
  console.log(
    `${path}: ${rows.length - held} rows for training, ${held} for validation`,
  );
  return new DatasetDict({
    train: part(order.slice(held), "training"),
    validation: part(order.slice(0, held), "validation"),
  });
}
