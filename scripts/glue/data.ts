/**
 * The rows of a task, with checked columns and labels, and no other columns.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { Dataset, DatasetDict } from "../../mod.ts";
import { listNames } from "../train/class_names.ts";
import { warnAboutRows } from "../train/warnings.ts";
import { type Labels, readLabels } from "./labels.ts";
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
  const { textColumns, labelColumn, validation, submissions } = task;
  const labelled = ["train", ...validation];
  const unlabelled = raw.names.filter((name) =>
    Object.hasOwn(submissions, name)
  );
  const names = [...labelled, ...unlabelled];
  for (const name of names) {
    const needed = labelled.includes(name) ? [labelColumn] : [];
    checkColumns(raw.split(name), [...textColumns, ...needed], task);
    checkTexts(raw.split(name), textColumns);
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
  if (labels.namesOfData?.includes("-1")) {
    console.log(
      "Note: -1 is a class like the others; if it stands for no label, leave these rows out",
    );
  }
  return { rows: all, labels };
}

function checkColumns(
  split: Dataset,
  needed: readonly string[],
  { labels, textColumns }: Task,
): void {
  const missing = needed.find((name) => !split.columnNames.includes(name));
  if (missing === undefined) return;
  if (split.unsupportedColumns.has(missing)) split.column(missing); // throws its reason
  const flag = textColumns.includes(missing)
    ? "--text-columns"
    : "--label-column";
  const remedy = labels === "inferred"
    ? `name one of these with ${flag}`
    : `name its columns as GLUE does, ${
      needed.join(", ")
    }, or leave out --task and name yours with --text-columns and --label-column`;
  throw new RangeError(
    `${split.source} has no column "${missing}", only ${
      split.columnNames.join(", ")
    }: ${remedy}`,
  );
}

/** Rejects values that are not text; keeps empty texts and prints their number. */
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
    const empty = (texts as string[]).filter((text) => text.trim() === "");
    if (empty.length > 0) {
      console.log(
        `Note: ${split.source} has ${empty.length} of ${texts.length} rows with an empty ${column}, which are kept`,
      );
    }
  }
}
