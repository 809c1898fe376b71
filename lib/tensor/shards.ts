/**
 * Shards of a tensor that is larger than a binding.
 *
 * @module
 */
import { numel, Tensor } from "./tensor.ts";

/** Rows of a tensor that a kernel can bind together. */
export interface Shard {
  /** The rows, `[R, ...]`. */
  readonly rows: Tensor;
  /** Index of the first of them in the tensor. */
  readonly first: number;
}

/**
 * Lists the shards of a tensor.
 *
 * @param tensor The tensor, `[V, ...]`; if it is split, it fills its buffer.
 * @returns Its shards, in order; itself if it is not split.
 */
export function shardsOf(tensor: Tensor): readonly Shard[] {
  const { device, shape, dtype, storage: { shards } } = tensor;
  if (!shards) return [{ rows: tensor, first: 0 }];
  const [count = 0, ...row] = shape;
  const rowBytes = 4 * numel(row);
  let end = 0;
  return shards.map((storage) => {
    const first = end;
    end = Math.min(count, first + Math.floor(storage.byteLength / rowBytes));
    const rows = new Tensor(device, [end - first, ...row], { dtype, storage });
    return { rows, first };
  });
}

/**
 * Makes a view of some rows of a tensor that is not split.
 *
 * @param tensor The tensor, `[V, ...]`.
 * @param first The first row.
 * @param count Number of rows R.
 * @returns The rows, `[R, ...]`.
 */
export function rowsFrom(tensor: Tensor, first: number, count: number): Tensor {
  const { device, shape: [, ...row], dtype, storage } = tensor;
  const byteOffset = tensor.byteOffset + 4 * first * numel(row);
  return new Tensor(device, [count, ...row], { dtype, storage, byteOffset });
}
