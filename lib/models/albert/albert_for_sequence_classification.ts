/**
 * ALBERT with a classifier over whole sequences.
 *
 * @module
 */
import type { Linear } from "../../nn/linear.ts";
import type { OnnxLayers } from "../../onnx/layers.ts";
import { dropout } from "../../ops/dropout.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { addBertClassifier } from "../bert/onnx.ts";
import { LayerFactory } from "../layer_factory.ts";
import type { EncodedTokens } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { ForSequenceClassification } from "../sequence_classification.ts";
import { ALBERT_LAYER_NAMES, AlbertModel } from "./albert.ts";
import { AlbertConfig } from "./albert_config.ts";

/**
 * ALBERT with a linear classifier over the pooled first token.
 * {@linkcode ForSequenceClassification.forward} classifies a batch. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class AlbertForSequenceClassification
  extends ForSequenceClassification<AlbertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string =
    "AlbertForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof AlbertConfig = AlbertConfig;
  /** The encoder. */
  readonly albert: AlbertModel;
  /** Classifier, `[numLabels, H]`. */
  readonly classifier: Linear;

  /** Makes a model with random weights. */
  constructor(config: AlbertConfig, options: ModelOptions) {
    super(config);
    this.albert = new AlbertModel(config, options);
    this.classifier = LayerFactory.forHead(config, options)
      .linear(config.hiddenSize, config.numLabels);
  }

  /** Adds the model to an ONNX graph. */
  static override addToGraph(layers: OnnxLayers, config: AlbertConfig): void {
    const { numHiddenLayers, innerGroupNum } = config;
    const group = (i: number) =>
      `albert.encoder.albert_layer_groups.${config.groupOf(i)}`;
    addBertClassifier(layers, config, {
      embeddings: "albert.embeddings",
      projection: "albert.encoder.embedding_hidden_mapping_in",
      layers: Array.from(
        { length: numHiddenLayers * innerGroupNum },
        (_, i) =>
          `${group(Math.floor(i / innerGroupNum))}.albert_layers.${
            i % innerGroupNum
          }`,
      ),
      layer: ALBERT_LAYER_NAMES,
      pooler: "albert.pooler",
      poolerActivation: "Tanh",
    });
  }

  /** The encoder. */
  protected override get baseModel(): AlbertModel {
    return this.albert;
  }

  /** Applies the head; returns `[B, numLabels]`. */
  protected override logits(encoded: EncodedTokens): Tensor {
    const pooled = this.albert.pool(encoded); // [B, H]
    const key = this.albert.dropoutKey(this.config.classifierDropoutProb);
    return this.classifier.forward(dropout(pooled, key));
  }
}
