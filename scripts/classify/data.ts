/**
 * The rows of a task, with checked columns and labels, and no other columns.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { Dataset, DatasetDict } from "../../mod.ts";
import { labelReader, listNames } from "../train/class_names.ts";
import { requireColumns } from "../train/data_checks.ts";
import { warnAboutNames, warnAboutRows } from "../train/warnings.ts";
import { checkMissing, type Labels, readLabels } from "./labels.ts";
import type { Task } from "./tasks.ts";

/** The rows of a task. */
export interface TaskData {
  /** The text columns, and `labels` in every split except those to predict. */
  readonly rows: DatasetDict;
  /** The labels. */
  readonly labels: Labels;
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
  const labelled = ["train", ...validation];
  const unlabelled = raw.names.filter((name) =>
    Object.hasOwn(submissions, name)
  );
  const names = [...labelled, ...unlabelled];
  for (const name of names) {
    checkRows(raw.split(name), task, labelled.includes(name));
    reportEmptyTexts(raw.split(name), textColumns);
  }
  const labels = readLabels(raw, task, model);
  const splits = names.map((name) => {
    const split = raw.split(name);
    const texts = textColumns.map((column) => [column, split.column(column)]);
    const numbers = labelled.includes(name)
      ? { labels: labels.numbersOf(split) }
      : {};
    const { source = name } = split;
    return [
      name,
      new Dataset({ ...Object.fromEntries(texts), ...numbers }, { source }),
    ];
  });
  const all = new DatasetDict(Object.fromEntries(splits));
  warnAboutRows(all, validation, textColumns, "labels");
  const { names: classes } = labels;
  console.log(
    classes
      ? `${classes.length} labels: ${listNames(classes)}`
      : "The labels are numbers: regression",
  );
  warnAboutNames(classes ?? []);
  if (labels.namesOfData?.includes("-1")) {
    console.log(
      "Note: -1 is a class like the others; if it stands for no label, leave these rows out",
    );
  }
  return { rows: all, labels };
}

/**
 * Checks the rows of a file before it is divided, so that errors name its own rows.
 *
 * @param file The rows.
 * @param task The task.
 * @throws {RangeError} If a column, a text or a label is missing.
 */
export function checkFile(file: Dataset, task: Task): void {
  checkRows(file, task, true);
  const { labels, labelColumn } = task;
  const isHidden = labels !== "inferred" || !!file.labelNames(labelColumn);
  checkMissing(file, labelReader([file], labelColumn)(file), isHidden);
}

function checkRows(rows: Dataset, task: Task, isLabelled: boolean): void {
  const { labels, textColumns, labelColumn } = task;
  const needed = isLabelled ? [...textColumns, labelColumn] : textColumns;
  requireColumns(rows, needed, (missing) => {
    if (labels !== "inferred") {
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
