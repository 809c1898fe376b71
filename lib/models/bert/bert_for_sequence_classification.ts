/**
 * BERT with a classifier over whole sequences.
 *
 * @module
 */
import type { Linear } from "../../nn/linear.ts";
import type { OnnxLayers } from "../../onnx/layers.ts";
import { dropout } from "../../ops/dropout.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { LayerFactory } from "../layer_factory.ts";
import type { EncodedTokens } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { ForSequenceClassification } from "../sequence_classification.ts";
import { BertModel } from "./bert.ts";
import { BertConfig } from "./bert_config.ts";
import { addBertClassifier, BERT_NAMES } from "./onnx.ts";

/** BERT with a linear classifier over the pooled first token. */
export class BertForSequenceClassification
  extends ForSequenceClassification<BertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string =
    "BertForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof BertConfig = BertConfig;
  /** The encoder. */
  readonly bert: BertModel;
  /** Classifier, `[numLabels, H]`. */
  readonly classifier: Linear;

  /** Makes a model with random weights. */
  constructor(config: BertConfig, options: ModelOptions) {
    super(config);
    this.bert = new BertModel(config, options);
    // Another seed: the head's values do not depend on how many the encoder draws.
    const { device, seed = 0 } = options;
    this.classifier = new LayerFactory(device, config, seed + 1)
      .linear(config.hiddenSize, config.numLabels);
  }

  /** Adds the model to an ONNX graph. */
  static addToGraph(layers: OnnxLayers, config: BertConfig): void {
    addBertClassifier(layers, config, BERT_NAMES);
  }

  /** The encoder. */
  protected override get encoder(): BertModel {
    return this.bert;
  }

  /** Applies the head; returns `[B, numLabels]`. */
  protected override logits(encoded: EncodedTokens): Tensor {
    const { classifierDropout, hiddenDropoutProb } = this.config;
    const p = classifierDropout ?? hiddenDropoutProb;
    const pooled = this.bert.pool(encoded); // [B, H]
    return this.classifier.forward(dropout(pooled, this.bert.dropoutKey(p)));
  }
}
