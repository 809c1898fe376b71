/**
 * Layers with the initial values of ModernBERT.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import { Embedding } from "../../nn/embedding.ts";
import { constant, Initializer, truncatedNormal } from "../../nn/init.ts";
import { LayerNorm } from "../../nn/layer_norm.ts";
import { Linear } from "../../nn/linear.ts";
import { checkSeed } from "../layer_factory.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import type { ModernBertConfig } from "./modernbert_config.ts";

/**
 * Makes layers: weights from a truncated normal distribution, biases 0, as
 * transformers initialises ModernBERT. Layers before a residual begin with smaller
 * weights.
 */
export class ModernBertLayerFactory {
  readonly #device: Device;
  readonly #config: ModernBertConfig;
  readonly #initializer: Initializer;

  /** Makes a factory; every parameter has its own random stream, of seed `options.seed` plus `head`. */
  constructor(
    config: ModernBertConfig,
    { device, seed = 0 }: ModelOptions,
    head = 0,
  ) {
    checkSeed(seed);
    this.#device = device;
    this.#config = config;
    this.#initializer = new Initializer(seed + head);
  }

  /** A linear layer, `[..., I]` to `[..., O]`. */
  linear(inFeatures: number, outFeatures: number, bias: boolean): Linear {
    const { initializerRange } = this.#config;
    return this.#linear(inFeatures, outFeatures, bias, initializerRange);
  }

  /** A linear layer before a residual or a head, `[..., I]` to `[..., O]`. */
  outputLinear(inFeatures: number, outFeatures: number, bias: boolean): Linear {
    const { initializerRange, numHiddenLayers } = this.#config;
    const deviation = initializerRange / Math.sqrt(2 * numHiddenLayers);
    return this.#linear(inFeatures, outFeatures, bias, deviation);
  }

  /** The last layer of a classifier, `[..., H]` to `[..., numLabels]`. */
  classifier(): Linear {
    const { hiddenSize, numLabels } = this.#config;
    return this.#linear(hiddenSize, numLabels, true, hiddenSize ** -0.5);
  }

  /** Layer normalisation over H. */
  layerNorm(): LayerNorm {
    const { hiddenSize, normEps: eps, normBias: bias } = this.#config;
    return new LayerNorm(this.#device, hiddenSize, { eps, bias });
  }

  /** The embedding table, `[V, H]`. */
  embedding(): Embedding {
    const { vocabSize, hiddenSize, padTokenId } = this.#config;
    return new Embedding(this.#device, vocabSize, hiddenSize, {
      initializer: this.#initializer,
      weightInit: this.#init(this.#config.initializerRange),
      ...padTokenId === null ? {} : { paddingIdx: padTokenId },
    });
  }

  #linear(
    inFeatures: number,
    outFeatures: number,
    bias: boolean,
    deviation: number,
  ): Linear {
    return new Linear(this.#device, inFeatures, outFeatures, {
      bias,
      initializer: this.#initializer,
      weightInit: this.#init(deviation),
      biasInit: constant(0),
    });
  }

  #init(deviation: number) {
    return truncatedNormal(deviation, this.#config.initializerCutoffFactor);
  }
}
