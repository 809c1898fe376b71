/**
 * Scores of all evaluated rows, with their intervals and their words.
 *
 * @module
 */
import {
  averagePrecisionScore,
  balancedAccuracyScore,
  bootstrap,
  type ConfidenceInterval,
  hammingLoss,
  logLoss,
  matthewsCorrelation,
  meanAbsoluteError,
  meanSquaredError,
  pearson,
  r2Score,
  rocAucScore,
  spearman,
} from "../../mod.ts";
import type { JudgedRow } from "./judged_rows.ts";
import { LabelIntervals } from "./label_intervals.ts";
import type { ReportData } from "./report_data.ts";

/** A score of all rows. */
export interface ScoreLine {
  /** Name in `metrics.jsonl` and `results.json`. */
  readonly key: string;
  /** Name in words. */
  readonly name: string;
  /** Meaning in a few words. */
  readonly meaning: string;
  /** The score. */
  readonly value: number;
  /** Its 95 % interval, for the main scores. */
  readonly interval?: ConfidenceInterval;
}

/** Words of a score: its name and its meaning. */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  accuracy: ["Accuracy", "share of rows predicted right"],
  f1: ["F1", "mean of precision and recall"],
  f1Micro: ["F1, micro", "over all label decisions"],
  f1Macro: ["F1, macro", "mean over the labels, each counts the same"],
  subsetAccuracy: ["Subset accuracy", "share of rows with all labels right"],
  hammingLoss: ["Hamming loss", "share of wrong label decisions"],
  balancedAccuracy: [
    "Balanced accuracy",
    "mean recall of the classes, each counts the same",
  ],
  matthewsCorrelation: [
    "Matthews correlation",
    "1 is perfect, 0 no better than chance",
  ],
  rocAuc: ["ROC AUC", "chance that a positive row ranks above a negative one"],
  averagePrecision: ["Average precision", "area below precision by recall"],
  logLoss: ["Log loss", "mean −ln of the label's probability; less is better"],
  pearson: ["Pearson", "linear correlation of prediction and label"],
  spearmanr: ["Spearman", "correlation of the ranks"],
  meanAbsoluteError: ["Mean absolute error", "less is better"],
  rootMeanSquaredError: [
    "Root mean squared error",
    "weighs large errors; less is better",
  ],
  r2: ["R²", "share of the variance that is predicted"],
  loss: ["Loss", "less is better"],
};

/** Scores of which less is better. */
const LESS_IS_BETTER = new Set([
  "loss",
  "logLoss",
  "hammingLoss",
  "meanAbsoluteError",
  "rootMeanSquaredError",
]);

/**
 * Returns the name of a score in words.
 *
 * @param key Its name in `metrics.jsonl`.
 * @returns The name.
 */
export function scoreName(key: string): string {
  return WORDS[key]?.[0] ?? key;
}

/**
 * Tells whether more of a score is better.
 *
 * @param key Its name in `metrics.jsonl`.
 * @returns Whether it is.
 */
export function moreIsBetter(key: string): boolean {
  return !LESS_IS_BETTER.has(key);
}

/**
 * Returns the name of a baseline in words.
 *
 * @param name Its name in the data.
 * @returns The name.
 */
export function baselineName(name: string): string {
  const names: Record<string, string> = {
    majority: "majority class",
    mean: "mean label",
    words: "words alone",
    wordOverlap: "word overlap",
  };
  return names[name] ?? name;
}

/**
 * Computes the root of the mean squared error.
 *
 * @param predictions The predicted numbers.
 * @param references The true numbers.
 * @returns The error, in the unit of the numbers.
 */
export function rootMeanSquaredError(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  return Math.sqrt(meanSquaredError(predictions, references));
}

/**
 * Computes the scores of all rows.
 *
 * @param data The data of a report.
 * @param names Short names of the classes.
 * @param rows The rows.
 * @returns The scores, the main ones first.
 */
export function scoreLines(
  { problemType, positiveLabel = 1 }: ReportData,
  names: readonly string[],
  rows: readonly JudgedRow[],
): ScoreLine[] {
  const numbers = (key: "label" | "predicted") =>
    rows.map((row) => row[key] as number);
  switch (problemType) {
    case "single_label_classification":
      return ofClasses(names, positiveLabel, rows);
    case "multi_label_classification":
      return ofLabels(rows);
    case "regression":
      return ofNumbers(numbers("predicted"), numbers("label"));
  }
}

function line(key: string, value: number): ScoreLine {
  const [name, meaning] = WORDS[key]!;
  return { key, name, meaning, value };
}

function withInterval(key: string, interval: ConfidenceInterval): ScoreLine {
  return { ...line(key, interval.score), interval };
}

function ofClasses(
  names: readonly string[],
  positiveLabel: number,
  rows: readonly JudgedRow[],
): ScoreLine[] {
  const predicted = rows.map((row) => row.predicted as number);
  const labels = rows.map((row) => row.label as number);
  const isBinary = names.length === 2;
  const average = isBinary ? "binary" : "macro";
  const intervals = new LabelIntervals(rows, names.length);
  const f1 = withInterval("f1", intervals.f1(average, positiveLabel));
  const probabilities = rows
    .map(({ predictions }) => predictions[positiveLabel]!);
  const isPositive = labels.map((label) => Number(label === positiveLabel));
  const hasBoth = new Set(labels).size === 2;
  return [
    withInterval("accuracy", intervals.accuracy()),
    isBinary ? { ...f1, name: `F1 of ${names[positiveLabel]}` } : {
      ...f1,
      name: "F1, macro",
      meaning: "mean F1 of the classes, each counts the same",
    },
    line("balancedAccuracy", balancedAccuracyScore(predicted, labels)),
    line("matthewsCorrelation", matthewsCorrelation(predicted, labels)),
    ...isBinary && hasBoth
      ? [
        line("rocAuc", rocAucScore(probabilities, isPositive)),
        line(
          "averagePrecision",
          averagePrecisionScore(probabilities, isPositive),
        ),
      ]
      : [],
    line("logLoss", logLoss(rows.map((row) => row.predictions), labels)),
  ];
}

function ofLabels(rows: readonly JudgedRow[]): ScoreLine[] {
  const predicted = rows.map((row) => row.predicted as readonly number[]);
  const labels = rows.map((row) => row.label as readonly number[]);
  const intervals = new LabelIntervals(rows, labels[0]!.length);
  return [
    withInterval("f1Micro", intervals.f1("micro")),
    withInterval("f1Macro", intervals.f1("macro")),
    withInterval("subsetAccuracy", intervals.accuracy()),
    line("hammingLoss", hammingLoss(predicted, labels)),
  ];
}

function ofNumbers(predicted: number[], labels: number[]): ScoreLine[] {
  const differ = (values: number[]) => new Set(values).size > 1;
  const hasCorrelation = differ(predicted) && differ(labels);
  return [
    ...hasCorrelation
      ? [
        withInterval("pearson", bootstrap([predicted, labels], pearson)),
        line("spearmanr", spearman(predicted, labels)),
      ]
      : [],
    withInterval(
      "meanAbsoluteError",
      bootstrap([predicted, labels], meanAbsoluteError),
    ),
    withInterval(
      "rootMeanSquaredError",
      bootstrap([predicted, labels], rootMeanSquaredError),
    ),
    ...differ(labels) ? [line("r2", r2Score(predicted, labels))] : [],
  ];
}
