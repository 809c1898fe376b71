/**
 * The loss of a multi-label classifier.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { record } from "../tensor/autograd.ts";
import { fromArray, sameShape, Tensor } from "../tensor/tensor.ts";
import forwardSource from "./bce_with_logits.wgsl" with { type: "text" };
import backwardSource from "./bce_with_logits_backward.wgsl" with {
  type: "text",
};
import { checkClassWeights } from "./class_weights.ts";
import type { HostArray } from "./host_array.ts";
import { mul } from "./mul.ts";
import { sumAlong } from "./sum.ts";
import { dispatchElementwise, VectorizedKernel } from "./vectorized_kernel.ts";

const forwardKernel = new VectorizedKernel("bce_with_logits", forwardSource);
const backwardKernel = new VectorizedKernel(
  "bce_with_logits_backward",
  backwardSource,
);

/** Options of {@linkcode bceWithLogits}. */
export interface BceWithLogitsOptions {
  /**
   * Weights p of the label 1, numbers from 0, `[C]` for logits `[..., C]`:
   * above 1 for more recall, below for more precision. The rows without a label
   * divided by those with it balance the two.
   *
   * @default 1 for each class
   */
  posWeight?: ArrayLike<number>;
}

const OPTIONS: OptionNames<BceWithLogitsOptions> = { posWeight: true };

/**
 * Computes the binary cross-entropy of logits: the mean over all elements of
 * `max(x, 0) - x · y + log(1 + exp(-|x|))`, as `torch.nn.BCEWithLogitsLoss`. With
 * weights it is the mean of `-p · y · log σ(x) - (1 - y) · log(1 - σ(x))`, still
 * divided by the number of elements.
 *
 * @param logits Scores x, any shape.
 * @param labels Labels y in [0, 1], of the shape of `logits`, on the host.
 * @param options Weights of the label 1.
 * @returns The loss, a scalar.
 * @throws {TypeError} If an option has an unknown name, or the weights are not an array.
 * @throws {RangeError} If the shapes differ, a label is not in [0, 1], or the weights do not fit the logits.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export function bceWithLogits(
  logits: Tensor,
  labels: HostArray,
  options: BceWithLogitsOptions = {},
): Tensor {
  const action = "take the binary cross-entropy";
  checkOptions(action, options, OPTIONS);
  const { device, shape, size } = logits;
  if (!sameShape(shape, labels.shape)) {
    throw new RangeError(
      `Cannot ${action} of logits [${shape}] with labels [${labels.shape}]: the shapes differ`,
    );
  }
  checkLabels(labels.data);
  const { posWeight } = options;
  if (posWeight !== undefined) {
    checkClassWeights(action, "posWeight", posWeight, shape.at(-1) ?? 1);
  }
  const { data, factors } = posWeight
    ? weighted(labels.data, posWeight)
    : { data: labels.data };
  const label = fromArray(device, data, shape);
  const factor = factors && fromArray(device, factors, shape);
  const weigh = (unweighted: Tensor): Tensor => {
    if (!factor) return unweighted;
    const product = mul(unweighted, factor);
    unweighted.dispose();
    return product;
  };
  const unweighted = new Tensor(device, shape);
  dispatchElementwise(forwardKernel, [logits, label, unweighted]);
  const losses = weigh(unweighted);
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
      return [weigh(dX)];
    },
  });
}

/**
 * Labels z and factors k with `p · y · a + (1 - y) · b = k · (z · a + (1 - z) · b)`
 * for all a and b: `k = 1 - y + p · y` and `z = p · y / k`. The kernels need not know
 * the weights then.
 */
function weighted(
  labels: ArrayLike<number>,
  posWeight: ArrayLike<number>,
): { data: Float32Array<ArrayBuffer>; factors: Float32Array<ArrayBuffer> } {
  const data = new Float32Array(labels.length);
  const factors = new Float32Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const positive = posWeight[i % posWeight.length]! * label;
    const factor = 1 - label + positive;
    factors[i] = factor;
    data[i] = positive > 0 ? positive / factor : 0;
  }
  return { data, factors };
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
