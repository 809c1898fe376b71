/**
 * What ops take from the host.
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
