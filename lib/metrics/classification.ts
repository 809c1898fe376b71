/**
 * Scores of predicted classes and labels, with the conventions of scikit-learn.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { checkClasses, checkNotEmpty, warn } from "./check.ts";
import {
  checkLabels,
  countClasses,
  countCorrect,
  type LabelCounts,
} from "./label_counts.ts";
import { isMatrix, type MetricMatrix, toIndicators } from "./matrix.ts";

/** Options of {@linkcode confusionMatrix}. */
export interface ConfusionMatrixOptions {
  /** Classes, in the order of the rows and columns. Default: those that occur, in ascending order. */
  readonly labels?: readonly number[];
}

/** Names of {@linkcode ConfusionMatrixOptions}. */
export const CONFUSION_MATRIX_OPTIONS: OptionNames<ConfusionMatrixOptions> = {
  labels: true,
};

/**
 * Computes the share of correct predictions: `1/N Σ (p = r)`. With several labels
 * per row it is the subset accuracy, the share of rows whose labels are all correct.
 *
 * @param predictions Predicted classes, `[N]`, or labels as zeros and ones, `[N, L]`.
 * @param references True classes or labels, of the same shape.
 * @returns A number in [0, 1].
 * @throws {RangeError} If there are no values, or the shapes differ.
 * @throws {TypeError} If a class is not a whole number.
 */
export function accuracy(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
): number {
  if (!isMatrix(predictions) && !isMatrix(references)) {
    checkClasses(predictions, references);
    checkNotEmpty(references.length);
    return countCorrect(predictions, references) / references.length;
  }
  const [p, r] = toIndicators(predictions, references);
  const wrong = new Set<number>(); // rows
  for (let i = 0; i < r.data.length; i++) {
    if (p.data[i] !== r.data[i]) wrong.add(Math.floor(i / r.columns));
  }
  return (r.rows - wrong.size) / r.rows;
}

/**
 * Computes the share of wrong labels, `1/(N·L) Σ (p ≠ r)`; for one class per row,
 * the share of wrong predictions.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.hamming_loss.html
 *
 * @param predictions Predicted labels as zeros and ones, `[N, L]`, or classes, `[N]`.
 * @param references True labels or classes, of the same shape.
 * @returns A number in [0, 1].
 * @throws {RangeError} If there are no values, or the shapes differ.
 * @throws {TypeError} If a class is not a whole number.
 */
export function hammingLoss(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
): number {
  if (!isMatrix(predictions) && !isMatrix(references)) {
    checkClasses(predictions, references);
    checkNotEmpty(references.length);
    const correct = countCorrect(predictions, references);
    return (references.length - correct) / references.length;
  }
  const [p, r] = toIndicators(predictions, references);
  return (p.data.length - countCorrect(p.data, r.data)) / p.data.length;
}

/**
 * Computes the mean recall of the classes that occur in the references; a warning
 * says that the predictions have other classes too.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.balanced_accuracy_score.html
 *
 * @param predictions Predicted classes, `[N]`.
 * @param references True classes, `[N]`.
 * @returns A number in [0, 1].
 * @throws {RangeError} If there are no values, or their lengths differ.
 * @throws {TypeError} If a value is not a whole number.
 */
export function balancedAccuracyScore(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  const counts = [...countClasses(predictions, references).values()];
  if (counts.some(({ actual }) => actual === 0)) {
    warn("The predictions contain classes that the references do not");
  }
  return meanRecall(counts);
}

/**
 * Computes Matthews' correlation coefficient: for two classes
 * `(TP·TN - FP·FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN))`, for more
 * Gorodkin's R_K. It is 0 if the denominator is 0.
 *
 * Source: Gorodkin 2004, https://doi.org/10.1016/j.compbiolchem.2004.09.006
 *
 * @param predictions Predicted classes, `[N]`.
 * @param references True classes, `[N]`.
 * @returns A number in [-1, 1].
 * @throws {RangeError} If there are no values, or their lengths differ.
 * @throws {TypeError} If a value is not a whole number.
 */
export function matthewsCorrelation(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  return matthewsOf([...countClasses(predictions, references).values()]);
}

/**
 * Counts the rows of each true class by predicted class.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.confusion_matrix.html
 *
 * @param predictions Predicted classes, `[N]`.
 * @param references True classes, `[N]`.
 * @param options The classes; rows with another class are not counted.
 * @returns `[C, C]` counts; the row is the true class, the column the predicted one.
 * @throws {RangeError} If there are no values, their lengths differ, or no reference
 * is among the given classes.
 * @throws {TypeError} If a value is not a whole number, or there is no such option.
 */
export function confusionMatrix(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
  options?: ConfusionMatrixOptions,
): number[][] {
  checkOptions("count classes", options, CONFUSION_MATRIX_OPTIONS);
  const counts = countClasses(predictions, references);
  const labels = options?.labels ?? [...counts.keys()];
  checkLabels(labels);
  if (!labels.some((label) => counts.get(label)?.actual)) {
    throw new RangeError(
      `Cannot count the classes [${labels}]: at least one must be in the references, which have ${
        [...counts.keys()].filter((label) => counts.get(label)!.actual)
      }`,
    );
  }
  const index = new Map(labels.map((label, i) => [label, i]));
  const matrix = labels.map(() => labels.map(() => 0));
  for (let i = 0; i < references.length; i++) {
    const row = index.get(references[i]!);
    const column = index.get(predictions[i]!);
    if (row !== undefined && column !== undefined) matrix[row]![column]!++;
  }
  return matrix;
}

/**
 * Computes the mean recall.
 *
 * @param counts Counts of each class.
 * @returns The mean over the classes that have rows.
 */
export function meanRecall(counts: readonly LabelCounts[]): number {
  const actual = counts.filter((count) => count.actual > 0);
  const sum = actual.reduce(
    (total, count) => total + count.truePositives / count.actual,
    0,
  );
  return sum / actual.length;
}

/**
 * Computes Matthews' correlation coefficient.
 *
 * @param counts Counts of every class that occurs.
 * @returns A number in [-1, 1].
 */
export function matthewsOf(counts: readonly LabelCounts[]): number {
  let [n, correct] = [0, 0];
  let both = 0; // Σ_k (predictions of class k)(references of class k)
  let predicted = 0; // Σ_k (predictions of class k)²
  let actual = 0; // Σ_k (references of class k)²
  for (const count of counts) {
    n += count.actual;
    correct += count.truePositives;
    both += count.predicted * count.actual;
    predicted += count.predicted ** 2;
    actual += count.actual ** 2;
  }
  const variances = (n * n - predicted) * (n * n - actual);
  return variances === 0 ? 0 : (correct * n - both) / Math.sqrt(variances);
}
