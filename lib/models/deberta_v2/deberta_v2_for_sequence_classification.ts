/**
 * DeBERTa-v2 with a classifier over whole sequences.
 *
 * @module
 */
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import type { OnnxLayers } from "../../onnx/layers.ts";
import { dropout } from "../../ops/dropout.ts";
import type { DropoutKey } from "../../ops/dropout_key.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ACT2FN, type Activation } from "../activations.ts";
import { LayerFactory } from "../layer_factory.ts";
import { type EncodedTokens, firstTokens } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { ForSequenceClassification } from "../sequence_classification.ts";
import { DebertaV2Model } from "./deberta_v2.ts";
import { DebertaV2Config } from "./deberta_v2_config.ts";
import { addDebertaV2Classifier } from "./onnx.ts";

/** Pools the first token of each row: dropout, linear layer and activation. */
export class ContextPooler extends Module {
  /** Linear layer, `[H, H]`. */
  readonly dense: Linear;
  readonly #activation: Activation;
  readonly #dropout: number;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: DebertaV2Config) {
    super();
    this.dense = layers.linear(config.hiddenSize, config.hiddenSize);
    this.#activation = ACT2FN[config.poolerHiddenAct]!;
    this.#dropout = config.poolerDropout;
  }

  /** Returns one vector for each row, `[B, H]`; `dropoutKey` is that of the encoder. */
  forward(
    encoded: EncodedTokens,
    dropoutKey: (p: number) => DropoutKey,
  ): Tensor {
    const first = dropout(firstTokens(encoded), dropoutKey(this.#dropout));
    return this.#activation(this.dense, first);
  }
}

/**
 * DeBERTa-v2 or DeBERTa-v3 with a linear classifier over the pooled first token.
 * {@linkcode ForSequenceClassification.forward} classifies a batch. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class DebertaV2ForSequenceClassification
  extends ForSequenceClassification<DebertaV2Config> {
  /** The class in transformers. */
  static override readonly architecture: string =
    "DebertaV2ForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof DebertaV2Config =
    DebertaV2Config;
  /** The encoder. */
  readonly deberta: DebertaV2Model;
  /** Pooler. */
  readonly pooler: ContextPooler;
  /** Classifier, `[numLabels, H]`. */
  readonly classifier: Linear;

  /** Makes a model with random weights. */
  constructor(config: DebertaV2Config, options: ModelOptions) {
    super(config);
    this.deberta = new DebertaV2Model(config, options);
    const layers = LayerFactory.forHead(config, options);
    this.pooler = new ContextPooler(layers, config);
    this.classifier = layers.linear(config.hiddenSize, config.numLabels);
  }

  /** Adds the model to an ONNX graph. */
  static override addToGraph(
    layers: OnnxLayers,
    config: DebertaV2Config,
  ): void {
    addDebertaV2Classifier(layers, config);
  }

  /** The encoder. */
  protected override get baseModel(): DebertaV2Model {
    return this.deberta;
  }

  /** Applies the head; returns `[B, numLabels]`. */
  protected override logits(encoded: EncodedTokens): Tensor {
    const { clsDropout, hiddenDropoutProb } = this.config;
    const dropoutKey = (p: number) => this.deberta.dropoutKey(p);
    const pooled = this.pooler.forward(encoded, dropoutKey);
    const key = dropoutKey(clsDropout ?? hiddenDropoutProb);
    return this.classifier.forward(dropout(pooled, key));
  }
}
