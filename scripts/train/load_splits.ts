/**
 * The splits of a run: a folder of files, or one file that is divided.
 *
 * @module
 */
import {
  type Dataset,
  type DatasetDict,
  loadDataFile,
  loadDataset,
  type TableOptions,
} from "../../mod.ts";
import { pairRemedy, requireColumns } from "./data_checks.ts";
import { divide } from "./divide.ts";
import type { Options } from "./options.ts";

/** The text columns of `train_mrpc.ts`. */
const PAIR = ["sentence1", "sentence2"];

/** Requirements of a task on its files. */
export interface SplitOptions {
  /** Required splits; train and validation by default. */
  readonly splits?: readonly string[];
  /** Columns of delimited text that are read as numbers; `label` by default. */
  readonly labelColumns?: readonly string[];
  /** The text columns; those of `train_mrpc.ts` by default. */
  readonly textColumns?: readonly string[];
  /** A column of classes; `label` by default, undefined if the labels are no classes. */
  readonly stratifyBy?: string | undefined;
  /** Throws if one file, of which the splits are parts, has wrong rows. */
  readonly check?: (file: Dataset) => void;
}

/**
 * Loads the splits of a run. One file is divided at random, by the seed of the
 * run, into rows to train and rows for validation: see {@linkcode divide}.
 *
 * @param path A folder, or a file.
 * @param options Settings of the run.
 * @param needed Splits, label columns and check.
 * @returns The splits.
 * @throws {RangeError} If a file has too few rows to divide or lacks a column, other splits than these two are needed, or a folder is to be divided.
 * @throws {Error} If a split is missing, or a file cannot be read.
 */
export async function loadSplits(
  path: string,
  options: Options,
  needed: SplitOptions = {},
): Promise<DatasetDict> {
  const { splits = ["train", "validation"], labelColumns } = needed;
  const { textColumns = PAIR, check = requirePairs } = needed;
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
  check(file);
  const { validationSplit, seed } = options;
  const stratifyBy = "stratifyBy" in needed ? needed.stratifyBy : "label";
  return divide(file, path, { validationSplit, seed, textColumns, stratifyBy });
}

function requirePairs(file: Dataset): void {
  const needed = [...PAIR, "label"];
  requireColumns(file, needed, () => pairRemedy(needed, `${file.source}`));
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
