/**
 * The loss of a multi-label classifier.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { fromArray, sameShape, Tensor } from "../tensor/tensor.ts";
import forwardSource from "./bce_with_logits.wgsl" with { type: "text" };
import backwardSource from "./bce_with_logits_backward.wgsl" with {
  type: "text",
};
import type { HostArray } from "./host_array.ts";
import { sumAlong } from "./sum.ts";
import { dispatchElementwise, VectorizedKernel } from "./vectorized_kernel.ts";

const forwardKernel = new VectorizedKernel("bce_with_logits", forwardSource);
const backwardKernel = new VectorizedKernel(
  "bce_with_logits_backward",
  backwardSource,
);

/**
 * Computes the binary cross-entropy of logits: the mean over all elements of
 * `max(x, 0) - x · y + log(1 + exp(-|x|))`, as `torch.nn.BCEWithLogitsLoss`.
 *
 * @param logits Scores x, any shape.
 * @param labels Labels y in [0, 1], of the shape of `logits`, on the host.
 * @returns The loss, a scalar.
 * @throws {RangeError} If the shapes differ, or a label is not in [0, 1].
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export function bceWithLogits(logits: Tensor, labels: HostArray): Tensor {
  const { device, shape, size } = logits;
  if (!sameShape(shape, labels.shape)) {
    throw new RangeError(
      `Cannot take the binary cross-entropy of logits [${shape}] with labels [${labels.shape}]: the shapes differ`,
    );
  }
  checkLabels(labels.data);
  const label = fromArray(device, labels.data, shape);
  const losses = new Tensor(device, shape);
  dispatchElementwise(forwardKernel, [logits, label, losses]);
  const scale = 1 / size;
  const all = { outer: 1, length: size, inner: 1 };
  const loss = sumAlong(losses, all, [], scale);
  losses.dispose();
  return record(loss, {
    name: "bceWithLogits",
    inputs: [logits],
    backward(dLoss) {
      const dX = new Tensor(device, shape);
      dispatchElementwise(backwardKernel, [logits, label, dLoss, dX], {
        scale,
      });
      return [dX];
    },
  });
}

function checkLabels(labels: ArrayLike<number>): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label >= 0 && label <= 1) continue;
    throw new RangeError(
      `Cannot take the binary cross-entropy of label ${label}, at position ${i}: labels must be in [0, 1]`,
    );
  }
}
