/**
 * Scores of a ranking: ROC AUC, average precision, and precision and recall at every
 * threshold, with the conventions of scikit-learn.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { type AveragedScore, checkAverage } from "./average.ts";
import { checkFinite, checkLengths, checkNotEmpty, warn } from "./check.ts";
import {
  checkIndicators,
  columnOf,
  isMatrix,
  type MetricMatrix,
  toMatrices,
} from "./matrix.ts";

/** Average over labels: see {@linkcode Average}. */
export type RankingAverage = "micro" | "macro" | "weighted";

/** Options of {@linkcode rocAucScore} and {@linkcode averagePrecisionScore}. */
export interface RankingOptions<
  A extends RankingAverage | null = RankingAverage | null,
> {
  /**
   * Average over several labels, or `null` for a score of each. Default: `"macro"`.
   * Without effect on scores of one label, `[N]`.
   */
  readonly average?: A;
}

/** Names of {@linkcode RankingOptions}. */
export const RANKING_OPTIONS: OptionNames<RankingOptions> = { average: true };

/** Precision and recall at T thresholds, in ascending order. */
export interface PrecisionRecallCurve {
  /** Precision if scores from the threshold are positive, `[T + 1]`; the last is 1. */
  precision: number[];
  /** Recall, `[T + 1]`; the last is 0. */
  recall: number[];
  /** The different scores, `[T]`. */
  thresholds: number[];
}

