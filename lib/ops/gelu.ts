/**
 * The GELU activation.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { type GradFn, Tensor } from "../tensor/tensor.ts";
import { dispatchElementwise, VectorizedKernel } from "./vectorized_kernel.ts";
import forwardSource from "./gelu.wgsl" with { type: "text" };
import backwardSource from "./gelu_backward.wgsl" with { type: "text" };
import geluFunctions from "./gelu_functions.wgsl" with { type: "text" };
import geluTanhFunctions from "./gelu_tanh_functions.wgsl" with {
  type: "text",
};

/** WGSL of `gelu` and `gelu_derivative`, by approximation. */
export const GELU_FUNCTIONS = { none: geluFunctions, tanh: geluTanhFunctions };

const KERNELS = {
  none: kernels("gelu", GELU_FUNCTIONS.none),
  tanh: kernels("gelu_tanh", GELU_FUNCTIONS.tanh),
};

function kernels(label: string, functions: string) {
  return {
    forward: new VectorizedKernel(label, forwardSource + functions),
    backward: new VectorizedKernel(
      `${label}_backward`,
      backwardSource + functions,
    ),
  };
}

/** Options of {@linkcode gelu}. */
export interface GeluOptions {
  /**
   * Approximation of Φ, as in PyTorch: none, as in BERT, or by tanh.
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
 * @param options The approximation.
 * @returns Output, of `x`'s shape.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
 */
export function gelu(
  x: Tensor,
  { approximate = "none" }: GeluOptions = {},
): Tensor {
  const y = new Tensor(x.device, x.shape);
  dispatchElementwise(KERNELS[approximate].forward, [x, y]);
  return recordGelu(x, y, approximate);
}

/** The input of each recorded exact GELU. */
const EXACT_INPUTS = new WeakMap<object, Tensor>();

/**
 * Records `y` as {@linkcode gelu} of `x`, whichever kernel computed it.
 *
 * @param x The input.
 * @param y The output, of `x`'s shape.
 * @param approximate The approximation of Φ.
 * @returns `y`.
 */
export function recordGelu(
  x: Tensor,
  y: Tensor,
  approximate: "none" | "tanh" = "none",
): Tensor {
  const gradFn: GradFn = {
    name: "gelu",
    inputs: [x],
    backward: (dY) => [geluBackward(x, dY, approximate)],
  };
  if (approximate === "none") EXACT_INPUTS.set(gradFn, x);
  return record(y, gradFn);
}

/**
 * Returns u if `y` was recorded as exact GELU of u: an op that reads `y` can then
 * compute the gradient of u in its own backward kernel.
 *
 * @param y A tensor.
 * @returns The input u, if there is one and `y` needs a gradient.
 */
export function geluInput(y: Tensor): Tensor | undefined {
  return y.requiresGrad && y.gradFn ? EXACT_INPUTS.get(y.gradFn) : undefined;
}

/**
 * Computes the gradient of the input of {@linkcode gelu}: `dX = dY · gelu'(x)`.
 *
 * @param x The input.
 * @param dY Gradient of the output, of `x`'s shape.
 * @param approximate The approximation of Φ.
 * @returns The gradient, of `x`'s shape.
 */
export function geluBackward(
  x: Tensor,
  dY: Tensor,
  approximate: "none" | "tanh" = "none",
): Tensor {
  const dX = new Tensor(x.device, x.shape);
  dispatchElementwise(KERNELS[approximate].backward, [x, dY, dX]);
  return dX;
}
