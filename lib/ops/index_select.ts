/**
 * Slices of a tensor by index.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import { dimensionOf } from "./dimension.ts";
import { gather } from "./gather.ts";

/**
 * Selects slices along a dimension, as `torch.index_select`. An index may occur
 * several times; its gradients are then summed in order.
 *
 * @param x Input, `[..., N, ...]`.
 * @param dim The dimension of size N; -1 is the last.
 * @param indices Indices in [0, N).
 * @returns Output, `[..., J, ...]` with J the number of indices.
 * @throws {RangeError} If there is no such dimension, or an index is out of range.
 */
export function indexSelect(
  x: Tensor,
  dim: number,
  indices: ArrayLike<number>,
): Tensor {
  const along = dimensionOf("indexSelect", x.shape, dim);
  for (let j = 0; j < indices.length; j++) {
    const index = indices[j]!;
    if (!(Number.isInteger(index) && index >= 0 && index < along.length)) {
      throw new RangeError(
        `Cannot apply indexSelect to dimension ${dim} of [${x.shape}]: index ${index} at position ${j} is not in 0 to ${
          along.length - 1
        }`,
      );
    }
  }
  return gather(x, {
    name: "indexSelect",
    along,
    indices,
    shape: x.shape.with(along.index, indices.length),
  });
}
