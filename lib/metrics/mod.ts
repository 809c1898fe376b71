/**
 * Metrics: scores of classes, labels, probabilities, rankings and numbers.
 *
 * @module
 */
export {
  bootstrap,
  type BootstrapOptions,
  type ConfidenceInterval,
} from "./bootstrap.ts";
export {
  accuracy,
  balancedAccuracyScore,
  confusionMatrix,
  type ConfusionMatrixOptions,
  hammingLoss,
  matthewsCorrelation,
} from "./classification.ts";
export {
  type AverageScores,
  type ClassificationReport,
  classificationReport,
  type ClassificationReportOptions,
  type LabelScores,
  type MultilabelReport,
  multilabelReport,
  type PrecisionRecallF1,
} from "./classification_report.ts";
export { pearson, spearman } from "./correlation.ts";
export {
  type AccuracyAndF1Score,
  type AccuracyScore,
  type CorrelationScore,
  type GlueScores,
  type MatthewsScore,
} from "./glue.ts";
export { loadMetric, type Metrics } from "./load_metric.ts";
export { type MetricMatrix } from "./matrix.ts";
export {
  Metric,
  type MetricBatch,
  type MetricExample,
  type MetricValues,
  type ScoreFunctions,
} from "./metric.ts";
export { type Average, type AveragedScore } from "./average.ts";
export {
  f1Score,
  type PrecisionRecallOptions,
  precisionScore,
  recallScore,
} from "./precision_recall.ts";
export {
  brierScoreLoss,
  type Calibration,
  type CalibrationBin,
  type CalibrationOptions,
  expectedCalibrationError,
  logLoss,
} from "./probabilities.ts";
export {
  averagePrecisionScore,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RankingAverage,
  type RankingOptions,
  rocAucScore,
} from "./ranking.ts";
export { meanAbsoluteError, meanSquaredError, r2Score } from "./regression.ts";
