/**
 * RoBERTa: BERT's layers, with positions that are counted from the one after the
 * padding token's, and another head.
 *
 * Source: Liu et al. 2019, https://arxiv.org/abs/1907.11692, and
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/roberta/modeling_roberta.py
 *
 * @module
 */
import type { Module } from "../../nn/module.ts";
import type { OnnxLayers } from "../../onnx/layers.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BertEncoder } from "../bert/bert.ts";
import { BertEmbeddings } from "../bert/embeddings.ts";
import { addBertClassifier, BERT_NAMES } from "../bert/onnx.ts";
import { ClassificationHead } from "../classification_head.ts";
import { Encoder, type ForwardContext } from "../encoder.ts";
import { LayerFactory } from "../layer_factory.ts";
import type { EncodedTokens } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { ForSequenceClassification } from "../sequence_classification.ts";
import { RobertaConfig } from "./roberta_config.ts";

/**
 * The encoder, without a head and without the pooler of checkpoints. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class RobertaModel extends Encoder<RobertaConfig> {
  /** The class in transformers. */
  static override readonly architecture: string = "RobertaModel";
  /** The configuration class. */
  static override readonly configClass: typeof RobertaConfig = RobertaConfig;
  /** Embeddings. */
  readonly embeddings: BertEmbeddings;
  /** Layers. */
  readonly encoder: BertEncoder;

  /** Makes a model with random weights. */
  constructor(config: RobertaConfig, options: ModelOptions) {
    super(config, options);
    const layers = new LayerFactory(options.device, config, options.seed ?? 0);
    this.embeddings = new BertEmbeddings(layers, config);
    this.encoder = new BertEncoder(layers, config);
  }

  /** Embeddings, and each layer. */
  override get layersInOrder(): readonly (readonly Module[])[] {
    return [[this.embeddings], ...this.encoder.layer.map((layer) => [layer])];
  }

  /** Applies embeddings and layers; returns `[T, H]`. */
  protected override hiddenStates(
    tokens: Uint32Array<ArrayBuffer>,
    context: ForwardContext,
  ): Tensor {
    const embedded = this.embeddings.forward(tokens, context);
    return this.encoder.forward(embedded, context);
  }
}

/**
 * RoBERTa with a classification head. {@linkcode ForSequenceClassification.forward}
 * classifies a batch. Made by {@linkcode PreTrainedModel.fromConfig}, loaded and
 * saved by {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class RobertaForSequenceClassification
  extends ForSequenceClassification<RobertaConfig> {
  /** The class in transformers. */
  static override readonly architecture: string =
    "RobertaForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof RobertaConfig = RobertaConfig;
  /** The encoder. */
  readonly roberta: RobertaModel;
  /** The head. */
  readonly classifier: ClassificationHead;

  /** Makes a model with random weights. */
  constructor(config: RobertaConfig, options: ModelOptions) {
    super(config);
    this.roberta = new RobertaModel(config, options);
    const layers = LayerFactory.forHead(config, options);
    this.classifier = new ClassificationHead(layers, config, "tanh");
  }

  /** Adds the model to an ONNX graph. */
  static override addToGraph(layers: OnnxLayers, config: RobertaConfig): void {
    addBertClassifier(layers, config, {
      ...BERT_NAMES,
      embeddings: "roberta.embeddings",
      layers: "roberta.encoder.layer",
      pooler: "classifier.dense",
      classifier: "classifier.out_proj",
    });
  }

  /** The encoder. */
  protected override get baseModel(): RobertaModel {
    return this.roberta;
  }

  /** Applies the head; returns `[B, numLabels]`. */
  protected override logits(encoded: EncodedTokens): Tensor {
    return this.classifier.forward(
      encoded,
      (p) => this.roberta.dropoutKey(p),
    );
  }
}
