/**
 * Scores of a split: those of a line of `metrics.jsonl`, and all that
 * `results.json` has.
 *
 * @module
 */
import {
  accuracy,
  classificationReport,
  type ConfidenceInterval,
  f1Score,
  loadMetric,
  multilabelReport,
  pearson,
  spearman,
} from "../../mod.ts";
import type { EvaluationScores } from "../run_folder/training_log.ts";
import { intervalsOf } from "./intervals.ts";
import { type Label, type Labels, positiveLabelOf } from "./labels.ts";
import { meanLoss, predictedLabels, type Predictions } from "./predictions.ts";

/** Scores by name. */
export type Scores = Readonly<Record<string, number>>;

/** Lower and upper bound of a score. */
type Interval = readonly [low: number, high: number];

/** A score of predicted and true labels, both in the model's numbers. */
type ScoreFunction = (predicted: Label[], references: Label[]) => number;

/**
 * Names of the scores of a line, the first of which decides the best model; `loss`
 * is another.
 *
 * @param labels The labels.
 * @returns The names.
 */
export function scoreNames({ metric, head }: Labels): readonly string[] {
  switch (metric) {
    case "cola":
      return ["matthewsCorrelation"];
    case "mrpc":
    case "qqp":
      return ["accuracy", "f1"];
    case undefined:
    case "stsb":
      return [
        ...new Set([
          DECISIVE[head.problemType],
          ...Object.keys(OWN_SCORES[head.problemType]),
        ]),
      ];
    default:
      return ["accuracy"];
  }
}

/** Score that decides the best model: accuracy would be that of the most frequent class. */
const DECISIVE = {
  single_label_classification: "f1",
  multi_label_classification: "f1Macro",
  regression: "pearson",
} as const satisfies Record<Labels["head"]["problemType"], string>;

/** Scores by kind of labels. */
const OWN_SCORES = {
  single_label_classification: {
    accuracy: () => (p, r) => accuracy(p as number[], r as number[]),
    f1: f1OfClasses,
  },
  multi_label_classification: {
    f1Micro: () => f1OfLabels("micro"),
    f1Macro: () => f1OfLabels("macro"),
    subsetAccuracy: () => (p, r) => accuracy(p as number[][], r as number[][]),
  },
  regression: {
    pearson: () => (p, r) => pearson(p as number[], r as number[]),
    spearmanr: () => (p, r) => spearman(p as number[], r as number[]),
  },
} satisfies Record<
  Labels["head"]["problemType"],
  Record<string, (labels: Labels) => ScoreFunction>
>;

/** F1 of class 1 of the data, or of more than two classes the mean of those that occur. */
function f1OfClasses(labels: Labels): ScoreFunction {
  const isBinary = labels.names!.length === 2;
  return (p, r) =>
    f1Score(p as number[], r as number[], {
      ...isBinary ? { posLabel: positiveLabelOf(labels) } : {},
      average: isBinary ? "binary" : "macro",
      zeroDivision: 0,
    });
}

function f1OfLabels(average: "micro" | "macro"): ScoreFunction {
  return (p, r) =>
    f1Score(p as number[][], r as number[][], { average, zeroDivision: 0 });
}

/** The functions of {@linkcode OWN_SCORES} for these labels. */
function functionsOf(labels: Labels): [string, ScoreFunction][] {
  return Object.entries(OWN_SCORES[labels.head.problemType])
    .map(([name, make]) => [name, make(labels)]);
}

/**
 * Scores predicted labels as a line of `metrics.jsonl` does, without the loss.
 *
 * @param predicted The predicted labels, in the model's numbers.
 * @param references The true labels.
 * @param labels The labels.
 * @returns The scores of {@linkcode scoreNames}: those of GLUE for its tasks, in the numbers of the data.
 */
export function scoresOfLabels(
  predicted: readonly Label[],
  references: readonly Label[],
  labels: Labels,
): Scores {
  const { metric: task, toData } = labels;
  if (task === undefined) {
    return Object.fromEntries(
      functionsOf(labels).map(([name, score]) => [
        name,
        score([...predicted], [...references]),
      ]),
    );
  }
  const toNumbers = (values: readonly Label[]) =>
    values.map((value) => toData(value as number));
  const metric = loadMetric("glue", task);
  metric.addBatch({
    predictions: toNumbers(predicted),
    references: toNumbers(references),
  });
  return { ...metric.compute() };
}

