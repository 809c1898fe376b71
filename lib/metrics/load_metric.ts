/**
 * Metrics by the names of Hugging Face's evaluate.
 *
 * Source: https://github.com/huggingface/evaluate/tree/main/metrics
 *
 * @module
 */
import type { Average } from "./average.ts";
import { checkClasses, checkFinite, checkLengths } from "./check.ts";
import {
  accuracy,
  CONFUSION_MATRIX_OPTIONS,
  confusionMatrix,
  type ConfusionMatrixOptions,
  matthewsCorrelation,
} from "./classification.ts";
import { pearson, spearman } from "./correlation.ts";
import { glueMetric, type GlueScores } from "./glue.ts";
import { isMatrix, toIndicators, toMatrices } from "./matrix.ts";
import { Metric } from "./metric.ts";
import {
  f1Score,
  PRECISION_RECALL_OPTIONS,
  type PrecisionRecallOptions,
  precisionScore,
  recallScore,
} from "./precision_recall.ts";
import { brierScoreLoss } from "./probabilities.ts";
import {
  RANKING_OPTIONS,
  type RankingAverage,
  type RankingOptions,
  rocAucScore,
} from "./ranking.ts";
import { meanAbsoluteError, meanSquaredError, r2Score } from "./regression.ts";

/** The metrics by name; each scores what the function that it names scores. */
export interface Metrics {
  /** {@linkcode accuracy}, of classes or labels. */
  accuracy: Metric<Record<"accuracy", number>>;
  /** {@linkcode f1Score}, of classes or labels. */
  f1: Metric<Record<"f1", number>, PrecisionRecallOptions<Average>>;
  /** {@linkcode precisionScore}, of classes or labels. */
  precision: Metric<
    Record<"precision", number>,
    PrecisionRecallOptions<Average>
  >;
  /** {@linkcode recallScore}, of classes or labels. */
  recall: Metric<Record<"recall", number>, PrecisionRecallOptions<Average>>;
  /** {@linkcode matthewsCorrelation}. */
  "matthews_correlation": Metric<Record<"matthewsCorrelation", number>>;
  /** {@linkcode confusionMatrix}. */
  "confusion_matrix": Metric<
    Record<"confusionMatrix", number[][]>,
    ConfusionMatrixOptions
  >;
  /** {@linkcode rocAucScore}; the predictions are scores of class 1 or of each label. */
  "roc_auc": Metric<Record<"rocAuc", number>, RankingOptions<RankingAverage>>;
  /** {@linkcode brierScoreLoss}; the predictions are probabilities of class 1. */
  "brier_score": Metric<Record<"brierScore", number>>;
  /** {@linkcode meanSquaredError}. */
  mse: Metric<Record<"mse", number>>;
  /** {@linkcode meanAbsoluteError}. */
  mae: Metric<Record<"mae", number>>;
  /** {@linkcode r2Score}. */
  "r_squared": Metric<Record<"rSquared", number>>;
  /** {@linkcode pearson}. */
  pearsonr: Metric<Record<"pearsonr", number>>;
  /** {@linkcode spearman}. */
  spearmanr: Metric<Record<"spearmanr", number>>;
}

const METRICS: { readonly [Name in keyof Metrics]: () => Metrics[Name] } = {
  accuracy: () => new Metric({ accuracy }, checkLabels),
  f1: () => new Metric({ f1: f1Score }, checkLabels, PRECISION_RECALL_OPTIONS),
  precision: () =>
    new Metric(
      { precision: precisionScore },
      checkLabels,
      PRECISION_RECALL_OPTIONS,
    ),
  recall: () =>
    new Metric({ recall: recallScore }, checkLabels, PRECISION_RECALL_OPTIONS),
  "matthews_correlation": () =>
    new Metric({ matthewsCorrelation }, checkClasses),
  "confusion_matrix": () =>
    new Metric({ confusionMatrix }, checkClasses, CONFUSION_MATRIX_OPTIONS),
  "roc_auc": () =>
    new Metric({ rocAuc: rocAucScore }, checkScores, RANKING_OPTIONS),
  "brier_score": () =>
    new Metric({ brierScore: brierScoreLoss }, checkNumbersOfRows),
  mse: () => new Metric({ mse: meanSquaredError }, checkNumbersOfRows),
  mae: () => new Metric({ mae: meanAbsoluteError }, checkNumbersOfRows),
  "r_squared": () => new Metric({ rSquared: r2Score }, checkNumbersOfRows),
  pearsonr: () => new Metric({ pearsonr: pearson }, checkLengths),
  spearmanr: () => new Metric({ spearmanr: spearman }, checkLengths),
};

/**
 * Loads the metric of a GLUE task.
 *
 * @param path The benchmark: `"glue"`.
 * @param configName The task, such as `"mrpc"`.
 * @returns An empty metric.
 * @throws {RangeError} If there is no such metric or task.
 */
export function loadMetric<Task extends keyof GlueScores>(
  path: "glue",
  configName: Task,
): Metric<GlueScores[Task]>;
/**
 * Loads a metric, which takes the options of evaluate in camelCase; the names of the
 * scores are in camelCase too. Several labels per row need no configuration: pass
 * matrices.
 *
 * @param path The name, such as `"f1"` or `"roc_auc"`.
 * @returns An empty metric.
 * @throws {RangeError} If there is no such metric.
 *
 * @example
 * ```ts
 * import { loadMetric } from "@gradloop/gradloop";
 * import { assertEquals } from "@std/assert";
 *
 * const metric = loadMetric("f1");
 * metric.addBatch({ predictions: [0, 1, 1], references: [0, 1, 2] });
 * const { f1 } = metric.compute({ average: "micro" });
 * assertEquals(f1, 2 / 3);
 * ```
 */
export function loadMetric<Name extends keyof Metrics>(
  path: Name,
): Metrics[Name];
export function loadMetric(
  path: "glue" | keyof Metrics,
  configName?: keyof GlueScores,
): unknown {
  if (path === "glue") return glueMetric(configName!);
  if (!Object.hasOwn(METRICS, path)) {
    throw new RangeError(
      `There is no metric "${path}": known are glue, ${
        Object.keys(METRICS).join(", ")
      }`,
    );
  }
  if (configName !== undefined) {
    throw new RangeError(
      `There is no configuration "${configName}" of the metric "${path}": leave it out; several labels per row are matrices`,
    );
  }
  return METRICS[path]();
}

function checkLabels(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): void {
  if (!isMatrix(predictions) && !isMatrix(references)) {
    checkClasses(predictions, references);
  } else toIndicators(predictions, references);
}

function checkScores(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): void {
  if (!isMatrix(predictions) && !isMatrix(references)) {
    checkNumbersOfRows(predictions, references);
  } else toMatrices(predictions, references);
}

function checkNumbersOfRows(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): void {
  checkLengths(predictions, references);
  checkFinite("predictions", predictions);
  checkFinite("references", references);
}
