import type { Tensor } from "../../lib/tensor/tensor.ts";
import type { LinearOptions } from "../../lib/ops/linear.ts";
import { numel, type Shape } from "../../lib/tensor/tensor.ts";
import { values } from "../helpers/check_op.ts";

/** A layer on the host: its input, and one or several weights and biases. */
export interface Layer {
  readonly x: number[];
  readonly weights: number[][];
  /** Empty for a layer without a bias. */
  readonly biases: number[][];
}

export interface Case extends LinearOptions {
  readonly x: Shape;
  readonly outputs: readonly number[];
  readonly bias: boolean;
}

/** Values in [-1, 1]; weights in ±1/√I, so that the sums are in that range too. */
export function layer({ x, outputs, bias }: Case): Layer {
  const inputs = x.at(-1)!;
  const scaled = (length: number, seed: number, scale: number) =>
    values(length, seed).map((v) => Math.fround(v / 2 * scale));
  return {
    x: scaled(numel(x), 0, 1),
    weights: outputs.map((o, i) =>
      scaled(o * inputs, 1 + i, 2 / Math.sqrt(inputs))
    ),
    biases: bias ? outputs.map((o, i) => scaled(o, 4 + i, 1)) : [],
  };
}

/** The normal distribution Φ, by its series of positive terms (Marsaglia 2004). */
export function phi(x: number): number {
  let [sum, term] = [x, x];
  for (let i = 3; sum !== sum + term; i += 2) sum += term *= x * x / i;
  return 0.5 + sum * density(x);
}

export const density = (x: number) =>
  Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);

/** u = x Wᵀ + b for every row and output, in plain f64 loops. */
export function preactivation({ x, weights, biases }: Layer, inputs: number) {
  const W = weights.flat();
  const b = biases.flat();
  const outputs = W.length / inputs;
  return Array.from({ length: x.length / inputs * outputs }, (_, at) => {
    const [r, o] = [Math.floor(at / outputs), at % outputs];
    let u = b[o] ?? 0;
    for (let i = 0; i < inputs; i++) {
      u += x[r * inputs + i]! * W[o * inputs + i]!;
    }
    return u;
  });
}

export function reference(host: Layer, { x, activation }: Case): number[] {
  const u = preactivation(host, x.at(-1)!);
  return activation ? u.map((v) => v * phi(v)) : u;
}

/** The gradients of Σ dY · y in f64; those of several weights are concatenated. */
export function referenceBackward(
  host: Layer,
  { x: shape, activation }: Case,
  dY: number[],
): { dX: number[]; dW: number[]; dB: number[] } {
  const inputs = shape.at(-1)!;
  const { x } = host;
  const W = host.weights.flat();
  const outputs = W.length / inputs;
  const dX: number[] = new Array(x.length).fill(0);
  const dW: number[] = new Array(W.length).fill(0);
  const dB: number[] = new Array(outputs).fill(0);
  preactivation(host, inputs).forEach((u, at) => {
    const [r, o] = [Math.floor(at / outputs), at % outputs];
    const dU = dY[at]! * (activation ? phi(u) + u * density(u) : 1);
    dB[o]! += dU;
    for (let i = 0; i < inputs; i++) {
      dX[r * inputs + i]! += dU * W[o * inputs + i]!;
      dW[o * inputs + i]! += dU * x[r * inputs + i]!;
    }
  });
  return { dX, dW, dB };
}

/** Name of a case. */
export const nameOf = ({ x, outputs, bias, activation }: Case) =>
  `[${x}] to ${outputs.join("+")}${bias ? ", bias" : ""}${
    activation ? `, ${activation}` : ""
  }`;

/** The gradients of several tensors, concatenated. */
export async function gradients(tensors: readonly Tensor[]): Promise<number[]> {
  const arrays = await Promise.all(tensors.map((t) => t.grad!.toArray()));
  return arrays.flatMap((array) => [...array]);
}
