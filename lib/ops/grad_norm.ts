/**
 * Gradient clipping by norm, over flat buffers.
 *
 * @module
 */
import { Kernel } from "../gpu/kernel.ts";
import { Tensor } from "../tensor/tensor.ts";
import { dispatchFlat, flatKernel } from "./flat_step.ts";
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
  /** Gradients, N elements. */
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
  const { device } = buffers[0]!.gradients;
  const { WORKGROUP_SIZE } = rowThreads(device);
  const blocks = buffers.map(({ gradients }) => Math.ceil(gradients.size / 64));
  const counts = blocks.map((count) =>
    Math.min(MAX_PARTIALS, Math.ceil(count / WORKGROUP_SIZE))
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  const partials = new Tensor(device, [total]);
  let first = 0;
  buffers.forEach(({ gradients, table }, i) => {
    const params = {
      blocks: blocks[i]!,
      vectors: gradients.size / 4,
      first,
    };
    device.dispatch(
      sumKernel,
      [gradients, table, partials],
      params,
      counts[i]!,
    );
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
  for (const { gradients, table } of buffers) {
    dispatchFlat(scaleKernel, [gradients, table, coefficient]);
  }
  return norm;
}
