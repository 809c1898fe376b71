/**
 * Vectorized kernels: written once over `Vector`, they process four elements at
 * a time if row lengths are multiples of four, and single elements otherwise.
 *
 * @module
 */
import { type DeviceClass, Kernel, type Params } from "../gpu/kernel.ts";
import type { Tensor } from "../tensor/tensor.ts";
import vectorScalar from "./vector_scalar.wgsl" with { type: "text" };
import vectorVec4 from "./vector_vec4.wgsl" with { type: "text" };

/** Threads of a workgroup with one vector per thread. */
const VECTORS_PER_WORKGROUP = 64;

/** A kernel in two forms, vec4 and scalar. */
export class VectorizedKernel {
  readonly #vec4: Kernel;
  readonly #scalar: Kernel;

  /**
   * Describes the kernel.
   *
   * @param label Its name: that of the file.
   * @param source The WGSL text, over `Vector`, with shared functions appended.
   * @param constants Values of its `override` declarations, by device class.
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
   * Chooses the form for a row length.
   *
   * @param columns Elements per row of every operand that is read in vectors.
   * @returns The kernel, and the number of vectors per row.
   */
  for(columns: number): { kernel: Kernel; vectors: number } {
    return columns % 4 === 0
      ? { kernel: this.#vec4, vectors: columns / 4 }
      : { kernel: this.#scalar, vectors: columns };
  }
}

/**
 * Returns the workgroup size of a row-wise reduction: one SIMD vector of a CPU, or
 * two warps of a GPU.
 */
export function rowThreads(
  device: DeviceClass,
): { WORKGROUP_SIZE: number } {
  return { WORKGROUP_SIZE: device.isSoftware ? 8 : 64 };
}

/**
 * Runs an element-wise kernel: one thread per vector. Its `Params` begins with
 * `vectors`.
 *
 * @param kernel The kernel.
 * @param operands Its bindings; the first has the size of the result.
 * @param params Its other parameters.
 * @param columns Elements of which no vector crosses a multiple; all by default.
 */
export function dispatchElementwise(
  kernel: VectorizedKernel,
  operands: readonly Tensor[],
  params: Params = {},
  columns: number = operands[0]!.size,
): void {
  const { device, size } = operands[0]!;
  const form = kernel.for(columns);
  const vectors = form.vectors * size / columns;
  const [x, y] = grid(device, Math.ceil(vectors / VECTORS_PER_WORKGROUP));
  device.dispatch(
    form.kernel,
    operands,
    { vectors, ...params },
    x,
    y,
  );
}

/**
 * Spreads workgroups over two axes if one axis is too short.
 *
 * @param device The device, which sets the limit.
 * @param workgroups The number of workgroups.
 * @returns Workgroups in x and y, together at least as many; the index of one is
 * `workgroup.y * workgroups.x + workgroup.x`.
 */
export function grid(
  device: { maxWorkgroups: number },
  workgroups: number,
): [x: number, y: number] {
  const y = Math.ceil(workgroups / device.maxWorkgroups);
  return [y > 1 ? Math.ceil(workgroups / y) : workgroups, y];
}
