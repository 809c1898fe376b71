/**
 * Predictions of a split, from its logits.
 *
 * @module
 */
import type { ProblemType } from "../../mod.ts";
import {
  bceWithLogit,
  indexOfMax,
  rowsOf,
  sigmoid,
  softmax,
} from "../inference/logits.ts";
import type { Label, Labels } from "./labels.ts";

/** Threshold of a label of several a row, unless it is tuned. */
export const THRESHOLD = 0.5;

/** The logits of a split beside its labels. */
export interface Predictions {
  /** Logits, `[N, C]`: C for each row. */
  readonly logits: Float32Array;
  /** The true label of each row, in the model's numbers. */
  readonly references: readonly Label[];
}

/**
 * Computes the probability of each class or label; of a regression the number that is
 * predicted.
 *
 * @param logits Logits of a row, `[C]`.
 * @param problemType Kind of the labels.
 * @returns The probabilities, `[C]`.
 */
export function probabilitiesOf(
  logits: readonly number[],
  problemType: ProblemType,
): number[] {
  switch (problemType) {
    case "regression":
      return [...logits];
    case "multi_label_classification":
      return logits.map(sigmoid);
    case "single_label_classification":
      return softmax(logits);
  }
}

/**
 * Reads the prediction of each row off its logits.
 *
 * @param logits Logits, `[N, C]`.
 * @param labels The labels.
 * @param thresholds Thresholds of several labels a row; 0.5 by default.
 * @returns The class with the greatest logit, a 0 or 1 for each label, or the number.
 */
export function predictedLabels(
  logits: Float32Array,
  labels: Labels,
  thresholds?: readonly number[],
): Label[] {
  const { numLabels, problemType } = labels.head;
  return rowsOf(logits, numLabels).map((row) => {
    switch (problemType) {
      case "regression":
        return row[0]!;
      case "multi_label_classification":
        return probabilitiesOf(row, problemType).map((probability, i) =>
          probability >= (thresholds?.[i] ?? THRESHOLD) ? 1 : 0
        );
      case "single_label_classification":
        return indexOfMax(row);
    }
  });
}

/**
 * Computes the loss of a row: cross-entropy, the mean binary cross-entropy of its
 * labels, or the squared error; without class weights and label smoothing, so that
 * runs can be compared.
 *
 * @param logits Logits of the row, `[C]`.
 * @param label Its label.
 * @returns The loss.
 */
export function lossOf(
  logits: readonly number[],
  label: Label,
  { head }: Labels,
): number {
  if (typeof label !== "number") {
    const terms = logits.map((x, i) => bceWithLogit(x, label[i]!));
    return terms.reduce((a, b) => a + b) / terms.length;
  }
  if (head.problemType === "regression") return (logits[0]! - label) ** 2;
  const largest = Math.max(...logits);
  const sum = logits.reduce((sum, x) => sum + Math.exp(x - largest), 0);
  return Math.log(sum) + largest - logits[label]!;
}

/**
 * Computes the mean loss of a split.
 *
 * @param predictions Its logits and labels.
 * @param labels The labels.
 * @returns The mean of {@linkcode lossOf}.
 */
export function meanLoss(
  { logits, references }: Predictions,
  labels: Labels,
): number {
  return rowsOf(logits, labels.head.numLabels).reduce(
    (sum, row, i) => sum + lossOf(row, references[i]!, labels),
    0,
  ) / references.length;
}
