/**
 * Precision, recall and F1, with the averages of scikit-learn.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_recall_fscore_support.html
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { type Average, type AveragedScore, checkAverage } from "./average.ts";
import { warn } from "./check.ts";
import { countLabels, type LabelCounts } from "./label_counts.ts";
import { isMatrix, type MetricMatrix } from "./matrix.ts";

/** Options of {@linkcode precisionScore}, {@linkcode recallScore} and {@linkcode f1Score}. */
export interface PrecisionRecallOptions<
  A extends Average | null = Average | null,
> {
  /** Average over the classes, or `null` for a score of each. Default: `"binary"`. */
  readonly average?: A;
  /** Class that is scored if the average is `"binary"`. Default: 1. */
  readonly posLabel?: number;
  /**
   * Classes or columns that are scored unless the average is `"binary"`. Default: the
   * classes that occur, in ascending order. Pass those of the model, so that a class
   * without rows counts too.
   */
  readonly labels?: readonly number[];
  /**
   * Score of a class whose denominator is 0: 0, 1, NaN (left out of an average), or
   * `"warn"`: 0 with a warning. Default: `"warn"`.
   */
  readonly zeroDivision?: "warn" | number;
}

/** Names of {@linkcode PrecisionRecallOptions}. */
export const PRECISION_RECALL_OPTIONS: OptionNames<PrecisionRecallOptions> = {
  average: true,
  posLabel: true,
  labels: true,
  zeroDivision: true,
};

/** A score that is a ratio of counts. */
export interface Ratio {
  /** Name in warnings. */
  readonly name: string;
  /** Rows that are missing if the denominator is 0. */
  readonly missing: string;
  /** Numerator and denominator. */
  readonly parts: (counts: LabelCounts) => [number, number];
}

/** Precision: `TP / (TP + FP)`. */
export const PRECISION: Ratio = {
  name: "Precision",
  missing: "predicted",
  parts: ({ truePositives, predicted }) => [truePositives, predicted],
};

/** Recall: `TP / (TP + FN)`. */
export const RECALL: Ratio = {
  name: "Recall",
  missing: "true",
  parts: ({ truePositives, actual }) => [truePositives, actual],
};

/** F1: `2TP / (2TP + FP + FN)`. */
export const F1: Ratio = {
  name: "F-score",
  missing: "true nor predicted",
  parts: ({ truePositives, predicted, actual }) => [
    2 * truePositives,
    predicted + actual,
  ],
};

/**
 * Computes precision, the share of the rows predicted to be of a class that are:
 * `TP / (TP + FP)`.
 *
 * @param predictions Predicted classes, `[N]`, or labels as zeros and ones, `[N, L]`.
 * @param references True classes or labels, of the same shape.
 * @param options Average, classes, and the score of a class without predictions.
 * @returns A number in [0, 1], or one per label if the average is `null`.
 * @throws {RangeError} As {@linkcode f1Score}.
 * @throws {TypeError} As {@linkcode f1Score}.
 */
export function precisionScore<A extends Average | null = "binary">(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
  options?: PrecisionRecallOptions<A>,
): AveragedScore<A> {
  return score(PRECISION, predictions, references, options);
}

/**
 * Computes recall, the share of the rows of a class that are predicted to be of it:
 * `TP / (TP + FN)`.
 *
 * @param predictions Predicted classes, `[N]`, or labels as zeros and ones, `[N, L]`.
 * @param references True classes or labels, of the same shape.
 * @param options Average, classes, and the score of a class without rows.
 * @returns A number in [0, 1], or one per label if the average is `null`.
 * @throws {RangeError} As {@linkcode f1Score}.
 * @throws {TypeError} As {@linkcode f1Score}.
 */
export function recallScore<A extends Average | null = "binary">(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
  options?: PrecisionRecallOptions<A>,
): AveragedScore<A> {
  return score(RECALL, predictions, references, options);
}

/**
 * Computes F1, the harmonic mean of precision and recall: `2TP / (2TP + FP + FN)`;
 * without options, that of class 1.
 *
 * @param predictions Predicted classes, `[N]`, or labels as zeros and ones, `[N, L]`.
 * @param references True classes or labels, of the same shape.
 * @param options Average, classes, and the score of a class without rows and predictions.
 * @returns A number in [0, 1], or one per label if the average is `null`.
 * @throws {RangeError} If there are no rows, the shapes differ, the average is
 * `"binary"` and there are several labels, more than two classes, or two of which
 * none is `posLabel`, or an option has another value.
 * @throws {TypeError} If a class is not a whole number, or there is no such option.
 *
 * @example
 * ```ts
 * import { f1Score } from "@gradloop/gradloop";
 * import { assertEquals } from "@std/assert";
 *
 * const [predictions, references] = [[0, 1, 1, 0], [0, 1, 2, 2]];
 * const f1 = f1Score(predictions, references, {
 *   average: "macro",
 *   labels: [0, 1, 2],
 * });
 * assertEquals(f1, (2 / 3 + 2 / 3 + 0) / 3);
 * ```
 */
