/**
 * A linear layer.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { Device } from "../gpu/device.ts";
import { accumulate } from "../ops/accumulate.ts";
import { addLinear } from "../ops/add_linear.ts";
import { dropout } from "../ops/dropout.ts";
import type { DropoutKey } from "../ops/dropout_key.ts";
import { gelu } from "../ops/gelu.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import { matmul } from "../ops/matmul.ts";
import { mul } from "../ops/mul.ts";
import { noGrad } from "../tensor/autograd.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { constant, type Init, Initializer, uniform } from "./init.ts";
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

/** Options of {@linkcode Linear.forward}. */
export interface LinearForwardOptions extends LinearOptions {
  /**
   * Returns the key of the next dropout, as the context of an encoder does: an update
   * with dropout needs it.
   */
  readonly dropoutKey?: (p: number) => DropoutKey;
}

/** Names of the parameters of low-rank updates, in checkpoints of peft too. */
export const LORA_PARAMETER = /\.lora_[AB]\.weight$/;

/** Settings of a low-rank update of a weight. */
export interface LoraSettings {
  /** Rank of the update, a whole number from 1. */
  readonly r: number;
  /** The update is scaled by `alpha / r`. */
  readonly alpha: number;
  /** Dropout of the input of A. */
  readonly dropout: number;
}

/**
 * `y = x Wᵀ + b`, as `torch.nn.Linear`; with a low-rank update
 * `y = x Wᵀ + b + alpha/r · dropout(x) Aᵀ Bᵀ`, as peft's `lora.Linear`.
 *
 * Source: Hu et al. 2021, https://arxiv.org/abs/2106.09685
 */
export class Linear extends Module {
  /** The weight, `[O, I]`. */
  readonly weight: Parameter;
  /** The bias, `[O]`; `undefined` if the layer has none. */
  readonly bias: Parameter | undefined;
  /** A of the low-rank update, `[r, I]`, if there is one. */
  loraA: Linear | undefined;
  /** B of the low-rank update, `[O, r]`, if there is one. */
  loraB: Linear | undefined;
  #lora: LoraSettings | undefined;

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
  forward(x: Tensor, options: LinearForwardOptions = {}): Tensor {
    return Linear.concat(x, [this], options);
  }

  /**
   * Applies several layers to the same input: one product, where their weights are
   * contiguous in memory.
   *
   * @param x Input, `[..., I]`.
   * @param layers The layers, all with a bias or all without.
   * @param options Activation, and keys of dropout.
   * @returns Their outputs, concatenated, `[..., ΣOᵢ]`.
   */
  static concat(
    x: Tensor,
    layers: readonly Linear[],
    options: LinearForwardOptions = {},
  ): Tensor {
    const weights = layers.map(({ weight }) => weight);
    const biases = layers.flatMap(({ bias }) => bias ?? []);
    if (layers.every((layer) => !layer.#lora)) {
      return linear(x, weights, biases, options);
    }
    const u = linear(x, weights, biases);
    let column = 0;
    for (const layer of layers) {
      layer.#addUpdate(u, x, column, options);
      column += layer.weight.shape[0]!;
    }
    if (!options.activation) return u;
    const y = gelu(u);
    if (!y.requiresGrad) u.dispose();
    return y;
  }

  /**
   * Adds a low-rank update of the weight, which is 0 at first: A has the initial
   * values of a linear layer, B is 0.
   *
   * @param settings Rank, scale and dropout.
   * @param initializer Source of random numbers for A.
   */
  addLora(settings: LoraSettings, initializer: Initializer): void {
    const { device, shape: [outputs = 0, inputs = 0] } = this.weight;
    const { r } = settings;
    const options = { bias: false, initializer };
    const a = new Linear(device, inputs, r, options);
    const b = new Linear(device, r, outputs, {
      ...options,
      weightInit: constant(0),
    });
    this.loraA = this.named("lora_A", a);
    this.loraB = this.named("lora_B", b);
    this.#lora = settings;
  }

  /** Adds the low-rank update to the weight, and removes it. */
  mergeLora(): void {
    const { weight, loraA, loraB } = this;
    if (!this.#lora || !loraA || !loraB) return;
    using _noGrad = noGrad();
    using _scope = weight.device.scope();
    const { r, alpha } = this.#lora;
    const product = matmul(loraB.weight, loraA.weight); // [O, I]
    accumulate({ tensor: weight, accumulate: true }, mul(product, alpha / r));
    this.loraA = this.loraB = this.#lora = undefined;
  }

  /** Adds the update to the columns of `u` that are this layer's. */
  #addUpdate(
    u: Tensor,
    x: Tensor,
    column: number,
    { dropoutKey }: LinearForwardOptions,
  ): void {
    if (!this.#lora) return;
    const { r, alpha, dropout: p } = this.#lora;
    if (p > 0 && !dropoutKey) {
      throw new TypeError(
        "Cannot apply the dropout of a low-rank update: forward got no dropoutKey; pass the context of the encoder",
      );
    }
    const input = p > 0 ? dropout(x, dropoutKey!(p)) : x;
    const hidden = this.loraA!.forward(input); // [..., r]
    const scaled = alpha === r ? hidden : mul(hidden, alpha / r);
    addLinear(u, scaled, this.loraB!.weight, column);
  }
}
