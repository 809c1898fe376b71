/**
 * Gradient accumulation, for the autograd engine.
 *
 * @module
 */
import { provideAccumulate } from "../tensor/autograd.ts";
import type { GradSlot, Tensor } from "../tensor/tensor.ts";
import source from "./accumulate.wgsl" with { type: "text" };
import { dispatchElementwise, VectorizedKernel } from "./vectorized_kernel.ts";

const kernel = new VectorizedKernel("accumulate", source);

/**
 * Stores a gradient in its slot: `slot = gradient`, or `slot += gradient` if the
 * slot accumulates.
 *
 * @param slot The slot.
 * @param gradient The gradient, of the slot's shape.
 */
export function accumulate(slot: GradSlot, gradient: Tensor): void {
  dispatchElementwise(kernel, [gradient, slot.tensor], {
    accumulate: Number(slot.accumulate),
  });
}

provideAccumulate(accumulate);
