/**
 * Addition.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import type { Tensor } from "../tensor/tensor.ts";
import source from "./add.wgsl" with { type: "text" };
import { broadcast, scaleShift, sumRepeats } from "./broadcast.ts";
import { VectorizedKernel } from "./vectorized_kernel.ts";

const kernel = new VectorizedKernel("add", source);

/**
 * Adds element-wise: `y = a + b`. A smaller `b`, such as a bias, is broadcast over
 * the leading dimensions of `a`.
 *
 * @param a Input, any shape.
 * @param b Of `a`'s shape, of its trailing dimensions, of one element, or a number.
 * @returns Output, of `a`'s shape.
 * @throws {RangeError} If `b` has another shape.
 */
export function add(a: Tensor, b: Tensor | number): Tensor {
  if (typeof b === "number") {
    return record(scaleShift(a, 1, b), {
      name: "add",
      inputs: [a],
      backward: (dY) => [dY],
    });
  }
  return record(broadcast(kernel, a, b), {
    name: "add",
    inputs: [a, b],
    backward: (dY) => [dY, b.requiresGrad ? sumRepeats(dY, b) : undefined],
  });
}
