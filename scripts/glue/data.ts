/**
 * The rows of a task: its columns and labels are checked, and what else a row
 * has is left out, before anything is computed.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { Dataset, DatasetDict } from "../../mod.ts";
import { type Labels, readLabels } from "./labels.ts";
import type { Task } from "./tasks.ts";

/** The rows of a task. */
export interface TaskData {
  /** The text columns, and `labels` in all splits but those to be predicted. */
  readonly rows: DatasetDict;
  /** What the labels are. */
  readonly labels: Labels;
}

/**
 * Picks the columns of a task.
 *
 * @param raw The splits as they were read.
 * @param task The task.
 * @returns The rows, and what the labels are.
 * @throws {RangeError} If a column or a label is missing, or labels differ from split to split.
 */
export function prepareRows(raw: DatasetDict, task: Task): TaskData {
  const { textColumns, labelColumn, validation, submissions } = task;
  const learned = ["train", ...validation];
  const predicted = raw.names.filter((name) =>
    Object.hasOwn(submissions, name)
  );
  const names = [...learned, ...predicted];
  for (const name of names) {
    const needed = learned.includes(name) ? [labelColumn] : [];
    checkColumns(raw.split(name), [...textColumns, ...needed], task);
    checkTexts(raw.split(name), textColumns);
  }
  const labels = readLabels(raw, task);
  const splits = names.map((name) => {
    const split = raw.split(name);
    const columns = textColumns.map((column) => [column, split.column(column)]);
    const known = learned.includes(name)
      ? { labels: labels.numbersOf(split) }
      : {};
    const { source = name } = split;
    return [
      name,
      new Dataset({ ...Object.fromEntries(columns), ...known }, { source }),
    ];
  });
  const { names: classes } = labels;
  console.log(
    classes
      ? `${classes.length} labels: ${classes.join(", ")}`
      : "The labels are numbers: regression",
  );
  return { rows: new DatasetDict(Object.fromEntries(splits)), labels };
}

function checkColumns(
  split: Dataset,
  needed: readonly string[],
  { labels, textColumns }: Task,
): void {
  const missing = needed.find((name) => !split.columnNames.includes(name));
  if (missing === undefined) return;
  const flag = textColumns.includes(missing)
    ? "--text-columns"
    : "--label-column";
  const remedy = labels === "found"
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

/** What is no text is refused; what is empty is counted, and stays. */
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
        `Note: ${split.source} has ${empty.length} of ${texts.length} rows with an empty ${column}; they stay`,
      );
    }
  }
}
