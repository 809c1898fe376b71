/**
 * Every score of predicted classes or labels at once.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.classification_report.html
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { Average } from "./average.ts";
import {
  accuracy,
  confusionMatrix,
  hammingLoss,
  matthewsOf,
  meanRecall,
} from "./classification.ts";
import { countClasses, countLabels, type LabelCounts } from "./label_counts.ts";
import type { MetricMatrix } from "./matrix.ts";
import {
  averageOf,
  divide,
  F1,
  PRECISION,
  RECALL,
} from "./precision_recall.ts";

/** Precision, recall and F1: of one class, or an average. */
export interface PrecisionRecallF1 {
  /** Share of the rows predicted to have the label that have it. */
  precision: number;
  /** Share of the rows with the label that are predicted to have it. */
  recall: number;
  /** Harmonic mean of precision and recall. */
  f1: number;
}

/** Scores of one class or label. */
export interface LabelScores extends PrecisionRecallF1 {
  /** The class, or the number of the column. */
  label: number;
  /** Rows that have it. */
  support: number;
}

/** Averages over the classes or labels. */
export interface AverageScores {
  /** Scores of the sums of all counts; the accuracy, if all classes are scored. */
  micro: PrecisionRecallF1;
  /** Means of the scores of each class or label. */
  macro: PrecisionRecallF1;
  /** Means weighted by support. */
  weighted: PrecisionRecallF1;
}

/** Scores of predicted classes. */
export interface ClassificationReport extends AverageScores {
  /** Share of correct predictions. */
  accuracy: number;
  /** Mean recall of the classes that occur in the references. */
  balancedAccuracy: number;
  /** Matthews' correlation coefficient. */
  matthewsCorrelation: number;
  /** Scores of each class, in the order of `labels`. */
  perClass: LabelScores[];
  /** `[C, C]` counts of each true class (row) by predicted class (column). */
  confusionMatrix: number[][];
}

/** Scores of several predicted labels per row. */
export interface MultilabelReport extends AverageScores {
  /** Share of rows whose labels are all correct. */
  subsetAccuracy: number;
  /** Share of wrong labels. */
  hammingLoss: number;
  /** Scores of each label, in the order of the columns. */
  perLabel: LabelScores[];
}

/** Options of {@linkcode classificationReport}. */
export interface ClassificationReportOptions {
  /**
   * Classes of the report. Default: those that occur, in ascending order. Pass those
   * of the model, so that a class without rows is in the report too.
   */
  readonly labels?: readonly number[];
}

const OPTIONS: OptionNames<ClassificationReportOptions> = { labels: true };

/**
 * Computes every score of predicted classes. A precision, recall or F1 without rows
 * is 0, as in scikit-learn, but without a warning: the support tells it.
 *
 * @param predictions Predicted classes, `[N]`.
 * @param references True classes, `[N]`.
 * @param options Classes of the report.
 * @returns Scores of each class, their averages, and the confusion matrix.
 * @throws {RangeError} If there are no values, their lengths differ, or no reference
 * is among the given classes.
 * @throws {TypeError} If a value is not a whole number, or there is no such option.
 *
 * @example
 * ```ts
 * import { classificationReport } from "@gradloop/gradloop";
 * import { assertEquals } from "@std/assert";
 *
 * const { accuracy, perClass, confusionMatrix } = classificationReport(
 *   [0, 1, 1, 0], // predictions
 *   [0, 1, 1, 1], // references
 *   { labels: [0, 1] },
 * );
 * assertEquals(accuracy, 0.75);
 * assertEquals(perClass[1], {
 *   label: 1,
 *   precision: 1,
 *   recall: 2 / 3,
 *   f1: 0.8,
 *   support: 3,
 * });
 * assertEquals(confusionMatrix, [[1, 0], [1, 2]]);
 * ```
 */
export function classificationReport(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
  options?: ClassificationReportOptions,
): ClassificationReport {
  checkOptions("report on a classification", options, OPTIONS);
  const all = [...countClasses(predictions, references).values()];
  const counts = countLabels(predictions, references, options?.labels);
  return {
    accuracy: accuracy(predictions, references),
    balancedAccuracy: meanRecall(all),
    matthewsCorrelation: matthewsOf(all),
    ...averages([...counts.values()]),
    perClass: scoresOfEach(counts),
    confusionMatrix: confusionMatrix(predictions, references, options),
  };
}

/**
 * Computes every score of several predicted labels per row. A precision, recall or
 * F1 without rows is 0, as in {@linkcode classificationReport}.
 *
 * @param predictions Predicted labels as zeros and ones, `[N, L]`.
 * @param references True labels, `[N, L]`.
 * @returns Scores of each label and their averages.
 * @throws {RangeError} If there are no rows, the shapes differ, or a number is
 * neither 0 nor 1.
 * @throws {TypeError} If one of the two is not a matrix.
 */
export function multilabelReport(
  predictions: MetricMatrix,
  references: MetricMatrix,
): MultilabelReport {
  const counts = countLabels(predictions, references);
  return {
    subsetAccuracy: accuracy(predictions, references),
    hammingLoss: hammingLoss(predictions, references),
    ...averages([...counts.values()]),
    perLabel: scoresOfEach(counts),
  };
}

function scoresOfEach(counts: Map<number, LabelCounts>): LabelScores[] {
  const [precision, recall, f1] = [PRECISION, RECALL, F1].map((ratio) =>
    divide(ratio, [...counts.values()], 0)
  );
  return [...counts].map(([label, { actual }], i) => ({
    label,
    precision: precision![i]!,
    recall: recall![i]!,
    f1: f1![i]!,
    support: actual,
  }));
}

function averages(counts: readonly LabelCounts[]): AverageScores {
  const scores = (average: Exclude<Average, "binary">) => ({
    precision: averageOf(PRECISION, counts, average, 0),
    recall: averageOf(RECALL, counts, average, 0),
    f1: averageOf(F1, counts, average, 0),
  });
  return {
    micro: scores("micro"),
    macro: scores("macro"),
    weighted: scores("weighted"),
  };
}
