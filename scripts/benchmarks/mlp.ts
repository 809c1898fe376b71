/**
 * The case `mlp` of `bench.ts`: training steps of one block,
 *
 *     x [T, D] -> Linear I -> GELU (erf) -> Linear D -> + x -> LayerNorm
 *       -> cross-entropy over D classes -> backward -> AdamW
 *
 * with random numbers in the same order as benchmarks of other libraries, so that
 * the losses agree: 7.124 6.993 6.862 6.731 6.600 6.470.
 *
 * @module
 */
import {
  AdamW,
  crossEntropy,
  type Device,
  dropoutAddLayerNorm,
  fromArray,
  HostTensor,
  LayerNorm,
  Linear,
  Module,
  type Tensor,
} from "../../mod.ts";
import type { BenchOptions } from "./flags.ts";
import type { BenchResult } from "./result.ts";
import { benchSteps } from "./steps.ts";

const T = 512;
const D = 768;
const I = 3072;

/** The block. */
class Mlp extends Module {
  readonly up: Linear;
  readonly down: Linear;
  readonly layerNorm: LayerNorm;

  constructor(device: Device) {
    super();
    this.up = new Linear(device, D, I);
    this.down = new Linear(device, I, D);
    this.layerNorm = new LayerNorm(device, D);
  }

  forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this.layerNorm;
    const hidden = this.up.forward(x, { activation: "gelu" });
    const output = this.down.forward(hidden);
    return dropoutAddLayerNorm(output, x, weight, bias!, eps);
  }
}

/**
 * Times training steps of the block on one batch.
 *
 * @param device The device.
 * @param options Number of steps.
 * @param signal Ends the run after the current step.
 * @returns Times and losses.
 */
export function benchMlp(
  device: Device,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  // The linear congruential generator of Numerical Recipes, seed 1.
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const uniform = (length: number, bound: number) =>
    Float32Array.from({ length }, () => 2 * bound * random());

  const mlp = new Mlp(device);
  mlp.up.weight.load(transpose(uniform(D * I, 1 / Math.sqrt(D)), D, I));
  mlp.down.weight.load(transpose(uniform(I * D, 1 / Math.sqrt(I)), I, D));
  mlp.up.bias!.load(new Float32Array(I));
  mlp.down.bias!.load(new Float32Array(D));
  const x = fromArray(device, uniform(T * D, 1.7), [T, D]);
  const labels = HostTensor.from(
    Array.from({ length: T }, () => Math.floor((random() + 0.5) * D)),
  );
  const optimizer = new AdamW(mlp.parameters(), {
    lr: 1e-4,
    weightDecay: 0.01,
  });
  const step = () => {
    const loss = crossEntropy(mlp.forward(x), labels);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  };
  return benchSteps(device, () => step, options, signal);
}

/** Transposes `[rows, columns]` to `[columns, rows]`. */
function transpose(
  values: Float32Array,
  rows: number,
  columns: number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    values,
    (_, i) => values[i % rows * columns + Math.floor(i / rows)]!,
  );
}