export function f1Score<A extends Average | null = "binary">(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
  options?: PrecisionRecallOptions<A>,
): AveragedScore<A> {
  return score(F1, predictions, references, options);
}

/**
 * Divides the counts of each label.
 *
 * @param ratio The score.
 * @param counts Counts of each label.
 * @param zeroDivision Score where the denominator is 0, or `"warn"`.
 * @returns The score of each label.
 * @throws {RangeError} If `zeroDivision` is not 0, 1, NaN or `"warn"`.
 */
export function divide(
  ratio: Ratio,
  counts: readonly LabelCounts[],
  zeroDivision: "warn" | number,
): number[] {
  if (!["warn", 0, 1, NaN].includes(zeroDivision)) {
    throw new RangeError(
      `Cannot score a zero division as ${zeroDivision}: zeroDivision must be "warn", 0, 1 or NaN`,
    );
  }
  let isDefined = true;
  const scores = counts.map((count) => {
    const [numerator, denominator] = ratio.parts(count);
    if (denominator !== 0) return numerator / denominator;
    isDefined = false;
    return zeroDivision === "warn" ? 0 : zeroDivision;
  });
  if (!isDefined && zeroDivision === "warn") {
    const where = counts.length === 1 ? "due to" : "in labels with";
    warn(
      `${ratio.name} is ill-defined and being set to 0.0 ${where} no ${ratio.missing} samples`,
    );
  }
  return scores;
}

/**
 * Computes one score of several labels.
 *
 * @param ratio The score.
 * @param counts Counts of each label.
 * @param average Average over the labels.
 * @param zeroDivision Score where the denominator is 0, or `"warn"`.
 * @returns The score; NaN if that of every label is.
 * @throws {RangeError} If the average or `zeroDivision` has another value.
 */
export function averageOf(
  ratio: Ratio,
  counts: readonly LabelCounts[],
  average: Exclude<Average, "binary">,
  zeroDivision: "warn" | number,
): number {
  if (average === "micro") {
    return divide(ratio, [sumOf(counts)], zeroDivision)[0]!;
  }
  const scores = divide(ratio, counts, zeroDivision);
  const isNumber = (i: number) => !Number.isNaN(scores[i]);
  const support = counts.map(({ actual }, i) => isNumber(i) ? actual : 0);
  // Without any support, the weighted mean is the plain one, as in scikit-learn.
  const isWeighted = average === "weighted" && support.some((n) => n > 0);
  let [sum, weights] = [0, 0];
  scores.forEach((value, i) => {
    if (!isNumber(i)) return;
    const weight = isWeighted ? support[i]! : 1;
    sum += weight * value;
    weights += weight;
  });
  return sum / weights;
}

function score<A extends Average | null>(
  ratio: Ratio,
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
  options: PrecisionRecallOptions<A> | undefined,
): AveragedScore<A> {
  const action = `compute ${ratio.name}`;
  checkOptions(action, options, PRECISION_RECALL_OPTIONS);
  const { posLabel = 1, labels, zeroDivision = "warn" } = options ?? {};
  const average: Average | null = options?.average === undefined
    ? "binary"
    : options.average;
  if (average === "binary") {
    const counts = countLabels(predictions, references);
    checkBinary(ratio, [...counts.keys()], posLabel, isMatrix(references));
    const positives = counts.get(posLabel) ??
      { truePositives: 0, predicted: 0, actual: 0 };
    return divide(ratio, [positives], zeroDivision)[0] as AveragedScore<A>;
  }
  const counts = [...countLabels(predictions, references, labels).values()];
  if (average === null) {
    return divide(ratio, counts, zeroDivision) as AveragedScore<A>;
  }
  checkAverage(average, ["binary", "micro", "macro", "weighted"]);
  return averageOf(ratio, counts, average, zeroDivision) as AveragedScore<A>;
}

function checkBinary(
  { name }: Ratio,
  classes: readonly number[],
  posLabel: number,
  hasColumns: boolean,
): void {
  const remedy = `pass { average: "macro" }, "micro", "weighted" or null`;
  if (hasColumns) {
    throw new RangeError(
      `Target is multilabel-indicator but average='binary': ${name} needs two classes, but there are ${classes.length} labels per row; ${remedy}`,
    );
  }
  if (classes.length > 2) {
    throw new RangeError(
      `Target is multiclass but average='binary': ${name} needs two classes, but there are ${
        classes.join(", ")
      }; ${remedy}`,
    );
  }
  if (classes.length === 2 && !classes.includes(posLabel)) {
    throw new RangeError(
      `pos_label=${posLabel} is not a valid label: ${name} is that of class ${posLabel}, but the classes are ${
        classes.join(", ")
      }`,
    );
  }
}

function sumOf(counts: readonly LabelCounts[]): LabelCounts {
  const sum = { truePositives: 0, predicted: 0, actual: 0 };
  for (const { truePositives, predicted, actual } of counts) {
    sum.truePositives += truePositives;
    sum.predicted += predicted;
    sum.actual += actual;
  }
  return sum;
}
