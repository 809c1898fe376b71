/**
 * How kernels over arenas are laid out: on a processor, a thread does as many
 * neighbours as a line of the cache holds, and looks their settings up once.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/buffer_pool.ts";
import type { Device } from "../gpu/device.ts";
import { type DeviceClass, Kernel, type Params } from "../gpu/kernel.ts";
import { Tensor, zeros } from "../tensor/tensor.ts";
import { grid } from "./vectorized_kernel.ts";

/** The gradients of an arena, which is one row, or a table of which few rows have one. */
export interface FlatGradients {
  /** Rows of gradients, `[R, columns]`; of a table, the first is zeros. */
  readonly values: Tensor;
  /** Which of them each row of the arena has, `[V]` u32. */
  readonly slots: Tensor;
}

const slotOfOne = new WeakMap<Device, Tensor>();

/**
 * The gradients of an arena that has all of them.
 *
 * @param device The device.
 * @param storage The gradients.
 * @param size How many.
 * @returns They as the only row.
 */
export function inOneRow(
  device: Device,
  storage: StorageBuffer,
  size: number,
): FlatGradients {
  let slots = slotOfOne.get(device);
  if (!slots) {
    slots = zeros(device, [1], { dtype: "u32", lifetime: "kept" });
    slotOfOne.set(device, slots);
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
 * Describes a kernel over an arena.
 *
 * @param label Its name.
 * @param source The WGSL text, with overrides `WORKGROUP_SIZE` and `VECTORS_PER_THREAD`.
 * @returns The kernel.
 */
export function flatKernel(label: string, source: string): Kernel {
  return new Kernel(label, source, layout);
}

/**
 * Runs a kernel over all vec4 vectors of an arena.
 *
 * @param kernel The kernel; its `Params` begins with `vectors`.
 * @param operands Its bindings; the first is of the arena's size.
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
