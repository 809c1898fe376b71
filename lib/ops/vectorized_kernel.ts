/**
 * Kernels over vectors: written once, they run over four elements at a time
 * where the rows allow it, and over single ones where they do not.
 *
 * @module
 */
import { type DeviceClass, Kernel, type Params } from "../gpu/kernel.ts";
import type { Tensor } from "../tensor/tensor.ts";
import vectorScalar from "./vector_scalar.wgsl" with { type: "text" };
import vectorVec4 from "./vector_vec4.wgsl" with { type: "text" };

/** Threads of a workgroup where every thread has one vector. */
const VECTORS_PER_WORKGROUP = 64;

/** The two forms of one kernel. */
export class VectorizedKernel {
  readonly #vec4: Kernel;
  readonly #scalar: Kernel;

  /**
   * Describes the kernel.
   *
   * @param label Its name: the file's.
   * @param source The WGSL text, over `Vector`, with shared functions appended.
   * @param constants Values of its `override` declarations, by the kind of device.
   */
  constructor(
    label: string,
    source: string,
    constants: (device: DeviceClass) => Record<string, number> = () => ({}),
  ) {
    this.#vec4 = new Kernel(label, source + vectorVec4, constants);
    this.#scalar = new Kernel(
      `${label}_scalar`,
      source + vectorScalar,
      constants,
    );
  }

  /**
   * Chooses the form for rows of a length.
   *
   * @param columns Elements in a row, of every operand that is read in vectors.
   * @returns The kernel, and how many vectors a row has.
   */
  for(columns: number): { kernel: Kernel; vectors: number } {
    return columns % 4 === 0
      ? { kernel: this.#vec4, vectors: columns / 4 }
      : { kernel: this.#scalar, vectors: columns };
  }
}

/**
 * Threads for a row that one workgroup reduces: one vector of a processor, or
 * two warps of a GPU.
 */
export function rowThreads(
  device: DeviceClass,
): { WORKGROUP_SIZE: number } {
  return { WORKGROUP_SIZE: device.isSoftware ? 8 : 64 };
}

/**
 * Runs an elementwise kernel: one thread a vector. The kernel's `Params` begins
 * with `vectors`.
 *
 * @param kernel The kernel.
 * @param operands Its bindings, all of one size.
 * @param params Its other parameters.
 */
export function dispatchElementwise(
  kernel: VectorizedKernel,
  operands: readonly Tensor[],
  params: Params = {},
): void {
  const { device, size } = operands[0]!;
  const form = kernel.for(size);
  const [x, y] = grid(device, Math.ceil(form.vectors / VECTORS_PER_WORKGROUP));
  device.dispatch(
    form.kernel,
    operands,
    { vectors: form.vectors, ...params },
    x,
    y,
  );
}

/**
 * Spreads more workgroups than one axis holds over two.
 *
 * @param device The device, which has the limit.
 * @param workgroups How many are needed.
 * @returns Workgroups in x and y, at least as many in all; a kernel counts
 * `workgroup.y * workgroups.x + workgroup.x`.
 */
export function grid(
  device: { maxWorkgroups: number },
  workgroups: number,
): [x: number, y: number] {
  const y = Math.ceil(workgroups / device.maxWorkgroups);
  return [y > 1 ? Math.ceil(workgroups / y) : workgroups, y];
}
