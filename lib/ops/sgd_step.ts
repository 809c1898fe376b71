/**
 * The update of stochastic gradient descent, fused.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import { arenaKernel, dispatchArena, type Gradients } from "./arena_step.ts";
import source from "./sgd_step.wgsl" with { type: "text" };

const kernel = arenaKernel("sgd_step", source);

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
  gradients: Gradients,
  table: Tensor,
  rows: Tensor,
  values: Tensor,
  momentumBuffer: Tensor,
): void {
  const { values: g, slots } = gradients;
  const operands = [values, momentumBuffer, g, slots, table, rows];
  dispatchArena(kernel, operands, { row_cells: g.shape[1]! / 4 });
}
