/**
 * ELECTRA: BERT's layers, with embeddings of another size and another head.
 *
 * Source: Clark et al. 2020, https://arxiv.org/abs/2003.10555, and
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/electra/modeling_electra.py
 *
 * @module
 */
import type { Linear } from "../../nn/linear.ts";
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
import { ElectraConfig } from "./electra_config.ts";

/**
 * The encoder, without a head. Made by {@linkcode PreTrainedModel.fromConfig},
 * loaded and saved by {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class ElectraModel extends Encoder<ElectraConfig> {
  /** The class in transformers. */
  static override readonly architecture: string = "ElectraModel";
  /** The configuration class. */
  static override readonly configClass: typeof ElectraConfig = ElectraConfig;
  /** Embeddings, of size E. */
  readonly embeddings: BertEmbeddings;
  /** Projection of the embeddings, `[H, E]`, if E differs from H. */
  readonly embeddingsProject: Linear | undefined;
  /** Layers. */
  readonly encoder: BertEncoder;

  /** Makes a model with random weights. */
  constructor(config: ElectraConfig, options: ModelOptions) {
    super(config, options);
    const { embeddingSize, hiddenSize } = config;
    const layers = new LayerFactory(options.device, config, options.seed ?? 0);
    this.embeddings = new BertEmbeddings(layers, config);
    this.embeddingsProject = embeddingSize === hiddenSize
      ? undefined
      : this.named(
        "embeddings_project",
        layers.linear(embeddingSize, hiddenSize),
      );
    this.encoder = new BertEncoder(layers, config);
  }

  /** Embeddings and their projection, and each layer. */
  override get layersInOrder(): readonly (readonly Module[])[] {
    const { embeddings, embeddingsProject, encoder } = this;
    return [
      embeddingsProject ? [embeddings, embeddingsProject] : [embeddings],
      ...encoder.layer.map((layer) => [layer]),
    ];
  }

  /** Applies embeddings and layers; returns `[T, H]`. */
  protected override hiddenStates(
    tokens: Uint32Array<ArrayBuffer>,
    context: ForwardContext,
  ): Tensor {
    const embedded = this.embeddings.forward(tokens, context); // [T, E]
    const projected = this.embeddingsProject?.forward(embedded, context) ??
      embedded;
    return this.encoder.forward(projected, context);
  }
}

/**
 * ELECTRA with a classification head. {@linkcode ForSequenceClassification.forward}
 * classifies a batch. Made by {@linkcode PreTrainedModel.fromConfig}, loaded and
 * saved by {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class ElectraForSequenceClassification
  extends ForSequenceClassification<ElectraConfig> {
  /** The class in transformers. */
  static override readonly architecture: string =
    "ElectraForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof ElectraConfig = ElectraConfig;
  /** The encoder. */
  readonly electra: ElectraModel;
  /** The head. */
  readonly classifier: ClassificationHead;

  /** Makes a model with random weights. */
  constructor(config: ElectraConfig, options: ModelOptions) {
    super(config);
    this.electra = new ElectraModel(config, options);
    const layers = LayerFactory.forHead(config, options);
    this.classifier = new ClassificationHead(layers, config, "gelu");
  }

  /** Adds the model to an ONNX graph. */
  static override addToGraph(layers: OnnxLayers, config: ElectraConfig): void {
    const hasProjection = config.embeddingSize !== config.hiddenSize;
    addBertClassifier(layers, config, {
      ...BERT_NAMES,
      embeddings: "electra.embeddings",
      ...hasProjection && { projection: "electra.embeddings_project" },
      layers: "electra.encoder.layer",
      pooler: "classifier.dense",
      poolerActivation: "Gelu",
      classifier: "classifier.out_proj",
    });
  }

  /** The encoder. */
  protected override get baseModel(): ElectraModel {
    return this.electra;
  }

  /** Applies the head; returns `[B, numLabels]`. */
  protected override logits(encoded: EncodedTokens): Tensor {
    return this.classifier.forward(
      encoded,
      (p) => this.electra.dropoutKey(p),
    );
  }
}
