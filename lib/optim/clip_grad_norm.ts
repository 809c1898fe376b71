/**
 * Gradient clipping by norm.
 *
 * @module
 */
import { clipFlat, normFlat } from "../ops/grad_norm.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkParameters } from "./check_parameters.ts";
import { gradientsOf } from "./flat_gradients.ts";

/**
 * Clips the 2-norm of all gradients together to `maxNorm`, as
 * `torch.nn.utils.clip_grad_norm_`: scales them by `min(1, maxNorm / (norm + 1e-6))`.
 * The host does not wait; parameters without a gradient are ignored.
 *
 * @param parameters The parameters.
 * @param maxNorm Largest norm, greater than 0.
 * @returns The norm before clipping, a scalar `[]`.
 * @throws {RangeError} If `maxNorm` is not greater than 0, or no parameter has a gradient.
 * @throws {TypeError} If a model is given in place of its parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function clipGradNorm(
  parameters: Iterable<Tensor>,
  maxNorm: number,
): Tensor {
  if (!(maxNorm > 0)) {
    throw new RangeError(
      `Cannot clip gradients to a norm of ${maxNorm}: it must be greater than 0`,
    );
  }
  checkParameters("clip gradients", parameters);
  const gradients = gradientsOf(parameters);
  if (gradients.length === 0) {
    throw new RangeError(
      "Cannot clip gradients: no parameter has one; call backward() first",
    );
  }
  return clipFlat(gradients, maxNorm);
}

/**
 * Computes the 2-norm of all gradients together, and changes none of them.
 *
 * @param parameters The parameters.
 * @returns The norm, a scalar `[]`; `undefined` if no parameter has a gradient.
 * @throws {TypeError} If a model is given in place of its parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.get_total_norm.html
 */
export function gradNorm(parameters: Iterable<Tensor>): Tensor | undefined {
  checkParameters("compute a gradient norm", parameters);
  const gradients = gradientsOf(parameters);
  return gradients.length === 0 ? undefined : normFlat(gradients, 1).norm;
}
