/**
 * The rows of a task, with checked columns and labels, and no other columns.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { Dataset, DatasetDict } from "../../mod.ts";
import { labelReader, listNames } from "../train/class_names.ts";
import { requireColumns } from "../train/data_checks.ts";
import { ROW, withRowNumbers } from "../train/divide.ts";
import { loadSplits } from "../train/load_splits.ts";
import { warnAboutNames, warnAboutRows } from "../train/warnings.ts";
import type { ClassifyOptions } from "./flags.ts";
import { readLabelSets } from "./label_sets.ts";
import { checkMissing, type Label, type Labels, readLabels } from "./labels.ts";
import { loadOwnData } from "./own_data.ts";
import { labelledSplits, type Task, TASKS } from "./tasks.ts";

/** Training rows below which rare labels are no surprise. */
const MANY_ROWS = 100;

/** The rows of a task. */
export interface TaskData {
  /** The text columns, the row number in the file, and `labels` in every split except those to predict. */
  readonly rows: DatasetDict;
  /** The labels. */
  readonly labels: Labels;
  /** The task. */
  readonly task: Task;
}

/**
 * Loads the rows of a task of GLUE, or the user's own.
 *
 * @param options Settings of the run.
 * @param model Label names of the checkpoint, by number.
 * @returns The rows and the labels.
 * @throws {RangeError} If a column, a text or a label is missing.
 * @throws {TypeError} If thresholds are to be tuned, and each row has one label or a number.
 * @throws {Error} If a file cannot be read.
 */
export async function loadTask(
  options: ClassifyOptions,
  model: readonly string[],
): Promise<TaskData> {
  const data = await loadRows(options, model);
  const { problemType } = data.labels.head;
  if (options.tuneThresholds && problemType !== "multi_label_classification") {
    throw new TypeError(
      `--tune-thresholds is for several labels a row, and each row has ${
        problemType === "regression" ? "a number" : "one label"
      }: leave it out`,
    );
  }
  return data;
}

async function loadRows(
  options: ClassifyOptions,
  model: readonly string[],
): Promise<TaskData> {
  if (options.task === undefined) {
    const { raw, task } = await loadOwnData(options);
    return prepareRows(raw, task, model);
  }
  const task: Task = TASKS[options.task];
  const { labels, labelColumn, textColumns, validation } = task;
  const raw = await loadSplits(options.data, options, {
    splits: ["train", ...validation],
    labelColumns: [], // text as it is written: readLabels tells numbers from codes
    textColumns,
    stratifyBy: labels === "numbers" ? undefined : labelColumn,
    check: (file) => checkFile(file, task),
  });
  return prepareRows(raw, task, model);
}

/**
 * Selects the columns of a task, and prints its labels.
 *
 * @param raw The splits.
 * @param task The task.
 * @param model Label names of the checkpoint, by number.
 * @returns The rows and the labels.
 * @throws {RangeError} If a column or a label is missing, or the labels of the splits differ.
 */
export function prepareRows(
  raw: DatasetDict,
  task: Task,
  model: readonly string[],
): TaskData {
  const { textColumns, validation, submissions } = task;
  const labelled = labelledSplits(task);
  const unlabelled = raw.names.filter((name) =>
    Object.hasOwn(submissions, name)
  );
  const names = [...labelled, ...unlabelled];
  for (const name of names) {
    checkRows(raw.split(name), task, labelled.includes(name));
    reportEmptyTexts(raw.split(name), textColumns);
  }
  const labels = task.labels === "sets"
    ? readLabelSets(raw, task, model)
    : readLabels(raw, task, model);
  const splits = names.map((name) => {
    const split = withRowNumbers(raw.split(name));
    const columns = [...textColumns, ROW]
      .map((column) => [column, split.column(column)]);
    const numbers = labelled.includes(name)
      ? { labels: labels.numbersOf(split) }
      : {};
    const { source = name } = split;
    return [
      name,
      new Dataset({ ...Object.fromEntries(columns), ...numbers }, { source }),
    ];
  });
  const rows = new DatasetDict(Object.fromEntries(splits));
  warnAboutRows(rows, validation, textColumns, "labels", labels.names);
  reportLabels(labels, rows.train.column("labels") as Label[]);
  return { rows, labels, task };
}

/** Prints the labels, and warns of those that are rare or look alike. */
function reportLabels(
  { names, namesOfData, head }: Labels,
  train: readonly Label[],
): void {
  if (names === undefined) {
    console.log("The labels are numbers: regression");
    return;
  }
  const isMultiLabel = head.problemType === "multi_label_classification";
  console.log(
    `${names.length} labels${isMultiLabel ? ", several for each row" : ""}: ${
      listNames(names)
    }`,
  );
  warnAboutNames(names);
  const rare = names.filter((_, i) =>
    train.filter((label) =>
      typeof label === "number" ? label === i : label[i] === 1
    ).length < 2
  );
  if (rare.length > 0 && train.length >= MANY_ROWS) {
    console.warn(
      `Warning: ${rare.length} of ${names.length} labels have fewer than two training rows, from which little is learned: ${
        listNames(rare)
      }`,
    );
  }
  if (namesOfData?.includes("-1")) {
    console.log(
      "Note: -1 is a class like the others; if it stands for no label, leave these rows out",
    );
  }
}

/**
 * Checks the rows of a file of GLUE before it is divided, so that errors name its own rows.
 *
 * @param file The rows.
 * @param task The task.
 * @throws {RangeError} If a column, a text or a label is missing.
 */
function checkFile(file: Dataset, task: Task): void {
  checkRows(file, task, true);
  const { labelColumn } = task;
  // GLUE writes -1 for a label that is not public.
  checkMissing(file, labelReader([file], labelColumn)(file), true);
}

function checkRows(rows: Dataset, task: Task, isLabelled: boolean): void {
  const { metric, textColumns, labelColumn } = task;
  const needed = isLabelled ? [...textColumns, labelColumn] : textColumns;
  requireColumns(rows, needed, (missing) => {
    if (metric !== undefined) {
      return `name its columns as GLUE does, ${
        needed.join(", ")
      }, or leave out --task and name yours with --text-columns and --label-column`;
    }
    const isText = textColumns.includes(missing);
    return `name one of these with ${
      isText ? "--text-columns" : "--label-column"
    }`;
  });
  checkTexts(rows, textColumns);
}

/** Rejects values that are not text. */
function checkTexts(split: Dataset, columns: readonly string[]): void {
  for (const column of columns) {
    const texts = split.column(column);
    const row = texts.findIndex((text) => typeof text !== "string");
    if (row >= 0) {
      throw new RangeError(
        `${split.source} has ${
          texts[row] === null ? "no text" : JSON.stringify(texts[row])
        } in column "${column}" of row ${row}: it must be text, so correct it or leave the row out`,
      );
    }
  }
}

/** Prints the number of empty texts, which are kept. */
function reportEmptyTexts(split: Dataset, columns: readonly string[]): void {
  for (const column of columns) {
    const texts = split.column(column) as string[];
    const empty = texts.filter((text) => text.trim() === "");
    if (empty.length > 0) {
      console.log(
        `Note: ${split.source} has ${empty.length} of ${texts.length} rows with an empty ${column}, which are kept`,
      );
    }
  }
}
