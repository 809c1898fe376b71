// A BERT with another name for its layers: an architecture as a folder.
import type { Linear } from "../../../lib/nn/linear.ts";
import type { Module } from "../../../lib/nn/module.ts";
import type { OnnxLayers } from "../../../lib/onnx/layers.ts";
import { dropout } from "../../../lib/ops/dropout.ts";
import { tanh } from "../../../lib/ops/tanh.ts";
import type { Tensor } from "../../../lib/tensor/tensor.ts";
import { BertLayer } from "../../../lib/models/bert/bert.ts";
import { BertEmbeddings } from "../../../lib/models/bert/embeddings.ts";
import { BertConfig } from "../../../lib/models/bert/bert_config.ts";
import {
  addBertClassifier,
  BERT_NAMES,
} from "../../../lib/models/bert/onnx.ts";
import {
  applyLayers,
  Encoder,
  type ForwardContext,
} from "../../../lib/models/encoder.ts";
import { LayerFactory } from "../../../lib/models/layer_factory.ts";
import {
  type EncodedTokens,
  firstTokens,
} from "../../../lib/models/padding.ts";
import type { ConfigSpec } from "../../../lib/models/config_spec.ts";
import type { ModelOptions } from "../../../lib/models/pretrained_model.ts";
import { ForSequenceClassification } from "../../../lib/models/sequence_classification.ts";

export class NanoBertConfig extends BertConfig {
  static override readonly spec: ConfigSpec = {
    ...BertConfig.spec,
    modelType: "nano_bert",
    className: "NanoBertConfig",
    baseModelPrefix: "nano",
  };
}

export class NanoBertModel extends Encoder<NanoBertConfig> {
  static override readonly architecture: string = "NanoBertModel";
  static override readonly configClass: typeof NanoBertConfig = NanoBertConfig;
  readonly embeddings: BertEmbeddings;
  readonly blocks: readonly BertLayer[];

  constructor(config: NanoBertConfig, options: ModelOptions) {
    super(config, options);
    const layers = new LayerFactory(options.device, config, options.seed ?? 0);
    this.embeddings = new BertEmbeddings(layers, config);
    this.blocks = Array.from(
      { length: config.numHiddenLayers },
      () => new BertLayer(layers, config),
    );
  }

  override get layersInOrder(): readonly (readonly Module[])[] {
    return [[this.embeddings], ...this.blocks.map((block) => [block])];
  }

  protected override hiddenStates(
    tokens: Uint32Array<ArrayBuffer>,
    context: ForwardContext,
  ): Tensor {
    const embedded = this.embeddings.forward(tokens, context);
    return applyLayers(this.blocks, embedded, context);
  }
}

export class NanoBertForSequenceClassification
  extends ForSequenceClassification<NanoBertConfig> {
  static override readonly architecture: string =
    "NanoBertForSequenceClassification";
  static override readonly configClass: typeof NanoBertConfig = NanoBertConfig;
  readonly nano: NanoBertModel;
  readonly pooler: Linear;
  readonly classifier: Linear;

  constructor(config: NanoBertConfig, options: ModelOptions) {
    super(config);
    const { hiddenSize, numLabels } = config;
    this.nano = new NanoBertModel(config, options);
    const layers = LayerFactory.forHead(config, options);
    this.pooler = layers.linear(hiddenSize, hiddenSize);
    this.classifier = layers.linear(hiddenSize, numLabels);
  }

  static override addToGraph(layers: OnnxLayers, config: NanoBertConfig): void {
    addBertClassifier(layers, config, {
      ...BERT_NAMES,
      embeddings: "nano.embeddings",
      layers: "nano.blocks",
      pooler: "pooler",
      poolerActivation: "Tanh",
    });
  }

  protected override get baseModel(): NanoBertModel {
    return this.nano;
  }

  protected override logits(encoded: EncodedTokens): Tensor {
    const pooled = tanh(this.pooler.forward(firstTokens(encoded)));
    const key = this.nano.dropoutKey(this.config.hiddenDropoutProb);
    return this.classifier.forward(dropout(pooled, key));
  }
}
