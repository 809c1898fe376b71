/**
 * Kernels over flat buffers of parameters. On a CPU, a thread processes two
 * cache lines of neighbouring elements and looks their settings up once.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/storage_buffer.ts";
import type { Device } from "../gpu/device.ts";
import { type DeviceClass, Kernel, type Params } from "../gpu/kernel.ts";
import { rowsFrom, shardsOf } from "../tensor/shards.ts";
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

/**
 * Elements of a block, which has one entry in the block table: parameters start at
 * multiples of it, so that every adapter can bind them.
 */
export const BLOCK = 64;

/** Buffers that an optimizer updates: a flat buffer, or a shard of one. */
export interface FlatOperands {
  /** Gradients of N elements. */
  readonly gradients: FlatGradients;
  /** The block table, `[N / 64]` u32. */
  readonly blockTable: Tensor;
  /** Parameters and states, `[N]` each. */
  readonly tensors: readonly Tensor[];
}

/**
 * Lists the shards of a flat buffer.
 *
 * @param flat The flat buffer.
 * @returns Its shards, in order; itself if it is not split.
 */
function shardsOfFlat(flat: FlatOperands): readonly FlatOperands[] {
  const [values, ...states] = flat.tensors.map(shardsOf);
  if (values!.length === 1) return [flat];
  const { values: g, slots } = flat.gradients;
  const dense = g.storage.shards;
  const columns = g.shape[1]!;
  return values!.map(({ rows, first }, i) => {
    const { device, size } = rows;
    return {
      gradients: dense ? inOneRow(device, dense[i]!, size) : {
        values: g,
        slots: rowsFrom(slots, first / columns, size / columns),
      },
      blockTable: rowsFrom(flat.blockTable, first / BLOCK, size / BLOCK),
      tensors: [rows, ...states.map((shards) => shards[i]!.rows)],
    };
  });
}

function layout({ isSoftware }: DeviceClass): {
  WORKGROUP_SIZE: number;
  VECTORS_PER_THREAD: number;
} {
  return { WORKGROUP_SIZE: 64, VECTORS_PER_THREAD: isSoftware ? 8 : 1 };
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

/** The kernel of an optimizer: for all gradients of a flat buffer, and for those of rows of a table. */
export interface StepKernel {
  readonly dense: Kernel;
  readonly sparse: Kernel;
}

/**
 * Describes the kernel of an optimizer.
 *
 * @param label Its name.
 * @param source The WGSL text, with the overrides of {@linkcode flatKernel} and `IS_SPARSE`.
 * @returns The kernel.
 */
export function stepKernel(label: string, source: string): StepKernel {
  const variant = (isSparse: number) =>
    new Kernel(label, source, (device) => ({
      ...layout(device),
      "IS_SPARSE": isSparse,
    }));
  return { dense: variant(0), sparse: variant(1) };
}

/**
 * Runs the kernel of an optimizer, shard by shard.
 *
 * @param kernel The kernel: bindings for the tensors, gradients, their slots, block table and settings.
 * @param flat The buffers.
 * @param settings Rows of eight numbers.
 */
export function dispatchStep(
  kernel: StepKernel,
  flat: FlatOperands,
  settings: Tensor,
): void {
  for (const shard of shardsOfFlat(flat)) {
    const { values: g, slots } = shard.gradients;
    const [rows, columns] = g.shape as [number, number];
    dispatchFlat(
      rows === 1 ? kernel.dense : kernel.sparse,
      [...shard.tensors, g, slots, shard.blockTable, settings],
      { "row_vectors": columns / 4 },
    );
  }
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
