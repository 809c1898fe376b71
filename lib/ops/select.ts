/**
 * One slice of a tensor.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import { dimensionOf } from "./dimension.ts";
import { gather } from "./gather.ts";

/**
 * Selects one slice along a dimension and removes the dimension, as
 * `torch.select`; the result is a copy, not a view.
 *
 * @param x Input, `[..., N, ...]`.
 * @param dim The dimension of size N; -1 is the last.
 * @param index Index of the slice; -1 is the last.
 * @returns Output, `[..., ...]`.
 * @throws {RangeError} If there is no such dimension, or the index is out of range.
 */
export function select(x: Tensor, dim: number, index: number): Tensor {
  const along = dimensionOf("select", x.shape, dim);
  const { length } = along;
  if (!(Number.isInteger(index) && index >= -length && index < length)) {
    throw new RangeError(
      `Cannot apply select to dimension ${dim} of [${x.shape}]: index ${index} is not in ${-length} to ${
        length - 1
      }`,
    );
  }
  return gather(x, {
    name: "select",
    along,
    indices: [index < 0 ? index + length : index],
    shape: x.shape.toSpliced(along.index, 1),
  });
}
