/**
 * The rectifier.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { dispatchElementwise, VectorizedKernel } from "./vectorized_kernel.ts";
import forwardSource from "./relu.wgsl" with { type: "text" };
import backwardSource from "./relu_backward.wgsl" with { type: "text" };

const forwardKernel = new VectorizedKernel("relu", forwardSource);
const backwardKernel = new VectorizedKernel("relu_backward", backwardSource);

/**
 * Applies the rectifier: `relu(x) = max(x, 0)`. Its gradient at 0 is 0, as in
 * PyTorch.
 *
 * @param x Input, any shape.
 * @returns Output, of `x`'s shape.
 */
export function relu(x: Tensor): Tensor {
  const y = new Tensor(x.device, x.shape);
  dispatchElementwise(forwardKernel, [x, y]);
  return record(y, {
    name: "relu",
    inputs: [x],
    backward(dY) {
      const dX = new Tensor(x.device, x.shape);
      dispatchElementwise(backwardKernel, [x, dY, dX]);
      return [dX];
    },
  });
}
