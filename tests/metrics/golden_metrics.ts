/**
 * The cases of fixtures/metrics.json, by scikit-learn; null is NaN.
 */
import golden from "./fixtures/metrics.json" with { type: "json" };

type Number = number | null;
type Triple = [precision: Number, recall: Number, f1: Number];

/** Precision, recall and F1 for one value of a zero division. */
export interface PrecisionRecallCase {
  perLabel: [Number[], Number[], Number[]];
  micro: Triple;
  macro: Triple;
  weighted: Triple;
}

interface LabelCase<Values> {
  predictions: Values;
  references: Values;
  labels: number[] | null;
  hammingLoss: number;
  support: number[];
  precisionRecall: Record<string, PrecisionRecallCase>;
}

/** Classes of one label per row. */
export interface ClassesCase extends LabelCase<number[]> {
  accuracy: number;
  balancedAccuracy: number;
  matthewsCorrelation: number;
  confusionMatrix: number[][];
  /** Class, precision, recall, F1. */
  binary: [number, number, number, number][];
}

/** Several labels per row. */
export interface MultilabelCase extends LabelCase<number[][]> {
  subsetAccuracy: number;
}

/** Scores of each label, and their averages. */
export interface OverLabels {
  perLabel: Number[];
  micro: Number;
  macro: Number;
  weighted: Number;
}

/** Scores of several labels. */
export interface RankingCase {
  predictions: number[][];
  references: number[][];
  rocAuc: OverLabels;
  averagePrecision: OverLabels;
}

/** Scores of one label. */
export interface BinaryCase {
  predictions: number[];
  references: number[];
  rocAuc: Number;
  averagePrecision: number;
  curve: { precision: number[]; recall: number[]; thresholds: number[] };
}

/** Probabilities. */
export interface ProbabilitiesCase {
  predictions: number[] | number[][];
  references: number[];
  logLoss: number;
  brierScore: number;
  calibration: Record<string, {
    error: number;
    bins: {
      lower: number;
      upper: number;
      count: number;
      confidence: Number;
      accuracy: Number;
    }[];
  }>;
}

/** Numbers. */
export interface RegressionCase {
  predictions: number[];
  references: number[];
  mse: number;
  mae: number;
  r2: Number;
  pearson: Number;
  spearman: Number;
}

/** The cases of each kind. */
export const GOLDEN = golden as unknown as {
  classes: ClassesCase[];
  multilabel: MultilabelCase[];
  ranking: RankingCase[];
  binary: BinaryCase[];
  probabilities: ProbabilitiesCase[];
  regression: RegressionCase[];
};

/** NaN for null. */
export function numbers(values: readonly Number[]): number[] {
  return values.map((value) => value ?? NaN);
}
