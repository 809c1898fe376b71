/**
 * Activations of the feed-forward block.
 *
 * @module
 */
import type { Linear } from "../nn/linear.ts";
import { gelu } from "../ops/gelu.ts";
import { relu } from "../ops/relu.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Applies a linear layer and an activation. */
export type Activation = (dense: Linear, x: Tensor) => Tensor;

const geluTanh: Activation = (dense, x) =>
  gelu(dense.forward(x), { approximate: "tanh" });

/** Activations by their names in `config.json`. */
export const ACT2FN: Readonly<Record<string, Activation>> = {
  "gelu": (dense, x) => dense.forward(x, { activation: "gelu" }),
  "gelu_new": geluTanh,
  "gelu_pytorch_tanh": geluTanh,
  "relu": (dense, x) => relu(dense.forward(x)),
};
