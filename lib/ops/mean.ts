/**
 * Means.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import { scaledSum } from "./sum.ts";

/**
 * Averages all elements, or those along one dimension, which is removed.
 *
 * @param x Input, any shape.
 * @param dim The dimension; -1 is the last. All elements if left out.
 * @returns Output: a scalar, or `x`'s shape without the dimension.
 * @throws {RangeError} If there is no such dimension.
 */
export function mean(x: Tensor, dim?: number): Tensor {
  return scaledSum("mean", x, dim, (length) => 1 / length);
}
