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

const KERNELS = {
  none: kernels("gelu", geluFunctions),
  tanh: kernels("gelu_tanh", geluTanhFunctions),
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
  dispatchElementwise(KERNELS[approximate].forward, [x, y]);
  return recordGelu(x, y, approximate);
}

/** What exact GELU was applied to, by the record of it. */
const EXACT_INPUTS = new WeakMap<GradFn, Tensor>();

/**
 * Records that `y` is {@linkcode gelu} of `x`, however it was computed.
 *
 * @param x The input.
 * @param y The output, of `x`'s shape.
 * @param approximate How Φ was computed.
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
 * Tells what exact GELU was applied to, so that an op that reads its result
 * can give its gradient in the same pass as its own.
 *
 * @param y A tensor.
 * @returns The input, if `y` was recorded as exact GELU of it and needs a gradient.
 */
export function geluInput(y: Tensor): Tensor | undefined {
  return y.requiresGrad && y.gradFn ? EXACT_INPUTS.get(y.gradFn) : undefined;
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
  dispatchElementwise(KERNELS[approximate].backward, [x, dY, dX]);
  return dX;
}
