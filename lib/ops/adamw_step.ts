/**
 * The update of AdamW, fused.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import source from "./adamw_step.wgsl" with { type: "text" };
import { dispatchFlat, type FlatGradients, flatKernel } from "./flat_step.ts";

const kernel = flatKernel("adamw_step", source);

/**
 * Updates parameters and both moments in place.
 *
 * @param gradients The gradients, of N elements, a multiple of 4; of blocks of 64 where in several rows.
 * @param table Each block's row, from 1, `[N / 64]` u32; 0 leaves it alone. The high bit is set
 * while all of the block's state is 0; the first gradient clears it.
 * @param rows Eight numbers a row: decay, 1-β₁, β₂, 1-β₂, step size, √(1-β₂ᵗ), eps.
 * @param values The parameters, `[N]`.
 * @param expAvg The first moments, `[N]`.
 * @param expAvgSq The second moments, `[N]`.
 */
export function adamwStep(
  gradients: FlatGradients,
  table: Tensor,
  rows: Tensor,
  values: Tensor,
  expAvg: Tensor,
  expAvgSq: Tensor,
): void {
  const { values: g, slots } = gradients;
  const operands = [values, expAvg, expAvgSq, g, slots, table, rows];
  dispatchFlat(kernel, operands, { row_vectors: g.shape[1]! / 4 });
}
