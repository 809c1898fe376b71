/**
 * From packed tokens back to padded rows.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { gather, scatterAdd, uploadGroups } from "./gather.ts";
import { groupIds } from "./id_groups.ts";

/**
 * Puts the vector of each token where it stood in the padded batch, and zeros
 * elsewhere, as `torch.nn.utils.rnn.pad_packed_sequence`:
 * `y[indices[t], h] = x[t, h]`, with the rows of y counted through the batch.
 *
 * @param x Vectors of the real tokens, `[T, H]`.
 * @param indices The row of each token in the result, `[T]`, each once and below B·S.
 * @param size Rows B and columns S of the batch.
 * @returns Output, `[B, S, H]`.
 */
export function padInput(
  x: Tensor,
  indices: ArrayLike<number>,
  [rows, columns]: readonly [rows: number, columns: number],
): Tensor {
  const { device, shape } = x;
  const hidden = shape.at(-1)!;
  const y = new Tensor(device, [rows, columns, hidden]);
  const along = { index: 0, outer: 1, length: rows * columns, inner: hidden };
  device.clear(y);
  scatterAdd(y, x, uploadGroups(device, groupIds(indices)), along);
  return record(y, {
    name: "padInput",
    inputs: [x],
    backward: (
      dY,
    ) => [gather(dY, { name: "padInput", along, indices: indices, shape })],
  });
}
