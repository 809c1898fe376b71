/**
 * DistilBERT with a classifier over whole sequences.
 *
 * @module
 */
import type { Linear } from "../../nn/linear.ts";
import type { OnnxLayers } from "../../onnx/layers.ts";
import { dropout } from "../../ops/dropout.ts";
import { relu } from "../../ops/relu.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { addBertClassifier, type BertNames } from "../bert/onnx.ts";
import { LayerFactory } from "../layer_factory.ts";
import { type EncodedTokens, firstTokens } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { ForSequenceClassification } from "../sequence_classification.ts";
import { DistilBertModel } from "./distilbert.ts";
import { DistilBertConfig } from "./distilbert_config.ts";

const ONNX_NAMES: BertNames = {
  embeddings: "distilbert.embeddings",
  layers: "distilbert.transformer.layer",
  layer: {
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    attentionOutput: "attention.out_lin",
    attentionNorm: "sa_layer_norm",
    intermediate: "ffn.lin1",
    output: "ffn.lin2",
    outputNorm: "output_layer_norm",
  },
  pooler: "pre_classifier",
  poolerActivation: "Relu",
};

/**
 * DistilBERT with two linear layers over the first token.
 * {@linkcode ForSequenceClassification.forward} classifies a batch. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class DistilBertForSequenceClassification
  extends ForSequenceClassification<DistilBertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string =
    "DistilBertForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof DistilBertConfig =
    DistilBertConfig;
  /** The encoder. */
  readonly distilbert: DistilBertModel;
  /** First layer of the head, `[H, H]`. */
  readonly preClassifier: Linear;
  /** Classifier, `[numLabels, H]`. */
  readonly classifier: Linear;

  /** Makes a model with random weights. */
  constructor(config: DistilBertConfig, options: ModelOptions) {
    super(config);
    this.distilbert = new DistilBertModel(config, options);
    const layers = LayerFactory.forHead(config, options);
    this.preClassifier = this.named(
      "pre_classifier",
      layers.linear(config.dim, config.dim),
    );
    this.classifier = layers.linear(config.dim, config.numLabels);
  }

  /** Adds the model to an ONNX graph. */
  static override addToGraph(
    layers: OnnxLayers,
    config: DistilBertConfig,
  ): void {
    addBertClassifier(layers, config, ONNX_NAMES);
  }

  /** The encoder. */
  protected override get baseModel(): DistilBertModel {
    return this.distilbert;
  }

  /** Applies the head; returns `[B, numLabels]`. */
  protected override logits(encoded: EncodedTokens): Tensor {
    const pooled = relu(this.preClassifier.forward(firstTokens(encoded)));
    const key = this.distilbert.dropoutKey(this.config.seqClassifDropout);
    return this.classifier.forward(dropout(pooled, key));
  }
}
