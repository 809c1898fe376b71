/**
 * Softmax.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { rowThreads, VectorizedKernel } from "./vectorized_kernel.ts";
import { dispatchRowwise } from "./reduction.ts";
import forwardSource from "./softmax.wgsl" with { type: "text" };
import backwardSource from "./softmax_backward.wgsl" with { type: "text" };
import workgroupMax from "./workgroup_max.wgsl" with { type: "text" };
import workgroupSum from "./workgroup_sum.wgsl" with { type: "text" };

const forwardKernel = new VectorizedKernel(
  "softmax",
  forwardSource + workgroupMax + workgroupSum,
  rowThreads,
);
const backwardKernel = new VectorizedKernel(
  "softmax_backward",
  backwardSource + workgroupSum,
  rowThreads,
);

/**
 * Computes probabilities over the last dimension: `y = exp(x) / Σ exp(x)`. The
 * largest value is subtracted first, so that large values do not overflow.
 *
 * @param x Input, `[..., C]`.
 * @returns Output, `[..., C]`.
 */
export function softmax(x: Tensor): Tensor {
  const y = new Tensor(x.device, x.shape);
  dispatchRowwise(forwardKernel, x, [x, y]);
  return record(y, {
    name: "softmax",
    inputs: [x],
    backward(dY) {
      const dX = new Tensor(x.device, x.shape);
      dispatchRowwise(backwardKernel, x, [y, dY, dX]);
      return [dX];
    },
  });
}
