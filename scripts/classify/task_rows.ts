/**
 * Texts, labels and row numbers of the splits of a task.
 *
 * @module
 */
import { ROW } from "../train/divide.ts";
import type { TaskData } from "./data.ts";
import type { Label } from "./labels.ts";

/**
 * Returns the texts of a split.
 *
 * @param data The rows of a task.
 * @param split The split.
 * @returns The text of each row, or its two texts.
 */
export function textsOf(
  { rows, task }: TaskData,
  split: string,
): readonly (readonly string[])[] {
  const columns = task.textColumns
    .map((name) => rows.split(split).column(name) as string[]);
  return columns[0]!.map((_, row) => columns.map((column) => column[row]!));
}

/**
 * Returns the labels of a split.
 *
 * @param data The rows of a task.
 * @param split The split.
 * @returns The label of each row, in the model's numbers.
 */
export function labelsOf({ rows }: TaskData, split: string): Label[] {
  return rows.split(split).column("labels") as Label[];
}

/**
 * Returns the row numbers of a split.
 *
 * @param data The rows of a task.
 * @param split The split.
 * @returns Number of each row in its file, from 0.
 */
export function rowNumbersOf({ rows }: TaskData, split: string): number[] {
  return rows.split(split).column(ROW) as number[];
}
