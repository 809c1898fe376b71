/**
 * Host arrays, as inputs of ops.
 *
 * @module
 */

/** An n-dimensional array of numbers in host memory, such as a `HostTensor`. */
export interface HostArray {
  /** Sizes of the dimensions, outermost first. */
  readonly shape: readonly number[];
  /** The elements, row-major. */
  readonly data: ArrayLike<number>;
}
