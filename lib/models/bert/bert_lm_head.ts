/**
 * BERT's masked-LM head.
 *
 * @module
 */
import type { LayerNorm } from "../../nn/layer_norm.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import type { Parameter } from "../../nn/parameter.ts";
import { linear } from "../../ops/linear.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ACT2FN, type Activation } from "../activations.ts";
import type { LayerFactory } from "../layer_factory.ts";
import type { PredictionHead } from "../masked_lm.ts";
import type { BertModel } from "./bert.ts";
import type { BertConfig } from "./bert_config.ts";

/** Linear layer of size H, activation, LayerNorm. */
export class BertPredictionHeadTransform extends Module {
  /** Linear layer, `[H, H]`. */
  readonly dense: Linear;
  /** LayerNorm over H. */
  readonly layerNorm: LayerNorm;
  readonly #activation: Activation;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, { hiddenSize, hiddenAct }: BertConfig) {
    super();
    this.dense = layers.linear(hiddenSize, hiddenSize);
    this.layerNorm = this.named("LayerNorm", layers.layerNorm(hiddenSize));
    this.#activation = ACT2FN[hiddenAct]!;
  }

  /** `[M, H]` to `[M, H]`. */
  forward(hiddenStates: Tensor): Tensor {
    return this.layerNorm.forward(this.#activation(this.dense, hiddenStates));
  }
}

/** Transform and decoder; the decoder's weight is tied to the word embeddings. */
export class BertLMPredictionHead extends Module implements PredictionHead {
  /** Transform before the decoder. */
  readonly transform: BertPredictionHeadTransform;
  /** Bias of the decoder, `[V]`. */
  readonly bias: Parameter;
  // Private, so that the tied weight is listed once, as part of the encoder.
  readonly #decoder: Parameter;

  /** Makes the head with random weights, tied to the word embeddings of an encoder. */
  constructor(layers: LayerFactory, { config, embeddings }: BertModel) {
    super();
    if (config.other("tie_word_embeddings") === false) {
      throw new RangeError(
        "Cannot make a masked-LM head: tie_word_embeddings of its config.json is false, and only a decoder that is tied to the word embeddings is supported",
      );
    }
    this.transform = new BertPredictionHeadTransform(layers, config);
    this.bias = layers.bias(config.vocabSize);
    this.#decoder = embeddings.wordEmbeddings.weight;
  }

  /** `[M, H]` to `[M, V]`. */
  forward(hiddenStates: Tensor): Tensor {
    const transformed = this.transform.forward(hiddenStates);
    return linear(transformed, this.#decoder, this.bias);
  }
}
