/**
 * Looking rows up in a table.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import { gather } from "./gather.ts";
import type { HostArray } from "./host_array.ts";

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /**
   * An id whose row gets no gradient.
   *
   * @default None.
   */
  paddingIdx?: number;
}

/**
 * Looks ids up in a table: `y[..., h] = weight[ids[...], h]`. Rows that are
 * looked up several times sum their gradients in order.
 *
 * @param weight The table, `[V, H]`.
 * @param ids Which rows, `[...]`, on the host.
 * @param options The id of the padding.
 * @returns Output, `[..., H]`.
 * @throws {RangeError} If `weight` is no table, or an id or `paddingIdx` is not in [0, V).
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
      `Cannot look up rows of a tensor of shape [${weight.shape}]: a table has shape [V,H]`,
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
 * Checks that a table has a row for every id.
 *
 * @param ids The ids.
 * @param rows How many rows the table has.
 * @param name What the ids are, for the error message.
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
