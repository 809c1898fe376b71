/**
 * Layers with the initial values of BERT-like models.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { Embedding } from "../nn/embedding.ts";
import { constant, Initializer, normal } from "../nn/init.ts";
import { LayerNorm } from "../nn/layer_norm.ts";
import { Linear } from "../nn/linear.ts";
import { Parameter } from "../nn/parameter.ts";

/** Settings of a {@linkcode LayerFactory}. */
export interface LayerSettings {
  /** Standard deviation of initial weights. */
  readonly initializerRange: number;
  /** Added to the variance in LayerNorm. */
  readonly layerNormEps: number;
}

/** Makes layers: weights from a normal distribution, biases 0, as transformers initialises BERT. */
export class LayerFactory {
  readonly #device: Device;
  readonly #settings: LayerSettings;
  readonly #initializer: Initializer;

  /**
   * Makes a factory; every parameter has its own random stream.
   *
   * @param device The device of the layers.
   * @param settings Standard deviation and epsilon.
   * @param seed Seed of the initial values, a whole number from 0.
   * @throws {RangeError} If the seed is not a whole number from 0.
   */
  constructor(device: Device, settings: LayerSettings, seed: number) {
    checkSeed(seed);
    this.#device = device;
    this.#settings = settings;
    this.#initializer = new Initializer(seed);
  }

  /**
   * Makes the factory of a head. Its seed is another one, so that the head's initial
   * values do not depend on the encoder's size.
   *
   * @param config Standard deviation and epsilon.
   * @param options Device and seed of the model.
   * @returns The factory.
   */
  static forHead(
    config: LayerSettings,
    { device, seed = 0 }: { readonly device: Device; readonly seed?: number },
  ): LayerFactory {
    return new LayerFactory(device, config, seed + 1);
  }

  /** A linear layer, `[..., I]` to `[..., O]`. */
  linear(inFeatures: number, outFeatures: number, bias = true): Linear {
    return new Linear(this.#device, inFeatures, outFeatures, {
      bias,
      initializer: this.#initializer,
      weightInit: normal(this.#settings.initializerRange),
      biasInit: constant(0),
    });
  }

  /** Layer normalisation over the last dimension. */
  layerNorm(size: number): LayerNorm {
    const { layerNormEps: eps } = this.#settings;
    return new LayerNorm(this.#device, size, { eps });
  }

  /** A bias outside a linear layer, `[size]`. */
  bias(size: number): Parameter {
    return new Parameter(this.#device, [size], constant(0));
  }

  /** An embedding table, `[numEmbeddings, embeddingDim]`. */
  embedding(
    numEmbeddings: number,
    embeddingDim: number,
    paddingIdx?: number,
  ): Embedding {
    return new Embedding(this.#device, numEmbeddings, embeddingDim, {
      initializer: this.#initializer,
      weightInit: normal(this.#settings.initializerRange),
      ...paddingIdx === undefined ? {} : { paddingIdx },
    });
  }
}

/**
 * Checks the seed of a model.
 *
 * @param seed The seed.
 * @throws {RangeError} If it is not a whole number from 0.
 */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `Cannot make a model with seed ${seed}: it must be a whole number from 0`,
    );
  }
}
