/**
 * The user's own data: one file that is divided, or a folder of splits, with
 * columns of any name.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type Dataset,
  DatasetDict,
  loadDataset,
  type ProblemType,
} from "../../mod.ts";
import { labelReader } from "../train/class_names.ts";
import { requireColumns } from "../train/data_checks.ts";
import { divide } from "../train/divide.ts";
import { isFile, tableOptions } from "../train/load_splits.ts";
import { type Columns, describeColumns, findColumns } from "./columns.ts";
import type { ClassifyOptions } from "./flags.ts";
import { withLabelSets } from "./label_sets.ts";
import { missingLabels, withoutMissing } from "./missing_rows.ts";
import { customTask, type OwnLabels, type Task } from "./tasks.ts";

/** The splits of a task, as they are in its files. */
export interface RawTask {
  /** The splits, with the columns of the task. */
  readonly raw: DatasetDict;
  /** The task. */
  readonly task: Task;
}

/**
 * Loads the user's own data. Prints the columns, the rows that are left out, and how
 * one file is divided.
 *
 * @param options Settings of the run.
 * @returns The splits, and the task that their columns make.
 * @throws {RangeError} If a column cannot be found, or a value is of a wrong type.
 * @throws {Error} If a file cannot be read.
 */
export async function loadOwnData(options: ClassifyOptions): Promise<RawTask> {
  const { data: path, delimiter, labelSeparator, validationSplit, seed } =
    options;
  const isDivided = isFile(path);
  const testSplit = options.testSplit ?? 0;
  if (!isDivided) refuseShares(path, options);
  const files = await loadDataset(path, {
    splits: isDivided ? ["train"] : ["train", "validation"],
    ...tableOptions(delimiter, []), // text as it is written: readLabels tells numbers from codes
  });
  const columns = findColumns(files.train, options);
  const { text, label } = columns;
  const labelled = ["train", ...isDivided ? [] : ["validation"]]
    .map((name) => files.split(name));
  for (const table of labelled) requireBoth(table, columns);
  console.log(describeColumns(columns));
  if (options.labelColumn === undefined) {
    warnAboutHeader(files.train, path, label);
  }
  const kind = kindOf(labelled, columns, options);
  const column = label.join(",");
  const isSets = kind === "sets";
  const isMissing = missingLabels(labelled, label[0]!, isSets);
  const clean = (table: Dataset) => {
    const rows = withoutMissing(table, columns, isMissing, isSets);
    return isSets ? withLabelSets(rows, label, labelSeparator, column) : rows;
  };
  const task = customTask(text, column, kind, isDivided && testSplit > 0);
  if (!isDivided) {
    const splits = files.names.map((name) => {
      const table = files.split(name);
      return [name, labelled.includes(table) ? clean(table) : table];
    });
    return { raw: new DatasetDict(Object.fromEntries(splits)), task };
  }
  const rows = clean(files.train);
  const raw = divide(rows, path, {
    ...{ validationSplit, testSplit, seed, textColumns: text },
    stratifyBy: isOfClasses(rows, column, kind) ? column : undefined,
  });
  return { raw, task };
}

function refuseShares(
  path: string,
  { validationSplit, testSplit }: ClassifyOptions,
): void {
  const share = validationSplit !== undefined
    ? `--validation-split ${validationSplit}`
    : testSplit !== undefined && testSplit > 0
    ? `--test-split ${testSplit}`
    : undefined;
  if (share === undefined) return;
  throw new RangeError(
    `${share} divides one file, and ${path} is a folder with a validation split: leave it out`,
  );
}

/** Warns of a header that is the first row of a file without one. */
function warnAboutHeader(
  rows: Dataset,
  path: string,
  [name]: readonly string[],
): void {
  if (!/\.[ct]sv$/.test(path) || !rows.column(name!).includes(name)) return;
  console.warn(
    `Warning: the first line of ${path} is read as the names of its columns, and "${name}" is also a label: if it is a row, write a line with names above it, such as text and label`,
  );
}

function requireBoth(table: Dataset, { text, label }: Columns): void {
  requireColumns(
    table,
    [...text, ...label],
    (missing) =>
      `name one of these with ${
        text.includes(missing) ? "--text-columns" : "--label-column"
      }`,
  );
}

/** Tells the kind of the labels from the flags, else from the values. */
function kindOf(
  tables: readonly Dataset[],
  { label }: Columns,
  { problemType, labelSeparator }: ClassifyOptions,
): OwnLabels {
  const hasLists = label.length === 1 &&
    tables.some((table) => table.column(label[0]!).some(Array.isArray));
  const reason = label.length > 1
    ? `--label-column ${label.join(",")}`
    : labelSeparator !== undefined
    ? `--label-separator ${labelSeparator}`
    : hasLists
    ? `the lists in column "${label}"`
    : undefined;
  const isMultiLabel = problemType === "multi_label_classification";
  if (reason !== undefined) {
    if (problemType === undefined || isMultiLabel) return "sets";
    throw new TypeError(
      `--problem-type ${problemType} excludes ${reason}, which gives several labels a row: leave one of them out`,
    );
  }
  const kinds: Record<ProblemType, OwnLabels> = {
    "single_label_classification": "classes",
    "multi_label_classification": "sets",
    regression: "numbers",
  };
  return problemType === undefined ? "inferred" : kinds[problemType];
}

/** Whether the labels are classes, by which a split can be stratified. */
function isOfClasses(rows: Dataset, column: string, kind: OwnLabels): boolean {
  if (kind !== "inferred") return kind === "classes";
  const labels = labelReader([rows], column)(rows);
  return !labels.some((label) =>
    typeof label === "object" || // refused with its type
    (typeof label === "number" && !Number.isInteger(label))
  );
}
