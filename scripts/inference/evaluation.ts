/**
 * What a model's predictions are worth: scores, loss, confusion matrix, and
 * what predicting the commonest label everywhere scores.
 *
 * @module
 */
import {
  accuracy,
  type Dataset,
  f1Score,
  matthewsCorrelation,
  pearson,
  spearman,
} from "../../mod.ts";
import { indexOfMax, softmax } from "./classifier.ts";

/** Scores by name. */
export type Scores = Readonly<Record<string, number>>;

/** What is known of predictions once the right labels are. */
export interface Evaluation {
  /** Of the predictions. */
  readonly scores: Scores;
  /** Mean cross-entropy, or mean squared error where there is one label. */
  readonly loss: number;
  /** Of the commonest label; absent where there is one label. */
  readonly baseline?: { readonly label: number; readonly scores: Scores };
  /** How often which label (row) was predicted as which (column); absent where there is one label. */
  readonly confusionMatrix?: number[][];
}

/**
 * Reads the right labels of a table: numbers, or names of the model's labels.
 *
 * @param data The table.
 * @param column The column that holds them.
 * @param labels Names of the model's labels by number; one label is regression.
 * @returns One number a row.
 * @throws {RangeError} If there is no such column, or a label is none of the model's.
 */
export function readLabels(
  data: Dataset,
  column: string,
  labels: readonly string[],
): number[] {
  const { source } = data;
  const remedy = "give --label-column the name of the one with the labels";
  return readColumn(data, column, remedy).map((value, row) => {
    const named = labels.indexOf(`${value}`);
    const number = labels.length > 1 && named >= 0 ? named : value;
    const isLabel = labels.length === 1
      ? Number.isFinite(number)
      : Number.isInteger(number) && labels[number as number] !== undefined;
    if (isLabel) return number as number;
    throw new RangeError(
      `${source} has label ${JSON.stringify(value)} in row ${row}, and ${
        labels.length === 1
          ? "the model predicts numbers"
          : `the model's are ${labels.join(", ")}`
      }: ${
        value === -1
          ? "rows without a label can be predicted, not evaluated"
          : "correct it, or leave the row out"
      }`,
    );
  });
}

/**
 * Reads what a column says of each row.
 *
 * @param data The table.
 * @param column The column.
 * @returns One text a row.
 * @throws {RangeError} If there is no such column.
 */
export function readGroups(data: Dataset, column: string): string[] {
  return readColumn(data, column, "give --by one of these")
    .map((value) => `${value}`);
}

function readColumn(
  data: Dataset,
  column: string,
  remedy: string,
): readonly unknown[] {
  const { source, columnNames } = data;
  if (columnNames.includes(column)) return data.column(column);
  throw new RangeError(
    `${source} has no column "${column}", only ${
      columnNames.join(", ")
    }: ${remedy}`,
  );
}

/**
 * Counts the rows of each group, and how many of them are labelled right.
 *
 * @param groups The group of each row.
 * @param logits What the model gave for each row, one number a label.
 * @param references The right label of each row.
 * @returns Of each group, the largest first.
 */
export function accuracyBy(
  groups: readonly string[],
  logits: readonly number[][],
  references: readonly number[],
): { value: string; rows: number; accuracy: number }[] {
  const right = new Map<string, number[]>();
  groups.forEach((group, row) => {
    const isRight = indexOfMax(logits[row]!) === references[row];
    if (!right.has(group)) right.set(group, []);
    right.get(group)!.push(Number(isRight));
  });
  return [...right]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([value, right]) => ({
      value,
      rows: right.length,
      accuracy: right.reduce((sum, one) => sum + one) / right.length,
    }));
}

/**
 * Evaluates predictions.
 *
 * @param logits What the model gave for each row, one number a label.
 * @param references The right label of each row.
 * @returns The scores.
 */
export function evaluation(
  logits: readonly number[][],
  references: readonly number[],
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
  const label = commonest(references, numLabels);
  return {
    scores: classScores(predictions, references, numLabels),
    loss: mean((row) => -Math.log(softmax(logits[row]!)[references[row]!]!)),
    baseline: {
      label,
      scores: classScores(references.map(() => label), references, numLabels),
    },
    confusionMatrix: confusionMatrix(predictions, references, numLabels),
  };
}

/**
 * Finds the label that most rows have; of two that are as common, the later.
 *
 * @param references The labels of the rows.
 * @param numLabels Labels of the model.
 */
export function commonest(
  references: readonly number[],
  numLabels: number,
): number {
  const counts = Array<number>(numLabels).fill(0);
  for (const label of references) counts[label]!++;
  return counts.lastIndexOf(Math.max(...counts));
}

/** F1 is that of label 1, where there are two. */
function classScores(
  predictions: readonly number[],
  references: readonly number[],
  numLabels: number,
): Scores {
  return {
    accuracy: accuracy(predictions, references),
    ...numLabels === 2 ? { f1: f1Score(predictions, references) } : {},
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
