/**
 * Padding of unpadded tokens.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { gather, scatterAdd, uploadGroups } from "./gather.ts";
import { groupIds } from "./id_groups.ts";

/**
 * Restores the padded batch, with zeros at the padding, as `pad_input` of
 * flash-attn: `y[indices[t], h] = x[t, h]` over the B·S positions of the batch.
 *
 * @param x Hidden states of the real tokens, `[T, H]`.
 * @param indices Position of each token in the flattened batch, `[T]`, distinct and below B·S.
 * @param size Rows B of the batch, and positions S of a row.
 * @returns Output, `[B, S, H]`.
 */
export function padInput(
  x: Tensor,
  indices: ArrayLike<number>,
  [rows, positions]: readonly [rows: number, positions: number],
): Tensor {
  const { device, shape } = x;
  const hidden = shape.at(-1)!;
  const y = new Tensor(device, [rows, positions, hidden]);
  const along = { index: 0, outer: 1, length: rows * positions, inner: hidden };
  device.clear(y);
  scatterAdd(y, x, uploadGroups(device, groupIds(indices)), along);
  return record(y, {
    name: "padInput",
    inputs: [x],
    backward: (dY) => [gather(dY, { name: "padInput", along, indices, shape })],
  });
}
