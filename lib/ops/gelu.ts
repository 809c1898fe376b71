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
import geluTanhFunctions from "./gelu_tanh_functions.wgsl" with {
  type: "text",
};

const KERNELS = {
  none: kernels("gelu", geluFunctions),
  tanh: kernels("gelu_tanh", geluTanhFunctions),
};

function kernels(label: string, functions: string) {
  return {
    forward: new CellKernel(label, forwardSource + functions),
    backward: new CellKernel(`${label}_backward`, backwardSource + functions),
  };
}

/** Options of {@linkcode gelu}. */
export interface GeluOptions {
  /**
   * How Φ is computed, as in PyTorch: exactly, as BERT does, or by tanh.
   *
   * @default "none"
   */
  approximate?: "none" | "tanh";
}

/**
 * Applies the Gaussian error linear unit: `gelu(x) = x · Φ(x)`, with Φ the
 * standard normal distribution function, or its approximation
 * `Φ(x) ≈ ½ (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
 *
 * @param x Input, any shape.
 * @param options Which of the two.
 * @returns Output, of `x`'s shape.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
 */
export function gelu(
  x: Tensor,
  { approximate = "none" }: GeluOptions = {},
): Tensor {
  const y = new Tensor(x.device, x.shape);
  dispatchCells(KERNELS[approximate].forward, [x, y]);
  return record(y, {
    name: "gelu",
    inputs: [x],
    backward: (dY) => [geluBackward(x, dY, approximate)],
  });
}

/**
 * Computes the gradient of the input of {@linkcode gelu}: `dX = dY · gelu'(x)`.
 *
 * @param x The input.
 * @param dY Gradient of the output, of `x`'s shape.
 * @param approximate How Φ was computed.
 * @returns The gradient, of `x`'s shape.
 */
export function geluBackward(
  x: Tensor,
  dY: Tensor,
  approximate: "none" | "tanh" = "none",
): Tensor {
  const dX = new Tensor(x.device, x.shape);
  dispatchCells(KERNELS[approximate].backward, [x, dY, dX]);
  return dX;
}
