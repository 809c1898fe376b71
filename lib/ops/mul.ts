/**
 * Element-wise multiplication.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { broadcast, scaleShift, sumRepeats } from "./broadcast.ts";
import { VectorizedKernel } from "./vectorized_kernel.ts";
import source from "./mul.wgsl" with { type: "text" };

const kernel = new VectorizedKernel("mul", source);

/**
 * Multiplies element-wise: `y = a · b`. A smaller `b`, such as a scale, is
 * broadcast over the leading dimensions of `a`.
 *
 * @param a Input, any shape.
 * @param b Of `a`'s shape, of its trailing dimensions, of one element, or a number.
 * @returns Output, of `a`'s shape.
 * @throws {RangeError} If `b` has another shape.
 */
export function mul(a: Tensor, b: Tensor | number): Tensor {
  if (typeof b === "number") {
    return record(scaleShift(a, b, 0), {
      name: "mul",
      inputs: [a],
      backward: (dY) => [scaleShift(dY, b, 0)],
    });
  }
  return record(broadcast(kernel, a, b), {
    name: "mul",
    inputs: [a, b],
    backward: (dY) => [
      broadcast(kernel, dY, b),
      b.requiresGrad ? sumRepeats(broadcast(kernel, dY, a), b) : undefined,
    ],
  });
}
