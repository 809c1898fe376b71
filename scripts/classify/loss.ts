/**
 * The loss of a step: class weights, label smoothing, and weights of the label 1.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  bceWithLogits,
  computeClassWeight,
  crossEntropy,
  type HostTensor,
  type MicroBatch,
  mul,
  type SequenceClassifierOutput,
  type Tensor,
} from "../../mod.ts";
import type { ClassifyOptions } from "./flags.ts";
import type { Label, Labels } from "./labels.ts";

/** The loss of a run. */
export interface StepLoss {
  /** Weight of each training row, for the weighted mean of a step; none if all are 1. */
  readonly rowWeights: readonly number[] | undefined;
  /**
   * Computes the part of a batch of the mean loss of its optimizer step.
   *
   * @param output Output of the model.
   * @param labels The labels of the batch.
   * @param window Place of the batch in its step.
   * @returns The part: those of a step add up to its mean loss.
   */
  part(output: ModelOutput, labels: HostTensor, window: MicroBatch): Tensor;
}

/** Output of the model for a batch with labels. */
type ModelOutput = SequenceClassifierOutput & { readonly loss: Tensor };

/** Settings of the loss. */
type LossOptions = Pick<
  ClassifyOptions,
  "classWeights" | "labelSmoothingFactor"
>;

/**
 * Makes the loss of a run: the model's own, unless there are weights or smoothing.
 *
 * @param options Settings of the run.
 * @param labels The labels of the task.
 * @param train The labels of the training rows.
 * @returns The loss.
 * @throws {RangeError} If the weights are not one for each label, or cannot be balanced.
 * @throws {TypeError} If the labels have no weights, or cannot be smoothed.
 */
export function stepLoss(
  options: LossOptions,
  labels: Labels,
  train: readonly Label[],
): StepLoss {
  const { labelSmoothingFactor: labelSmoothing = 0 } = options;
  const { problemType } = labels.head;
  const weight = weightsOf(options, labels, train);
  if (weight) {
    const list = weight.map((value, i) =>
      `${labels.names![i]} ${value.toPrecision(3)}`
    );
    console.log(`Weights of the labels in the loss: ${list.join(", ")}`);
  }
  if (labelSmoothing > 0 && problemType !== "single_label_classification") {
    throw new TypeError(
      `--label-smoothing-factor ${labelSmoothing} is for classes, and the labels are ${
        problemType === "regression" ? "numbers" : "several for each row"
      }: leave it out`,
    );
  }
  if (problemType === "multi_label_classification" && weight) {
    return {
      rowWeights: undefined, // the mean is over all decisions, weighted or not
      part: ({ logits }, labels, { share }) =>
        scaled(bceWithLogits(logits, labels, { posWeight: weight }), share),
    };
  }
  if (weight || labelSmoothing > 0) {
    const settings = {
      ...weight && { weight },
      labelSmoothing,
      reduction: "sum",
    } as const;
    return {
      rowWeights: weight && train.map((label) => weight[label as number]!),
      part: ({ logits }, labels, window) =>
        scaled(crossEntropy(logits, labels, settings), 1 / window.weight),
    };
  }
  return {
    rowWeights: undefined,
    part: ({ loss }, _labels, { share }) => scaled(loss, share),
  };
}

function scaled(loss: Tensor, factor: number): Tensor {
  return factor === 1 ? loss : mul(loss, factor);
}

/** Weights of the labels: of classes, or of the label 1. */
function weightsOf(
  { classWeights }: LossOptions,
  { names, head }: Labels,
  train: readonly Label[],
): readonly number[] | undefined {
  if (classWeights === undefined) return undefined;
  if (names === undefined) {
    throw new TypeError(
      `--class-weights ${classWeights} is for classes, and the labels are numbers: leave it out`,
    );
  }
  if (classWeights !== "balanced") {
    const weights = classWeights.split(",").map(Number);
    if (weights.length === names.length) return weights;
    throw new RangeError(
      `--class-weights ${classWeights} has ${weights.length} weights, and there are ${names.length} labels: give one for each, in the order ${
        names.join(",")
      }`,
    );
  }
  if (head.problemType === "single_label_classification") {
    const counts = names.map((_, i) =>
      train.filter((label) => label === i).length
    );
    refuseUnused(names, counts);
    return computeClassWeight(train as number[], names.length);
  }
  const counts = names.map((_, i) =>
    train.filter((label) => (label as readonly number[])[i] === 1).length
  );
  refuseUnused(names, counts);
  // A label of every row has no other rows to balance.
  return counts.map((count) => Math.max(train.length - count, 1) / count);
}

function refuseUnused(
  names: readonly string[],
  counts: readonly number[],
): void {
  const unused = names.find((_, i) => counts[i] === 0);
  if (unused === undefined) return;
  throw new RangeError(
    `--class-weights balanced cannot weigh the label ${unused}, which no training row has: add rows, or give the weights as numbers`,
  );
}
