/**
 * Problem types of sequence classifiers.
 *
 * @module
 */
import type { HostTensor } from "../data/host_tensor.ts";

/**
 * The loss of a sequence classifier, as `problem_type` of transformers: mean
 * squared error, cross-entropy, or binary cross-entropy of each label.
 */
export type ProblemType =
  | "regression"
  | "single_label_classification"
  | "multi_label_classification";

/** All problem types. */
export const PROBLEM_TYPES: readonly ProblemType[] = [
  "regression",
  "single_label_classification",
  "multi_label_classification",
];

/** Whether a value is a problem type. */
export function isProblemType(value: unknown): value is ProblemType {
  return (PROBLEM_TYPES as readonly unknown[]).includes(value);
}

/**
 * Infers the problem type from the first labels, as transformers does: one label
 * is regression, whole numbers are classes, other numbers are several labels a
 * row. One label with whole numbers is refused: the number of classes may have
 * been forgotten.
 *
 * @param numLabels Number of labels.
 * @param labels Labels of a batch.
 * @returns The problem type.
 * @throws {RangeError} If there is one label and the batch has whole numbers.
 */
export function inferProblemType(
  numLabels: number,
  { dtype }: HostTensor,
): ProblemType {
  if (numLabels > 1) {
    return dtype === "i32"
      ? "single_label_classification"
      : "multi_label_classification";
  }
  if (dtype === "f32") return "regression";
  throw new RangeError(
    'Cannot infer the loss of a model with one label from whole numbers: for regression load it with { problemType: "regression" }, for classes with { numLabels: 2 } or more',
  );
}
