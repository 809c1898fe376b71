/**
 * The GELU activation.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { CellKernel, dispatchCells } from "./cells.ts";
import forwardSource from "./gelu.wgsl" with { type: "text" };
import backwardSource from "./gelu_backward.wgsl" with { type: "text" };
import geluFunctions from "./gelu_functions.wgsl" with { type: "text" };

const forwardKernel = new CellKernel("gelu", forwardSource + geluFunctions);
const backwardKernel = new CellKernel(
  "gelu_backward",
  backwardSource + geluFunctions,
);

/**
 * Applies the Gaussian error linear unit: `gelu(x) = x · Φ(x)`, with Φ the
 * standard normal distribution function. It is the exact one, as BERT uses, and
 * not the approximation by tanh.
 *
 * @param x Input, any shape.
 * @returns Output, of `x`'s shape.
 */
export function gelu(x: Tensor): Tensor {
  const y = new Tensor(x.device, x.shape);
  dispatchCells(forwardKernel, [x, y]);
  return record(y, {
    name: "gelu",
    inputs: [x],
    backward: (dY) => [geluBackward(x, dY)],
  });
}

/**
 * Computes the gradient of the input of {@linkcode gelu}: `dX = dY · gelu'(x)`.
 *
 * @param x The input.
 * @param dY Gradient of the output, of `x`'s shape.
 * @returns The gradient, of `x`'s shape.
 */
export function geluBackward(x: Tensor, dY: Tensor): Tensor {
  const dX = new Tensor(x.device, x.shape);
  dispatchCells(backwardKernel, [x, dY, dX]);
  return dX;
}
