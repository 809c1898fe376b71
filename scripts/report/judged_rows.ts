/**
 * Evaluated rows with their predicted labels and losses.
 *
 * @module
 */
import type { EvaluatedRow, Label, ReportData } from "./report_data.ts";

/** An evaluated row with what follows from its predictions. */
export interface JudgedRow extends EvaluatedRow {
  /** Predicted class, labels as zeros and ones, or number. */
  readonly predicted: Label;
  /** Cross-entropy, its sum over the labels, or the squared error. */
  readonly loss: number;
  /** Probability of the label, or of all labels of the row; NaN for a regression. */
  readonly probability: number;
}

/**
 * Finds the rows whose labels are likely wrong: those with the greatest loss, which
 * are predicted otherwise than labelled.
 *
 * Source: Northcutt et al. 2021, Confident Learning: Estimating Uncertainty in Dataset
 * Labels, https://arxiv.org/abs/1911.00068, which compares rankings by the
 * probability of the given label.
 *
 * @param rows The rows.
 * @param limit Number of rows, at most.
 * @returns The rows, the greatest loss first.
 */
export function greatestLosses<Row extends JudgedRow>(
  rows: readonly Row[],
  limit: number,
): Row[] {
  return rows.filter(({ label, predicted }) => `${label}` !== `${predicted}`)
    .sort((a, b) => b.loss - a.loss).slice(0, limit);
}

/**
 * Writes a label in words.
 *
 * @param label The label.
 * @param names Names of the classes or labels.
 * @param problemType Kind of the labels.
 * @returns Its name, its names separated by commas, or the number.
 */
export function labelText(
  label: Label,
  names: readonly string[],
  problemType: ReportData["problemType"],
): string {
  if (typeof label !== "number") {
    return names.filter((_, i) => label[i] === 1).join(", ") || "none";
  }
  return problemType === "regression"
    ? `${Number(label.toPrecision(4))}`
    : names[label]!;
}

/**
 * Judges the predictions of a row.
 *
 * @param row The row.
 * @param data Kind of the labels, and the thresholds.
 * @returns The row with its predicted label and its loss.
 */
export function judge(
  row: EvaluatedRow,
  { problemType, evaluation }: Pick<ReportData, "problemType" | "evaluation">,
): JudgedRow {
  const { label, predictions } = row;
  if (problemType === "regression") {
    const predicted = predictions[0]!;
    const loss = (predicted - (label as number)) ** 2;
    return { ...row, predicted, loss, probability: NaN };
  }
  if (typeof label === "number") {
    const predicted = predictions.indexOf(Math.max(...predictions));
    const probability = predictions[label]!;
    return { ...row, predicted, probability, loss: -safeLog(probability) };
  }
  const logs = predictions.map((p, i) => safeLog(label[i] === 1 ? p : 1 - p));
  const log = logs.reduce((sum, x) => sum + x, 0);
  const predicted = predictions.map((p, i) =>
    p >= (evaluation.thresholds?.[i] ?? 0.5) ? 1 : 0
  );
  return { ...row, predicted, loss: -log, probability: Math.exp(log) };
}

/** Logarithm of a probability that may have been rounded to 0. */
function safeLog(probability: number): number {
  return Math.log(Math.max(probability, Number.MIN_VALUE));
}
