/**
 * The fused AdamW update.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import source from "./adamw_step.wgsl" with { type: "text" };
import { dispatchStep, type FlatGradients, stepKernel } from "./flat_step.ts";

const kernel = stepKernel("adamw_step", source);

/**
 * Updates parameters and both moments in place.
 *
 * @param gradients Gradients of N elements, a multiple of 4; in several rows, a row is whole blocks of 64.
 * @param blockTable Settings row of each block, from 1, `[N / 64]` u32; 0 skips the block. The high
 * bit marks a zero-state block (m = v = 0); the first gradient other than 0 clears it.
 * @param settings Rows of eight numbers: decay, 1-β₁, β₂, 1-β₂, step size, √(1-β₂ᵗ), eps, and 1 to skip the step.
 * @param values Parameters, `[N]`.
 * @param expAvg First moments, `[N]`.
 * @param expAvgSq Second moments, `[N]`.
 */
export function adamwStep(
  gradients: FlatGradients,
  blockTable: Tensor,
  settings: Tensor,
  values: Tensor,
  expAvg: Tensor,
  expAvgSq: Tensor,
): void {
  const tensors = [values, expAvg, expAvgSq];
  dispatchStep(kernel, { gradients, blockTable, tensors }, settings);
}
