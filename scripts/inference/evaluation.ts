/**
 * Evaluation of predictions: scores, loss, majority-class baseline and confusion
 * matrix.
 *
 * @module
 */
import {
  accuracy,
  f1Score,
  matthewsCorrelation,
  pearson,
  spearman,
} from "../../mod.ts";
import { table } from "../cli/table.ts";
import { indexOfMax, softmax } from "./logits.ts";

/** Scores by name. */
export type Scores = Readonly<Record<string, number>>;

/** Result of {@linkcode evaluation}. */
export interface Evaluation {
  /** Scores of the predictions. */
  readonly scores: Scores;
  /** Mean cross-entropy, or mean squared error for regression. */
  readonly loss: number;
  /** Scores of predicting the most common label everywhere; absent for regression. */
  readonly baseline?: { readonly label: number; readonly scores: Scores };
  /** Counts by true label (row) and predicted label (column); absent for regression. */
  readonly confusionMatrix?: number[][];
}

/** Accuracy of the rows with one value of a column. */
export interface GroupAccuracy {
  /** The value. */
  readonly value: string;
  /** Number of rows. */
  readonly rows: number;
  /** Their accuracy. */
  readonly accuracy: number;
}

/**
 * Computes the accuracy of each group of rows.
 *
 * @param groups The group of each row.
 * @param isRight Whether each row is labelled correctly.
 * @returns The groups, largest first.
 */
export function accuracyBy(
  groups: readonly string[],
  isRight: readonly boolean[],
): GroupAccuracy[] {
  const hits = new Map<string, number[]>();
  groups.forEach((group, row) => {
    if (!hits.has(group)) hits.set(group, []);
    hits.get(group)!.push(Number(isRight[row]));
  });
  return [...hits]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([value, hits]) => ({
      value,
      rows: hits.length,
      accuracy: hits.reduce((sum, hit) => sum + hit) / hits.length,
    }));
}

/**
 * Evaluates predictions.
 *
 * @param logits The logits of each row, one per label.
 * @param references The true label of each row.
 * @param positive The label whose F1 counts, of two.
 * @returns Scores, loss, baseline and confusion matrix.
 */
export function evaluation(
  logits: readonly number[][],
  references: readonly number[],
  positive = 1,
): Evaluation {
  const rows = references.length;
  const mean = (term: (row: number) => number) =>
    references.reduce((sum, _, row) => sum + term(row), 0) / rows;
  const numLabels = logits[0]!.length;
  if (numLabels === 1) {
    const predictions = logits.map(([value]) => value!);
    return {
      scores: {
        pearson: pearson(predictions, references),
        spearmanr: spearman(predictions, references),
      },
      loss: mean((row) => (predictions[row]! - references[row]!) ** 2),
    };
  }
  const predictions = logits.map(indexOfMax);
  const label = majorityLabel(references, numLabels);
  const scoresOf = (predictions: readonly number[]) =>
    classScores(predictions, references, numLabels, positive);
  return {
    scores: scoresOf(predictions),
    loss: mean((row) => -Math.log(softmax(logits[row]!)[references[row]!]!)),
    baseline: {
      label,
      scores: scoresOf(references.map(() => label)),
    },
    confusionMatrix: confusionMatrix(predictions, references, numLabels),
  };
}

/**
 * Finds the most common label; the larger number in a tie.
 *
 * @param references The labels of the rows.
 * @param numLabels Labels of the model.
 * @returns The label.
 */
export function majorityLabel(
  references: readonly number[],
  numLabels: number,
): number {
  const counts = Array<number>(numLabels).fill(0);
  for (const label of references) counts[label]!++;
  return counts.lastIndexOf(Math.max(...counts));
}

/** F1 of one label is included for two labels. */
function classScores(
  predictions: readonly number[],
  references: readonly number[],
  numLabels: number,
  positive: number,
): Scores {
  const isPositive = (labels: readonly number[]) =>
    labels.map((label) => Number(label === positive));
  return {
    accuracy: accuracy(predictions, references),
    ...numLabels === 2 && {
      f1: f1Score(isPositive(predictions), isPositive(references)),
    },
    matthewsCorrelation: matthewsCorrelation(predictions, references),
  };
}

function confusionMatrix(
  predictions: readonly number[],
  references: readonly number[],
  numLabels: number,
): number[][] {
  const matrix = Array.from(
    { length: numLabels },
    () => Array<number>(numLabels).fill(0),
  );
  references.forEach((label, row) => matrix[label]![predictions[row]!]!++);
  return matrix;
}

/**
 * Formats an evaluation as tables.
 *
 * @param evaluation The evaluation.
 * @param labels Label names by number.
 * @returns The tables.
 */
export function evaluationTables(
  { scores, loss, baseline, confusionMatrix }: Evaluation,
  labels: readonly string[],
): string[] {
  const lines: (string | number | undefined)[][] = [
    ["model", ...Object.values(scores), loss],
  ];
  if (baseline) {
    const name = `majority class, ${labels[baseline.label]}`;
    lines.push([name, ...Object.values(baseline.scores), undefined]);
  }
  const tables = [table(["", ...Object.keys(scores), "loss"], lines)];
  if (confusionMatrix) {
    const rows = confusionMatrix
      .map((counts, i) => [labels[i]!, ...counts.map(String)]);
    tables.push(table(["true \\ predicted", ...labels], rows));
  }
  return tables;
}
