/**
 * A layer normalisation layer.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { Device } from "../gpu/device.ts";
import { layerNorm } from "../ops/layer_norm.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { constant } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode LayerNorm}. */
export interface LayerNormOptions {
  /**
   * Added to the variance.
   *
   * @default 1e-5
   */
  eps?: number;
  /**
   * Whether the layer has a shift.
   *
   * @default true
   */
  bias?: boolean;
}

const OPTIONS: OptionNames<LayerNormOptions> = {
  eps: true,
  bias: true,
};

/** Normalises the last dimension, as `torch.nn.LayerNorm`. */
export class LayerNorm extends Module {
  /** The scale, `[C]`; initially 1. */
  readonly weight: Parameter;
  /** The shift, `[C]`, initially 0; `undefined` if the layer has none. */
  readonly bias: Parameter | undefined;
  /** Added to the variance. */
  readonly eps: number;

  /** Makes a layer for inputs with a last dimension of `size`. */
  constructor(device: Device, size: number, options: LayerNormOptions = {}) {
    super();
    checkOptions("make a LayerNorm", options, OPTIONS);
    this.eps = options.eps ?? 1e-5;
    this.weight = new Parameter(device, [size], constant(1));
    this.bias = options.bias ?? true
      ? new Parameter(device, [size], constant(0))
      : undefined;
  }

  /** Normalises `x`, `[..., C]`; returns the same shape. */
  forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, this.eps);
  }
}
