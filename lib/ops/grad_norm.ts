/**
 * Gradient clipping by norm, over flat buffers.
 *
 * @module
 */
import { Kernel } from "../gpu/kernel.ts";
import { rowsFrom, shardsOf } from "../tensor/shards.ts";
import { Tensor } from "../tensor/tensor.ts";
import { BLOCK, dispatchFlat, flatKernel } from "./flat_step.ts";
import { rowThreads } from "./vectorized_kernel.ts";
import clipCoefficient from "./clip_coefficient.wgsl" with { type: "text" };
import scaleFlat from "./scale_flat.wgsl" with { type: "text" };
import sumSquares from "./sum_squares.wgsl" with { type: "text" };
import workgroupSum from "./workgroup_sum.wgsl" with { type: "text" };

/** Partial sums per buffer, at most. */
const MAX_PARTIALS = 256;

const sumKernel = new Kernel(
  "sum_squares",
  sumSquares + workgroupSum,
  rowThreads,
);
const coefficientKernel = new Kernel(
  "clip_coefficient",
  clipCoefficient + workgroupSum,
  rowThreads,
);
const scaleKernel = flatKernel("scale_flat", scaleFlat);

/** Gradients of one flat buffer, and the blocks of it that are clipped. */
export interface MaskedGradients {
  /** Gradients, N elements; they may be split. */
  readonly gradients: Tensor;
  /** The block table, `[N / 64]` u32 or longer: 0 skips a block. */
  readonly table: Tensor;
}

/**
 * Computes the 2-norm over several flat buffers and scales them in place, always,
 * by `min(1, maxNorm / (norm + 1e-6))`.
 *
 * @param buffers The gradients.
 * @param maxNorm The maximum norm.
 * @returns The norm before scaling, a scalar.
 */
export function clipFlat(
  buffers: readonly MaskedGradients[],
  maxNorm: number,
): Tensor {
  const { norm, coefficient } = normFlat(buffers, maxNorm);
  dispatchMasked(scaleKernel, buffers, [coefficient]);
  return norm;
}

/**
 * Runs a kernel over several flat buffers, shard by shard.
 *
 * @param kernel The kernel: bindings for gradients and block table, then those of the operands.
 * @param buffers The gradients.
 * @param operands Its other bindings.
 */
export function dispatchMasked(
  kernel: Kernel,
  buffers: readonly MaskedGradients[],
  operands: readonly Tensor[],
): void {
  for (const { gradients, table } of buffers) {
    const shards = shardsOf(flat(gradients));
    for (const { rows, first } of shards) {
      const ofShard = shards.length > 1
        ? rowsFrom(table, first / BLOCK, rows.size / BLOCK)
        : table;
      dispatchFlat(kernel, [rows, ofShard, ...operands]);
    }
  }
}

/**
 * Computes the 2-norm over several flat buffers, and the coefficient that clips it;
 * nothing is scaled.
 *
 * @param buffers The gradients.
 * @param maxNorm The maximum norm.
 * @returns The norm, and `min(1, maxNorm / (norm + 1e-6))`: scalars.
 */
export function normFlat(
  buffers: readonly MaskedGradients[],
  maxNorm: number,
): { norm: Tensor; coefficient: Tensor } {
  const { device } = buffers[0]!.gradients;
  const { WORKGROUP_SIZE } = rowThreads(device);
  const blocks = buffers.map(({ gradients }) =>
    Math.ceil(gradients.size / BLOCK)
  );
  const counts = blocks.map((count) =>
    Math.min(MAX_PARTIALS, Math.ceil(count / WORKGROUP_SIZE))
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shards = buffers.map(({ gradients }) => shardsOf(flat(gradients)));
  // Split buffers take turns in one list of the threads' sums.
  const carried = counts.filter((_, i) => shards[i]!.length > 1);
  const sums = WORKGROUP_SIZE * Math.max(0, ...carried);
  const partials = new Tensor(device, [total + sums]);
  let first = 0;
  buffers.forEach(({ table }, i) => {
    for (const shard of shards[i]!) {
      const { size } = shard.rows;
      device.dispatch(
        sumKernel,
        [shard.rows, table, partials],
        {
          blocks: Math.ceil(size / BLOCK),
          vectors: size / 4,
          first,
          first_block: shard.first / BLOCK,
          carry: shards[i]!.length > 1 ? total : 0,
        },
        counts[i]!,
      );
    }
    first += counts[i]!;
  });
  const norm = new Tensor(device, []);
  const coefficient = new Tensor(device, []);
  device.dispatch(
    coefficientKernel,
    [partials, norm, coefficient],
    { partials: total, max_norm: maxNorm },
    1,
  );
  return { norm, coefficient };
}

/** The same elements as one dimension. */
function flat({ device, size, storage, byteOffset }: Tensor): Tensor {
  return new Tensor(device, [size], { storage, byteOffset });
}
