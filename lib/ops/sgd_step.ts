/**
 * The fused update of stochastic gradient descent.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import { dispatchStep, type FlatGradients, stepKernel } from "./flat_step.ts";
import source from "./sgd_step.wgsl" with { type: "text" };

const kernel = stepKernel("sgd_step", source);

/**
 * Updates parameters and momentum in place.
 *
 * @param gradients Gradients of N elements, a multiple of 4; in several rows, a row is whole blocks of 64.
 * @param blockTable Settings row of each block, from 1, `[N / 64]` u32; 0 skips the block. The high
 * bit, which marks a zero-state block, is ignored.
 * @param settings Rows of eight numbers: lr, weight decay, keep, take, momentum, nesterov, one unused,
 * and 1 to skip the step.
 * @param values Parameters, `[N]`.
 * @param momentumBuffer Momentum, `[N]`.
 */
export function sgdStep(
  gradients: FlatGradients,
  blockTable: Tensor,
  settings: Tensor,
  values: Tensor,
  momentumBuffer: Tensor,
): void {
  const tensors = [values, momentumBuffer];
  dispatchStep(kernel, { gradients, blockTable, tensors }, settings);
}
