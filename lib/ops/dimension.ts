/**
 * Addressing one dimension of a tensor.
 *
 * @module
 */
import { numel, type Shape } from "../tensor/tensor.ts";

/** A shape around one of its dimensions: `[outer, length, inner]`. */
export interface Dimension {
  /** Index of the dimension, from 0. */
  readonly index: number;
  /** Product of the sizes before it. */
  readonly outer: number;
  /** Its size. */
  readonly length: number;
  /** Product of the sizes after it. */
  readonly inner: number;
}

/**
 * Finds a dimension.
 *
 * @param op The op's name, for the error message.
 * @param shape The shape.
 * @param dim The dimension; -1 is the last.
 * @returns The shape around it.
 * @throws {RangeError} If the shape has no such dimension.
 */
export function dimensionOf(op: string, shape: Shape, dim: number): Dimension {
  const index = dim < 0 ? dim + shape.length : dim;
  const length = shape[index];
  if (length === undefined) {
    throw new RangeError(
      `Cannot apply ${op} to dimension ${dim} of [${shape}]: it has ${shape.length} dimensions`,
    );
  }
  return {
    index,
    outer: numel(shape.slice(0, index)),
    length,
    inner: numel(shape.slice(index + 1)),
  };
}
