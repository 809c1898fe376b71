/**
 * The hyperbolic tangent.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { dispatchElementwise, VectorizedKernel } from "./vectorized_kernel.ts";
import forwardSource from "./tanh.wgsl" with { type: "text" };
import backwardSource from "./tanh_backward.wgsl" with { type: "text" };

const forwardKernel = new VectorizedKernel("tanh", forwardSource);
const backwardKernel = new VectorizedKernel("tanh_backward", backwardSource);

/**
 * Applies the hyperbolic tangent.
 *
 * @param x Input, any shape.
 * @returns Output, of `x`'s shape.
 */
export function tanh(x: Tensor): Tensor {
  const y = new Tensor(x.device, x.shape);
  dispatchElementwise(forwardKernel, [x, y]);
  return record(y, {
    name: "tanh",
    inputs: [x],
    backward(dY) {
      const dX = new Tensor(x.device, x.shape);
      dispatchElementwise(backwardKernel, [y, dY, dX]);
      return [dX];
    },
  });
}
