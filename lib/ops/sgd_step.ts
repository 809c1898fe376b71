/**
 * The update of stochastic gradient descent, fused.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import { dispatchFlat, type FlatGradients, flatKernel } from "./flat_step.ts";
import source from "./sgd_step.wgsl" with { type: "text" };

const kernel = flatKernel("sgd_step", source);

/**
 * Updates parameters and momentum in place.
 *
 * @param gradients The gradients, of N elements, a multiple of 4; of blocks of 64 where in several rows.
 * @param table Each block's row, from 1, `[N / 64]` u32; 0 leaves it alone. The high bit is set
 * while all of the block's state is 0.
 * @param rows Eight numbers a row: lr, weight decay, keep, take, momentum, nesterov.
 * @param values The parameters, `[N]`.
 * @param momentumBuffer The momentum, `[N]`.
 */
export function sgdStep(
  gradients: FlatGradients,
  table: Tensor,
  rows: Tensor,
  values: Tensor,
  momentumBuffer: Tensor,
): void {
  const { values: g, slots } = gradients;
  const operands = [values, momentumBuffer, g, slots, table, rows];
  dispatchFlat(kernel, operands, { row_vectors: g.shape[1]! / 4 });
}
