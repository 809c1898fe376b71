/**
 * The hyperbolic tangent.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { CellKernel, dispatchCells } from "./cells.ts";
import forwardSource from "./tanh.wgsl" with { type: "text" };
import backwardSource from "./tanh_backward.wgsl" with { type: "text" };

const forwardKernel = new CellKernel("tanh", forwardSource);
const backwardKernel = new CellKernel("tanh_backward", backwardSource);

/**
 * Applies the hyperbolic tangent.
 *
 * @param x Input, any shape.
 * @returns Output, of `x`'s shape.
 */
export function tanh(x: Tensor): Tensor {
  const y = new Tensor(x.device, x.shape);
  dispatchCells(forwardKernel, [x, y]);
  return record(y, {
    name: "tanh",
    inputs: [x],
    backward(dY) {
      const dX = new Tensor(x.device, x.shape);
      dispatchCells(backwardKernel, [y, dY, dX]);
      return [dX];
    },
  });
}
