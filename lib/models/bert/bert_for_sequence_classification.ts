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

/**
 * BERT with a linear classifier over the pooled first token.
 * {@linkcode ForSequenceClassification.forward} classifies a batch. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 *
 * @example
 * ```ts
 * import {
 *   BertForSequenceClassification,
 *   noGrad,
 *   requestDevice,
 *   Tokenizer,
 *   dataCollatorWithPadding,
 * } from "@gradloop/gradloop";
 *
 * using device = await requestDevice();
 * const tokenizer = await Tokenizer.fromPretrained("data/model");
 * const model = await BertForSequenceClassification.fromPretrained(
 *   "data/model",
 *   { device, numLabels: 2 },
 * );
 * const batch = dataCollatorWithPadding(tokenizer)([
 *   tokenizer.encode("It rains.", "Rain is falling."),
 * ]);
 * using _noGrad = noGrad();
 * using _scope = device.scope();
 * console.log(await model.forward(batch).logits.toArray()); // [1, 2]
 * ```
 */
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
    this.classifier = LayerFactory.forHead(config, options)
      .linear(config.hiddenSize, config.numLabels);
  }

  /** Adds the model to an ONNX graph. */
  static override addToGraph(layers: OnnxLayers, config: BertConfig): void {
    addBertClassifier(layers, config, BERT_NAMES);
  }

  /** The encoder. */
  protected override get baseModel(): BertModel {
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