/**
 * Scores the logits of a split, as a line of `metrics.jsonl` has them.
 *
 * @param predictions The logits and the labels.
 * @param labels The labels of the task.
 * @returns The scores of {@linkcode scoreNames}, and the loss; all are NaN if the loss is not finite.
 */
export function evaluationScores(
  predictions: Predictions,
  labels: Labels,
): EvaluationScores {
  const loss = meanLoss(predictions, labels);
  if (!Number.isFinite(loss)) {
    const scores = scoreNames(labels).map((name) => [name, NaN]);
    return { ...Object.fromEntries(scores), loss };
  }
  const predicted = predictedLabels(predictions.logits, labels);
  return {
    ...scoresOfLabels(predicted, predictions.references, labels),
    loss,
  };
}

/** Scores of a class or label. */
interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** Details of a split in `results.json`, beside its scores. */
export interface Details {
  /** Bounds of 95 % of each score. */
  readonly intervals: Readonly<Record<string, Interval>>;
  /** Names of the classes or labels, in the order of `confusion`. */
  readonly labels?: readonly string[];
  /** Scores of each class or label. */
  readonly perClass?: Readonly<Record<string, ClassScores>>;
  /** Rows by true class (row) and predicted class (column). */
  readonly confusion?: readonly (readonly number[])[];
}

/** Scores of the final model on a split. */
export interface FinalScores {
  /** Scores with thresholds, and the loss. */
  readonly scores: Scores;
  /** Intervals, scores of each class, and the confusion matrix. */
  readonly details: Details;
  /** Scores of the baselines, if there are any. */
  readonly baselines: Baselines | undefined;
}

/**
 * Scores of the baselines on a split, the constant one first: `majority`, the most
 * common label or each label that most rows have, or `mean` of numbers; and a logistic
 * regression on words: `words`, or `wordOverlap` of those that both texts of a pair have.
 */
export type Baselines = Readonly<Record<string, Scores>>;

/**
 * Scores the logits of a split in detail.
 *
 * @param predictions The logits and the labels.
 * @param labels The labels of the task.
 * @param thresholds Thresholds of several labels a row; 0.5 by default.
 * @returns The scores of a line and, of the user's own data, those of the same kind of labels; intervals, scores of each class, and the confusion matrix.
 */
export function finalScores(
  predictions: Predictions,
  labels: Labels,
  thresholds?: readonly number[],
): Pick<FinalScores, "scores" | "details"> {
  const { logits, references } = predictions;
  const predicted = predictedLabels(logits, labels, thresholds);
  const intervals = intervalsOf(predicted, references, labels);
  return {
    scores: {
      ...evaluationScores(predictions, labels),
      ...scoresBy(intervals, ({ score }) => score),
    },
    details: {
      intervals: scoresBy(intervals, ({ low, high }): Interval => [low, high]),
      ...ofEachLabel(predicted, references, labels),
    },
  };
}

function scoresBy<Value>(
  intervals: Readonly<Record<string, ConfidenceInterval>>,
  valueOf: (interval: ConfidenceInterval) => Value,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(intervals).map(([name, score]) => [name, valueOf(score)]),
  );
}

function ofEachLabel(
  predicted: readonly Label[],
  references: readonly Label[],
  { names, head }: Labels,
): Omit<Details, "intervals"> {
  if (names === undefined) return {};
  if (head.problemType === "multi_label_classification") {
    const { perLabel } = multilabelReport(
      predicted as number[][],
      references as number[][],
    );
    return { labels: names, perClass: byName(names, perLabel) };
  }
  const { perClass, confusionMatrix } = classificationReport(
    predicted as number[],
    references as number[],
    { labels: names.map((_, i) => i) },
  );
  return {
    labels: names,
    perClass: byName(names, perClass),
    confusion: confusionMatrix,
  };
}

function byName(
  names: readonly string[],
  scores: readonly (ClassScores & { readonly label: number })[],
): Record<string, ClassScores> {
  return Object.fromEntries(
    scores.map(({ label, ...scores }) => [names[label]!, scores]),
  );
}
