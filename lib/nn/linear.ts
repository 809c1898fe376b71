/**
 * A linear layer.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Init, Initializer, uniform } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Where layers that are given no initialiser take their values from. */
export const DEFAULT_INITIALIZER = new Initializer(0);

/** Options of {@linkcode Linear}. */
export interface LinearLayerOptions {
  /**
   * Whether there is a bias.
   *
   * @default true
   */
  bias?: boolean;
  /**
   * Random numbers for the initial values.
   *
   * @default One for all layers, seed 0.
   */
  initializer?: Initializer;
  /**
   * Initial values of the weight.
   *
   * @default Uniform over ±1/√inFeatures, as in `torch.nn.Linear`.
   */
  weightInit?: Init;
  /**
   * Initial values of the bias.
   *
   * @default Uniform over ±1/√inFeatures, as in `torch.nn.Linear`.
   */
  biasInit?: Init;
}

/** `y = x Wᵀ + b`, as `torch.nn.Linear`. */
export class Linear extends Module {
  /** The weight, `[O, I]`. */
  readonly weight: Parameter;
  /** The bias, `[O]`. */
  readonly bias: Parameter | undefined;

  /**
   * Makes a layer.
   *
   * @param device Where.
   * @param inFeatures Size of the input I.
   * @param outFeatures Size of the output O.
   * @param options Bias and initial values.
   */
  constructor(
    device: Device,
    inFeatures: number,
    outFeatures: number,
    options: LinearLayerOptions = {},
  ) {
    super();
    const { initializer = DEFAULT_INITIALIZER, bias = true } = options;
    const byDefault = uniform(1 / Math.sqrt(inFeatures));
    this.weight = new Parameter(
      device,
      [outFeatures, inFeatures],
      initializer.next(options.weightInit ?? byDefault),
    );
    this.bias = bias
      ? new Parameter(
        device,
        [outFeatures],
        initializer.next(options.biasInit ?? byDefault),
      )
      : undefined;
  }

  /** Applies the layer to `[..., I]`; gives `[..., O]`. */
  forward(x: Tensor, options: LinearOptions = {}): Tensor {
    return linear(x, this.weight, this.bias, options);
  }
}
