/**
 * Row-wise and column-wise reductions.
 *
 * @module
 */
import type { DeviceClass, Params } from "../gpu/kernel.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { grid, type VectorizedKernel } from "./vectorized_kernel.ts";

/**
 * Runs a row-wise kernel over the last dimension of `x`: one workgroup per row.
 * Its `Params` has `rows`, and `vectors`, the length of a row.
 *
 * @param kernel The kernel.
 * @param x The tensor, `[..., C]`.
 * @param operands Its bindings; those read in vectors have rows of C elements.
 * @param params Its other parameters.
 */
export function dispatchRowwise(
  kernel: VectorizedKernel,
  x: Tensor,
  operands: readonly Tensor[],
  params: Params = {},
): void {
  const columns = x.shape.at(-1) ?? 1;
  const rows = x.size / columns;
  const form = kernel.for(columns);
  x.device.dispatch(
    form.kernel,
    operands,
    { rows, vectors: form.vectors, ...params },
    ...grid(x.device, rows),
  );
}

/** Neighbouring vectors summed by a workgroup: 128 bytes, which a GPU fetches at once. */
export const COLUMNS = 8;

/**
 * Returns the shape of a workgroup that sums columns: {@linkcode COLUMNS} threads,
 * and on a GPU several slices of them that share the rows.
 */
export function columnThreads(
  device: DeviceClass,
): { COLUMNS: number; SLICES: number } {
  return { COLUMNS, SLICES: device.isSoftware ? 1 : 16 };
}
