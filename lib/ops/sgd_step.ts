/**
 * The update of stochastic gradient descent, fused.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import { arenaKernel, dispatchArena } from "./arena_step.ts";
import source from "./sgd_step.wgsl" with { type: "text" };

const kernel = arenaKernel("sgd_step", source);

/**
 * Updates parameters and momentum in place.
 *
 * @param gradients The gradients, `[N]`, N a multiple of 4.
 * @param table Each block's row, from 1, `[N / 64]` u32; 0 leaves it alone. The high bit is set
 * while all of the block's state is 0.
 * @param rows Eight numbers a row: lr, weight decay, keep, take, momentum, nesterov.
 * @param values The parameters, `[N]`.
 * @param momentumBuffer The momentum, `[N]`.
 */
export function sgdStep(
  gradients: Tensor,
  table: Tensor,
  rows: Tensor,
  values: Tensor,
  momentumBuffer: Tensor,
): void {
  dispatchArena(kernel, [gradients, table, rows, values, momentumBuffer]);
}
