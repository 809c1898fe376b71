/**
 * How kernels over arenas are laid out: on a processor, a thread looks its
 * block's settings up once and does the whole block.
 *
 * @module
 */
import { type DeviceClass, Kernel } from "../gpu/kernel.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { grid } from "./cells.ts";

function layout({ isSoftware }: DeviceClass): {
  WORKGROUP_SIZE: number;
  CELLS_PER_THREAD: number;
} {
  return isSoftware
    ? { WORKGROUP_SIZE: 8, CELLS_PER_THREAD: 16 }
    : { WORKGROUP_SIZE: 64, CELLS_PER_THREAD: 1 };
}

/**
 * Describes a kernel over an arena.
 *
 * @param label Its name.
 * @param source The WGSL text, with overrides `WORKGROUP_SIZE` and `CELLS_PER_THREAD`.
 * @returns The kernel.
 */
export function arenaKernel(label: string, source: string): Kernel {
  return new Kernel(label, source, layout);
}

/**
 * Runs a kernel over all vec4 cells of an arena.
 *
 * @param kernel The kernel; its `Params` is `cells`.
 * @param operands Its bindings; the first is of the arena's size.
 */
export function dispatchArena(
  kernel: Kernel,
  operands: readonly Tensor[],
): void {
  const { device, size } = operands[0]!;
  const cells = size / 4;
  const { WORKGROUP_SIZE, CELLS_PER_THREAD } = layout(device);
  const workgroups = Math.ceil(cells / (WORKGROUP_SIZE * CELLS_PER_THREAD));
  device.dispatch(kernel, operands, { cells }, ...grid(device, workgroups));
}
