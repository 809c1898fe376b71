/**
 * A linear layer.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { Device } from "../gpu/device.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Init, Initializer, uniform } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Initializer of layers that are made without one. */
export const DEFAULT_INITIALIZER = new Initializer(0);

/** Options of {@linkcode Linear}. */
export interface LinearLayerOptions {
  /**
   * Whether the layer has a bias.
   *
   * @default true
   */
  bias?: boolean;
  /**
   * Source of random numbers for the initial values.
   *
   * @default An initializer with seed 0 that all layers share.
   */
  initializer?: Initializer;
  /**
   * Distribution of the initial weights.
   *
   * @default Uniform over ±1/√inFeatures, as in `torch.nn.Linear`.
   */
  weightInit?: Init;
  /**
   * Distribution of the initial biases.
   *
   * @default Uniform over ±1/√inFeatures, as in `torch.nn.Linear`.
   */
  biasInit?: Init;
}

const OPTIONS: OptionNames<LinearLayerOptions> = {
  bias: true,
  initializer: true,
  weightInit: true,
  biasInit: true,
};

/** `y = x Wᵀ + b`, as `torch.nn.Linear`. */
export class Linear extends Module {
  /** The weight, `[O, I]`. */
  readonly weight: Parameter;
  /** The bias, `[O]`; `undefined` if the layer has none. */
  readonly bias: Parameter | undefined;

  /**
   * Makes a linear layer.
   *
   * @param device The device.
   * @param inFeatures Size I of an input row.
   * @param outFeatures Size O of an output row.
   * @param options Bias and initial values.
   */
  constructor(
    device: Device,
    inFeatures: number,
    outFeatures: number,
    options: LinearLayerOptions = {},
  ) {
    super();
    checkOptions("make a Linear", options, OPTIONS, "{ bias: false }");
    const { initializer = DEFAULT_INITIALIZER, bias = true } = options;
    const defaultInit = uniform(1 / Math.sqrt(inFeatures));
    this.weight = new Parameter(
      device,
      [outFeatures, inFeatures],
      initializer.next(options.weightInit ?? defaultInit),
    );
    this.bias = bias
      ? new Parameter(
        device,
        [outFeatures],
        initializer.next(options.biasInit ?? defaultInit),
      )
      : undefined;
  }

  /** Applies the layer to `x`, `[..., I]`; returns `[..., O]`. */
  forward(x: Tensor, options: LinearOptions = {}): Tensor {
    return linear(x, this.weight, this.bias, options);
  }
}
