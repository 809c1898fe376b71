/**
 * The loss of a regression.
 *
 * @module
 */
import { fromArray, sameShape, Tensor } from "../tensor/tensor.ts";
import { add } from "./add.ts";
import type { HostArray } from "./host_array.ts";
import { mean } from "./mean.ts";
import { mul } from "./mul.ts";

/**
 * Computes the mean squared error: the mean of `(x - target)²` over all
 * elements, as `torch.nn.functional.mse_loss`.
 *
 * @param x Predictions, any shape.
 * @param target Targets, of `x`'s shape: a tensor, or an array on the host.
 * @returns The loss, a scalar.
 * @throws {RangeError} If the shapes differ.
 */
export function mseLoss(x: Tensor, target: Tensor | HostArray): Tensor {
  if (!sameShape(x.shape, target.shape)) {
    throw new RangeError(
      `Cannot take the squared error of [${x.shape}] and [${target.shape}]: the shapes differ`,
    );
  }
  const y = target instanceof Tensor
    ? target
    : fromArray(x.device, target.data, target.shape);
  const error = add(x, mul(y, -1));
  return mean(mul(error, error));
}
