/**
 * Counts of true positives, predictions and references of each class or label, of
 * which precision, recall, F1 and Matthews' coefficient are functions.
 *
 * @module
 */
import { checkClasses, checkNotEmpty } from "./check.ts";
import { isMatrix, type MetricMatrix, toIndicators } from "./matrix.ts";

/** Counts of one class or label. */
export interface LabelCounts {
  /** Rows that have the label and are predicted to have it, TP. */
  truePositives: number;
  /** Rows that are predicted to have the label, TP + FP. */
  predicted: number;
  /** Rows that have the label, TP + FN; its support. */
  actual: number;
}

/**
 * Counts each class of `[N]` classes, or each label of `[N, L]` zeros and ones.
 *
 * @param predictions Predictions.
 * @param references References.
 * @param labels Classes or columns to count. Default: all, in ascending order.
 * @returns Counts in the order of the labels; zeros for a class that does not occur.
 * @throws {RangeError} If there are no rows, their numbers differ, a label of a
 * matrix is neither 0 nor 1, or `labels` is empty, has a label twice, or one that
 * is no column.
 * @throws {TypeError} If a class is not a whole number.
 */
export function countLabels(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
  labels?: readonly number[],
): Map<number, LabelCounts> {
  const hasColumns = isMatrix(predictions) || isMatrix(references);
  const counts = hasColumns
    ? countColumns(predictions, references)
    : countClasses(predictions, references);
  if (!labels) return counts;
  checkLabels(labels);
  const missing = labels.find((label) => hasColumns && !counts.has(label));
  if (missing !== undefined) {
    throw new RangeError(
      `Cannot score label ${missing}: the labels are columns 0 to ${
        counts.size - 1
      }`,
    );
  }
  return new Map(
    labels.map((label) => [label, counts.get(label) ?? noRows()]),
  );
}

/**
 * Checks a list of labels.
 *
 * @param labels Classes or columns.
 * @throws {RangeError} If there are none, or one is listed twice.
 */
export function checkLabels(labels: readonly number[]): void {
  if (labels.length === 0 || new Set(labels).size !== labels.length) {
    throw new RangeError(
      `Cannot score the labels [${labels}]: list each label once`,
    );
  }
}

/**
 * Counts the rows whose prediction is the reference.
 *
 * @param predictions Predicted classes, `[N]`.
 * @param references True classes, `[N]`.
 * @returns A number in [0, N].
 */
export function countCorrect(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  let correct = 0;
  for (let i = 0; i < references.length; i++) {
    if (predictions[i] === references[i]) correct++;
  }
  return correct;
}

/**
 * Counts each class.
 *
 * @param predictions Predicted classes, `[N]`.
 * @param references True classes, `[N]`.
 * @returns Counts by class, in ascending order.
 * @throws {RangeError} If there are no rows, or their numbers differ.
 * @throws {TypeError} If a class is not a whole number.
 */
export function countClasses(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): Map<number, LabelCounts> {
  checkClasses(predictions, references);
  checkNotEmpty(references.length);
  const counts = new Map<number, LabelCounts>();
  const at = (label: number): LabelCounts => {
    let found = counts.get(label);
    if (!found) counts.set(label, found = noRows());
    return found;
  };
  for (let i = 0; i < references.length; i++) {
    const predicted = at(predictions[i]!);
    const actual = at(references[i]!);
    predicted.predicted++;
    actual.actual++;
    if (predicted === actual) actual.truePositives++;
  }
  return new Map([...counts].sort(([a], [b]) => a - b));
}

function countColumns(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
): Map<number, LabelCounts> {
  const [p, r] = toIndicators(predictions, references);
  const counts = Array.from({ length: r.columns }, noRows);
  for (let i = 0; i < r.data.length; i++) {
    const label = counts[i % r.columns]!;
    label.predicted += p.data[i]!;
    label.actual += r.data[i]!;
    label.truePositives += p.data[i]! * r.data[i]!;
  }
  return new Map(counts.entries());
}

function noRows(): LabelCounts {
  return { truePositives: 0, predicted: 0, actual: 0 };
}
