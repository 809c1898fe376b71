/**
 * ModernBERT with a classifier over whole sequences.
 *
 * @module
 */
import type { LayerNorm } from "../../nn/layer_norm.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import type { OnnxLayers } from "../../onnx/layers.ts";
import { dropout } from "../../ops/dropout.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ACT2FN, type Activation } from "../activations.ts";
import { type EncodedTokens, firstTokens } from "../padding.ts";
import { meanPooling } from "../pooling.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { ForSequenceClassification } from "../sequence_classification.ts";
import { ModernBertLayerFactory } from "./layers.ts";
import { ModernBertModel } from "./modernbert.ts";
import { ModernBertConfig } from "./modernbert_config.ts";
import { addModernBertClassifier } from "./onnx.ts";

/** Linear layer, activation and LayerNorm, before a classifier. */
export class ModernBertPredictionHead extends Module {
  /** Linear layer, `[H, H]`. */
  readonly dense: Linear;
  /** LayerNorm over H. */
  readonly norm: LayerNorm;
  readonly #activation: Activation;

  /** Makes the layer with random weights. */
  constructor(layers: ModernBertLayerFactory, config: ModernBertConfig) {
    super();
    const { hiddenSize, classifierBias, classifierActivation } = config;
    this.dense = layers.outputLinear(hiddenSize, hiddenSize, classifierBias);
    this.norm = layers.layerNorm();
    this.#activation = ACT2FN[classifierActivation]!;
  }

  /** `[B, H]` to `[B, H]`. */
  forward(pooled: Tensor): Tensor {
    return this.norm.forward(this.#activation(this.dense, pooled));
  }
}

/**
 * ModernBERT with a classifier over the first token or the mean of all tokens.
 * {@linkcode ForSequenceClassification.forward} classifies a batch. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class ModernBertForSequenceClassification
  extends ForSequenceClassification<ModernBertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string =
    "ModernBertForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof ModernBertConfig =
    ModernBertConfig;
  /** The encoder. */
  readonly model: ModernBertModel;
  /** Layers before the classifier. */
  readonly head: ModernBertPredictionHead;
  /** Classifier, `[numLabels, H]`. */
  readonly classifier: Linear;

  /** Makes a model with random weights. */
  constructor(config: ModernBertConfig, options: ModelOptions) {
    super(config);
    this.model = new ModernBertModel(config, options);
    const layers = new ModernBertLayerFactory(config, options, 1);
    this.head = new ModernBertPredictionHead(layers, config);
    this.classifier = layers.classifier();
  }

  /** Adds the model to an ONNX graph. */
  static override addToGraph(
    layers: OnnxLayers,
    config: ModernBertConfig,
  ): void {
    addModernBertClassifier(layers, config);
  }

  /** The encoder. */
  protected override get baseModel(): ModernBertModel {
    return this.model;
  }

  /** Applies the head; returns `[B, numLabels]`. */
  protected override logits(encoded: EncodedTokens): Tensor {
    const { classifierPooling, classifierDropout } = this.config;
    const pool = classifierPooling === "mean" ? meanPooling : firstTokens;
    const key = this.model.dropoutKey(classifierDropout);
    const pooled = this.head.forward(pool(encoded)); // [B, H]
    return this.classifier.forward(dropout(pooled, key));
  }
}
