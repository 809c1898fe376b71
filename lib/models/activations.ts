/**
 * Activations of the feed-forward block.
 *
 * @module
 */
import type { Linear, LinearForwardOptions } from "../nn/linear.ts";
import { gelu } from "../ops/gelu.ts";
import { relu } from "../ops/relu.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Applies a linear layer and an activation. */
export type Activation = (
  dense: Linear,
  x: Tensor,
  options?: Pick<LinearForwardOptions, "dropoutKey">,
) => Tensor;

const geluTanh: Activation = (dense, x, options) =>
  gelu(dense.forward(x, options), { approximate: "tanh" });

/** Activations by their names in `config.json`. */
export const ACT2FN: Readonly<Record<string, Activation>> = {
  "gelu": (dense, x, options) =>
    dense.forward(x, { ...options, activation: "gelu" }),
  "gelu_new": geluTanh,
  "gelu_pytorch_tanh": geluTanh,
  "relu": (dense, x, options) => relu(dense.forward(x, options)),
};
