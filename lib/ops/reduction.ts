/**
 * Running kernels that reduce: over the rows of a tensor, or over its columns.
 *
 * @module
 */
import type { DeviceClass, Params } from "../gpu/kernel.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { grid, type VectorizedKernel } from "./vectorized_kernel.ts";

/**
 * Runs a kernel over the last dimension of `x`: one workgroup a row. Its
 * `Params` has `rows`, and `vectors`, the length of a row.
 *
 * @param kernel The kernel.
 * @param x The tensor, `[..., C]`.
 * @param operands Its bindings; what it reads in vectors has rows of C elements.
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

/** Vectors that a workgroup sums side by side: 128 bytes, which a GPU fetches at once. */
export const COLUMNS = 8;

/**
 * The shape of a workgroup that sums columns: {@linkcode COLUMNS} threads side
 * by side, and on a GPU several slices of them that share the rows.
 */
export function columnThreads(
  device: DeviceClass,
): { COLUMNS: number; SLICES: number } {
  return { COLUMNS, SLICES: device.isSoftware ? 1 : 16 };
}
