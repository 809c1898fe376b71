/**
 * Embedding lookup.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import { gather } from "./gather.ts";
import type { HostArray } from "./host_array.ts";

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /**
   * Id of the padding; its row gets no gradient.
   *
   * @default None.
   */
  paddingIdx?: number;
}

/**
 * Looks ids up in an embedding table: `y[..., h] = weight[ids[...], h]`. The
 * gradients of a row that is looked up several times are summed in order.
 *
 * @param weight The embedding table, `[V, H]`.
 * @param ids Rows of the table, `[...]`, on the host.
 * @param options The id of the padding.
 * @returns Output, `[..., H]`.
 * @throws {RangeError} If `weight` is not `[V, H]`, or an id or `paddingIdx` is not in [0, V).
 */
export function embedding(
  weight: Tensor,
  ids: HostArray,
  options: EmbeddingOptions = {},
): Tensor {
  const [rows = 0, columns = 0] = weight.shape;
  const { paddingIdx } = options;
  if (weight.shape.length !== 2) {
    throw new RangeError(
      `Cannot look up rows of a tensor of shape [${weight.shape}]: an embedding table has shape [V,H]`,
    );
  }
  checkIds(ids.data, rows);
  if (paddingIdx !== undefined) checkIds([paddingIdx], rows, "paddingIdx");
  return gather(weight, {
    name: "embedding",
    along: { index: 0, outer: 1, length: rows, inner: columns },
    indices: ids.data,
    shape: [...ids.shape, columns],
    ...(paddingIdx === undefined ? {} : { frozen: paddingIdx }),
  });
}

/**
 * Checks that an embedding table has a row for every id.
 *
 * @param ids The ids.
 * @param rows Rows of the table.
 * @param name Name of the ids, for the error message.
 * @throws {RangeError} If an id is not a whole number in [0, rows).
 */
export function checkIds(
  ids: ArrayLike<number>,
  rows: number,
  name = "id",
): void {
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (!(Number.isInteger(id) && id >= 0 && id < rows)) {
      throw new RangeError(
        `Cannot look up ${name} ${id}, at position ${i}: the table has rows 0 to ${
          rows - 1
        }`,
      );
    }
  }
}