/** Positive and negative rows whose score is at least the threshold. */
interface Step {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

type Curve = (
  scores: ArrayLike<number>,
  references: ArrayLike<number>,
) => number;

/**
 * Computes the area under the ROC curve: the probability that a positive row has a
 * higher score than a negative one, where ties count half. It is NaN, with a
 * warning, if all rows are of one class.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html
 *
 * @param predictions Scores of class 1, `[N]`, or of each label, `[N, L]`:
 * probabilities or logits.
 * @param references True classes, 0 or 1, of the same shape.
 * @param options Average over the labels.
 * @returns A number in [0, 1], or one per label if the average is `null`.
 * @throws {RangeError} If there are no values, the shapes differ, a reference is
 * neither 0 nor 1, a score is not finite, or there is no such average.
 * @throws {TypeError} If there is no such option.
 */
export function rocAucScore<A extends RankingAverage | null = "macro">(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
  options?: RankingOptions<A>,
): AveragedScore<A> {
  return overLabels(rocAuc, predictions, references, options);
}

/**
 * Computes the average precision, `Σ (R_n - R_{n-1}) P_n` over the thresholds in
 * descending order: the area under the precision-recall curve, without
 * interpolation. It is 0, with a warning, if no row is positive.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.average_precision_score.html
 *
 * @param predictions Scores of class 1, `[N]`, or of each label, `[N, L]`.
 * @param references True classes, 0 or 1, of the same shape.
 * @param options Average over the labels.
 * @returns A number in [0, 1], or one per label if the average is `null`.
 * @throws {RangeError} As {@linkcode rocAucScore}.
 * @throws {TypeError} If there is no such option.
 */
export function averagePrecisionScore<
  A extends RankingAverage | null = "macro",
>(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
  options?: RankingOptions<A>,
): AveragedScore<A> {
  return overLabels(averagePrecision, predictions, references, options);
}

/**
 * Computes precision and recall for every threshold on the scores. Without positive
 * rows, recall is 1 at every threshold, with a warning.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_recall_curve.html
 *
 * @param predictions Scores of class 1, `[N]`.
 * @param references True classes, 0 or 1, `[N]`.
 * @returns The curve.
 * @throws {RangeError} If there are no values, their lengths differ, a reference is
 * neither 0 nor 1, or a score is not finite.
 */
export function precisionRecallCurve(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): PrecisionRecallCurve {
  checkScores(predictions, references);
  const steps = stepsOf(predictions, references).reverse();
  const positives = steps[0]!.truePositives;
  if (positives === 0) warnNoPositives();
  return {
    precision: [...steps.map(precisionAt), 1],
    recall: [
      ...steps.map((step) => recallAt(step, positives)),
      0,
    ],
    thresholds: steps.map(({ threshold }) => threshold),
  };
}

function overLabels<A extends RankingAverage | null>(
  curve: Curve,
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
  options: RankingOptions<A> | undefined,
): AveragedScore<A> {
  checkOptions("score a ranking", options, RANKING_OPTIONS);
  const average: RankingAverage | null = options?.average === undefined
    ? "macro"
    : options.average;
  if (average !== null) checkAverage(average, ["micro", "macro", "weighted"]);
  if (!isMatrix(predictions) && !isMatrix(references)) {
    checkScores(predictions, references);
    return curve(predictions, references) as AveragedScore<A>;
  }
  const [p, r] = toMatrices(predictions, references);
  checkIndicators("references", r.data);
  if (average === "micro") return curve(p.data, r.data) as AveragedScore<A>;
  const columns = Array.from(
    { length: r.columns },
    (_, label) => [columnOf(p, label), columnOf(r, label)] as const,
  );
  const support = columns.map(([, labels]) => sum(labels));
  const scores = columns.map(([values, labels]) => curve(values, labels));
  if (average === null) return scores as AveragedScore<A>;
  if (average === "macro") {
    return sum(scores) / scores.length as AveragedScore<A>;
  }
  // A label without positives has no weight, even where its score is NaN.
  const weighted = scores.map((value, i) =>
    support[i] === 0 ? 0 : value * support[i]!
  );
  const total = sum(support);
  return (total === 0 ? 0 : sum(weighted) / total) as AveragedScore<A>;
}

function rocAuc(
  scores: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  let area = 0; // in pairs of a positive and a negative row
  let last = { truePositives: 0, falsePositives: 0 };
  for (const step of stepsOf(scores, references)) {
    area += (step.falsePositives - last.falsePositives) *
      (step.truePositives + last.truePositives) / 2;
    last = step;
  }
  const pairs = last.truePositives * last.falsePositives;
  if (pairs > 0) return area / pairs;
  warn("Only one class is present: the ROC AUC is not defined");
  return NaN;
}

function averagePrecision(
  scores: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  const steps = stepsOf(scores, references);
  const positives = steps.at(-1)!.truePositives;
  if (positives === 0) {
    warnNoPositives();
    return 0;
  }
  let [area, recall] = [0, 0];
  for (const step of steps) {
    const next = recallAt(step, positives);
    area += (next - recall) * precisionAt(step);
    recall = next;
  }
  return area;
}

/** Returns a step for each different score, the highest first. */
function stepsOf(
  scores: ArrayLike<number>,
  references: ArrayLike<number>,
): Step[] {
  // Typed arrays are sorted without a comparison function: ten times as fast.
  const [positives, negatives] = [1, 0].map((label) => {
    const chosen = new Float64Array(scores.length);
    let n = 0;
    for (let i = 0; i < scores.length; i++) {
      if (references[i] === label) chosen[n++] = scores[i]!;
    }
    return chosen.subarray(0, n).sort();
  }) as [Float64Array, Float64Array];
  const steps: Step[] = [];
  let [p, n] = [positives.length, negatives.length];
  while (p > 0 || n > 0) {
    const threshold = Math.max(
      positives[p - 1] ?? -Infinity,
      negatives[n - 1] ?? -Infinity,
    );
    while (p > 0 && positives[p - 1] === threshold) p--;
    while (n > 0 && negatives[n - 1] === threshold) n--;
    steps.push({
      threshold,
      truePositives: positives.length - p,
      falsePositives: negatives.length - n,
    });
  }
  return steps;
}

function precisionAt({ truePositives, falsePositives }: Step): number {
  return truePositives / (truePositives + falsePositives);
}

function recallAt({ truePositives }: Step, positives: number): number {
  return positives === 0 ? 1 : truePositives / positives;
}

function checkScores(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): void {
  checkLengths(predictions, references);
  checkNotEmpty(references.length);
  checkFinite("predictions", predictions);
  checkIndicators("references", references);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

function warnNoPositives(): void {
  warn("No row is positive: recall is set to 1 at every threshold");
}
