/**
 * Kernels over flat buffers of parameters. On a CPU, a thread processes a whole
 * cache line of neighbouring elements and looks their settings up once.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/buffer_pool.ts";
import type { Device } from "../gpu/device.ts";
import { type DeviceClass, Kernel, type Params } from "../gpu/kernel.ts";
import { Tensor, zeros } from "../tensor/tensor.ts";
import { grid } from "./vectorized_kernel.ts";

/**
 * Gradients of a flat buffer: one row for the whole buffer, or, for a large
 * embedding table, rows for the tokens of the batch only.
 */
export interface FlatGradients {
  /** Rows of gradients, `[R, columns]`; for an embedding table, row 0 is zeros. */
  readonly values: Tensor;
  /** The row of `values` for each row of the buffer, `[V]` u32. */
  readonly slots: Tensor;
}

const singleSlots = new WeakMap<Device, Tensor>();

/**
 * Makes the gradients of a flat buffer that has all of them: one row.
 *
 * @param device The device.
 * @param storage The gradients.
 * @param size The number of gradients.
 * @returns The gradients as one row.
 */
export function inOneRow(
  device: Device,
  storage: StorageBuffer,
  size: number,
): FlatGradients {
  let slots = singleSlots.get(device);
  if (!slots) {
    slots = zeros(device, [1], { dtype: "u32", lifetime: "kept" });
    singleSlots.set(device, slots);
  }
  return { values: new Tensor(device, [1, size], { storage }), slots };
}

function layout({ isSoftware }: DeviceClass): {
  WORKGROUP_SIZE: number;
  VECTORS_PER_THREAD: number;
} {
  return { WORKGROUP_SIZE: 64, VECTORS_PER_THREAD: isSoftware ? 4 : 1 };
}

/**
 * Describes a kernel over a flat buffer.
 *
 * @param label Its name.
 * @param source The WGSL text, with overrides `WORKGROUP_SIZE` and `VECTORS_PER_THREAD`.
 * @returns The kernel.
 */
export function flatKernel(label: string, source: string): Kernel {
  return new Kernel(label, source, layout);
}

/**
 * Runs a kernel over all vec4s of a flat buffer.
 *
 * @param kernel The kernel; its `Params` begins with `vectors`.
 * @param operands Its bindings; the first has the size of the buffer.
 * @param params Its other parameters.
 */
export function dispatchFlat(
  kernel: Kernel,
  operands: readonly Tensor[],
  params: Params = {},
): void {
  const { device, size } = operands[0]!;
  const vectors = size / 4;
  const { WORKGROUP_SIZE, VECTORS_PER_THREAD } = layout(device);
  const workgroups = Math.ceil(vectors / (WORKGROUP_SIZE * VECTORS_PER_THREAD));
  const all = { vectors, ...params };
  device.dispatch(kernel, operands, all, ...grid(device, workgroups));
}
