/**
 * Activations as ONNX nodes, in the form that onnxruntime fuses.
 *
 * @module
 */
import type { OnnxLayers } from "./layers.ts";

type ActivationNodes = (layers: OnnxLayers, x: string) => string;

/** `x/2 · (1 + erf(x/√2))` */
const gelu: ActivationNodes = (layers, x) => {
  const { graph } = layers;
  const scaled = graph.node("Div", [x, layers.scalar(Math.SQRT2)]);
  const erf = graph.node("Erf", [scaled]);
  const sum = graph.node("Add", [erf, layers.scalar(1)]);
  const product = graph.node("Mul", [x, sum]);
  return graph.node("Mul", [product, layers.scalar(0.5)]);
};

/** `x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))` */
const geluTanh: ActivationNodes = (layers, x) => {
  const { graph } = layers;
  const cube = graph.node("Pow", [x, layers.scalar(3)]);
  const scaled = graph.node("Mul", [cube, layers.scalar(0.044715)]);
  const inner = graph.node("Mul", [
    graph.node("Add", [x, scaled]),
    layers.scalar(Math.sqrt(2 / Math.PI)),
  ]);
  const tanh = graph.node("Tanh", [inner]);
  const sum = graph.node("Add", [tanh, layers.scalar(1)]);
  const half = graph.node("Mul", [x, layers.scalar(0.5)]);
  return graph.node("Mul", [half, sum]);
};

/** Activations by their names in `config.json`. */
export const ACTIVATIONS: Readonly<Record<string, ActivationNodes>> = {
  "gelu": gelu,
  "gelu_new": geluTanh,
  "gelu_pytorch_tanh": geluTanh,
  "relu": ({ graph }, x) => graph.node("Relu", [x]),
};
