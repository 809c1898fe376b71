/**
 * MPNet with a classifier over whole sequences.
 *
 * @module
 */
import type { OnnxLayers } from "../../onnx/layers.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { addBertClassifier, BERT_NAMES } from "../bert/onnx.ts";
import { ClassificationHead } from "../classification_head.ts";
import { LayerFactory } from "../layer_factory.ts";
import type { EncodedTokens } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { addBuckets } from "../relative_distances.ts";
import { ForSequenceClassification } from "../sequence_classification.ts";
import { MPNetModel } from "./mpnet.ts";
import { MPNetConfig, relativePositionBucket } from "./mpnet_config.ts";

/**
 * MPNet with a classification head. {@linkcode ForSequenceClassification.forward}
 * classifies a batch. Made by {@linkcode PreTrainedModel.fromConfig}, loaded and
 * saved by {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class MPNetForSequenceClassification
  extends ForSequenceClassification<MPNetConfig> {
  /** The class in transformers. */
  static override readonly architecture: string =
    "MPNetForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof MPNetConfig = MPNetConfig;
  /** The encoder. */
  readonly mpnet: MPNetModel;
  /** The head. */
  readonly classifier: ClassificationHead;

  /** Makes a model with random weights. */
  constructor(config: MPNetConfig, options: ModelOptions) {
    super(config);
    this.mpnet = new MPNetModel(config, options);
    const layers = LayerFactory.forHead(config, options);
    this.classifier = new ClassificationHead(layers, config, "tanh");
  }

  /** Adds the model to an ONNX graph. */
  static override addToGraph(layers: OnnxLayers, config: MPNetConfig): void {
    addBertClassifier(
      layers,
      config,
      {
        ...BERT_NAMES,
        embeddings: "mpnet.embeddings",
        layers: "mpnet.encoder.layer",
        layer: {
          ...BERT_NAMES.layer,
          query: "attention.attn.q",
          key: "attention.attn.k",
          value: "attention.attn.v",
          attentionOutput: "attention.attn.o",
          attentionNorm: "attention.LayerNorm",
        },
        pooler: "classifier.dense",
        classifier: "classifier.out_proj",
      },
      (layers, ids) => addBias(layers, config, ids),
    );
  }

  /** The encoder. */
  protected override get baseModel(): MPNetModel {
    return this.mpnet;
  }

  /** Applies the head; returns `[B, numLabels]`. */
  protected override logits(encoded: EncodedTokens): Tensor {
    return this.classifier.forward(encoded, (p) => this.mpnet.dropoutKey(p));
  }
}

/** Adds the bias of all layers by distance, `[A, S, S]`. */
function addBias(
  layers: OnnxLayers,
  config: MPNetConfig,
  ids: string,
): string {
  const { graph } = layers;
  const { numAttentionHeads, relativeAttentionNumBuckets, maxSeqLength } =
    config;
  const table = layers.parameter(
    "mpnet.encoder.relative_attention_bias.weight",
    [relativeAttentionNumBuckets, numAttentionHeads],
  );
  const { ofPairs } = addBuckets(
    layers,
    ids,
    maxSeqLength,
    relativePositionBucket,
  );
  const rows = graph.node("Gather", [table, ofPairs]); // [S, S, A]
  return graph.node("Transpose", [rows], { perm: { ints: [2, 0, 1] } });
}
