/**
 * The loss of a classifier over whole rows.
 *
 * @module
 */
import type { HostTensor } from "../data/host_tensor.ts";
import { crossEntropy } from "../ops/cross_entropy.ts";
import { mseLoss } from "../ops/mse_loss.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Computes the mean loss as transformers does: the squared error where the
 * model has one label, else cross-entropy.
 *
 * @param logits What the model gave, `[B, numLabels]`.
 * @param labels What it should have been, `[B]`.
 * @returns The loss, a scalar.
 * @throws {RangeError} If the labels are not `[B]`, or not among the model's.
 */
export function classificationLoss(logits: Tensor, labels: HostTensor): Tensor {
  const [rows, numLabels] = logits.shape;
  if (labels.shape.length !== 1 || labels.shape[0] !== rows) {
    throw new RangeError(
      `Cannot compute the loss of ${rows} rows: labels must be [${rows}], not [${labels.shape}]`,
    );
  }
  if (numLabels === 1) {
    return mseLoss(logits, { shape: logits.shape, data: labels.data });
  }
  if (labels.dtype !== "i32") {
    throw new RangeError(
      `Cannot classify into ${numLabels} labels: the batch has labels that are no whole numbers; for regression load the model with numLabels 1`,
    );
  }
  return crossEntropy(logits, labels);
}
