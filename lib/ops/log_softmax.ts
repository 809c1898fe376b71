/**
 * The logarithm of softmax.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { rowThreads, VectorizedKernel } from "./vectorized_kernel.ts";
import forwardSource from "./log_softmax.wgsl" with { type: "text" };
import backwardSource from "./log_softmax_backward.wgsl" with { type: "text" };
import { dispatchRowwise } from "./reduction.ts";
import workgroupMax from "./workgroup_max.wgsl" with { type: "text" };
import workgroupSum from "./workgroup_sum.wgsl" with { type: "text" };

const forwardKernel = new VectorizedKernel(
  "log_softmax",
  forwardSource + workgroupMax + workgroupSum,
  rowThreads,
);
const backwardKernel = new VectorizedKernel(
  "log_softmax_backward",
  backwardSource + workgroupSum,
  rowThreads,
);

/**
 * Computes `log(softmax(x))`, also where `softmax` underflows:
 * `y = x - log Σ exp(x)` over the last dimension.
 *
 * @param x Input, `[..., C]`.
 * @returns Output, `[..., C]`.
 */
export function logSoftmax(x: Tensor): Tensor {
  const y = new Tensor(x.device, x.shape);
  dispatchRowwise(forwardKernel, x, [x, y]);
  return record(y, {
    name: "logSoftmax",
    inputs: [x],
    backward(dY) {
      const dX = new Tensor(x.device, x.shape);
      dispatchRowwise(backwardKernel, x, [y, dY, dX]);
      return [dX];
    },
  });
}
