/**
 * Counts of rows with the same text.
 *
 * @module
 */
import type { DuplicateRows } from "../../mod.ts";
import type { Label, ReportData } from "./report_data.ts";

/** Counts of rows with the same text. */
export interface DuplicateCounts {
  /** Rows of the split whose text is in the training rows too. */
  readonly shared: number;
  /** Rows that repeat an earlier row of their own split. */
  readonly repeated: number;
  /** Texts whose rows have different labels. */
  readonly conflicting: number;
}

/**
 * Counts rows with the same text.
 *
 * @param duplicates Result of `findDuplicates()`.
 * @param labels Labels of the rows of each split.
 * @param split The split that the model was evaluated on.
 * @returns The counts.
 */
export function duplicateCounts(
  duplicates: readonly DuplicateRows[],
  labels: ReportData["labels"],
  split: string,
): DuplicateCounts {
  let [shared, repeated, conflicting] = [0, 0, 0];
  for (const group of duplicates) {
    const splits = group.rows.map((row) => row.split);
    repeated += splits.length - new Set(splits).size;
    if (split !== "train" && splits.includes("train")) {
      shared += splits.filter((name) => name === split).length;
    }
    if (isConflicting(group, labels)) conflicting++;
  }
  return { shared, repeated, conflicting };
}

/**
 * Tells whether rows with the same text have different labels.
 *
 * @param group The rows.
 * @param labels Labels of the rows of each split.
 * @returns Whether they have.
 */
export function isConflicting(
  { rows }: DuplicateRows,
  labels: ReportData["labels"],
): boolean {
  const found = rows.flatMap(({ split, row }) => {
    const label: Label | undefined = labels[split]?.[row];
    return label === undefined ? [] : [`${label}`];
  });
  return new Set(found).size > 1;
}
