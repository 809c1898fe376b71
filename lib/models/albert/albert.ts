/**
 * ALBERT: BERT's layers under other names, whose weights are used several times,
 * with embeddings of another size, and without dropout after the feed-forward block.
 *
 * Source: Lan et al. 2019, https://arxiv.org/abs/1909.11942, and
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/albert/modeling_albert.py
 *
 * @module
 */
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { NO_DROPOUT } from "../../ops/dropout_key.ts";
import { tanh } from "../../ops/tanh.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BertLayer } from "../bert/bert.ts";
import { BertEmbeddings } from "../bert/embeddings.ts";
import type { BertNames } from "../bert/onnx.ts";
import { applyLayers, Encoder, type ForwardContext } from "../encoder.ts";
import { LayerFactory } from "../layer_factory.ts";
import { type EncodedTokens, firstTokens } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { AlbertConfig } from "./albert_config.ts";

/** Names of the parts of a layer. */
export const ALBERT_LAYER_NAMES: BertNames["layer"] = {
  outputNorm: "full_layer_layer_norm",
  query: "attention.query",
  key: "attention.key",
  value: "attention.value",
  attentionOutput: "attention.dense",
  attentionNorm: "attention.LayerNorm",
  intermediate: "ffn",
  output: "ffn_output",
};

/** A {@linkcode BertLayer} under ALBERT's names. */
export class AlbertLayer extends Module {
  readonly #layer: BertLayer;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: AlbertConfig) {
    super();
    const layer = new BertLayer(layers, config);
    const { attention: { self, output }, intermediate } = layer;
    const parts: Record<keyof typeof ALBERT_LAYER_NAMES, Module> = {
      outputNorm: layer.output.layerNorm,
      query: self.query,
      key: self.key,
      value: self.value,
      attentionOutput: output.dense,
      attentionNorm: output.layerNorm,
      intermediate: intermediate.dense,
      output: layer.output.dense,
    };
    for (const [part, module] of Object.entries(parts)) {
      const name = ALBERT_LAYER_NAMES[part as keyof typeof parts];
      Object.assign(this, { [part]: this.named(name, module) });
    }
    this.#layer = layer; // private, so that it adds no names of its own
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    const { attention, intermediate, output } = this.#layer;
    const attended = attention.forward(hiddenStates, context);
    const inner = intermediate.forward(attended, context);
    return output.forward(inner, attended, context, NO_DROPOUT);
  }
}

/** The blocks of a layer, which all layers of a group share. */
export class AlbertLayerGroup extends Module {
  /** Blocks in order. */
  readonly albertLayers: readonly AlbertLayer[];

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: AlbertConfig) {
    super();
    const blocks = Array.from(
      { length: config.innerGroupNum },
      () => new AlbertLayer(layers, config),
    );
    this.albertLayers = this.named("albert_layers", blocks);
  }
}

/**
 * The encoder and its pooler, without a head. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class AlbertModel extends Encoder<AlbertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string = "AlbertModel";
  /** The configuration class. */
  static override readonly configClass: typeof AlbertConfig = AlbertConfig;
  /** Embeddings, of size E. */
  readonly embeddings: BertEmbeddings;
  /** Projection of the embeddings, `[H, E]`. */
  readonly embeddingHiddenMappingIn: Linear;
  /** Groups of layers in order. */
  readonly albertLayerGroups: readonly AlbertLayerGroup[];
  /** Pooler, `[H, H]`. */
  readonly pooler: Linear;

  /** Makes a model with random weights. */
  constructor(config: AlbertConfig, options: ModelOptions) {
    super(config, options);
    const layers = new LayerFactory(options.device, config, options.seed ?? 0);
    this.embeddings = new BertEmbeddings(layers, config);
    this.embeddingHiddenMappingIn = this.named(
      "encoder.embedding_hidden_mapping_in",
      layers.linear(config.embeddingSize, config.hiddenSize),
    );
    const groups = Array.from(
      { length: config.numHiddenGroups },
      () => new AlbertLayerGroup(layers, config),
    );
    this.albertLayerGroups = this.named("encoder.albert_layer_groups", groups);
    this.pooler = layers.linear(config.hiddenSize, config.hiddenSize);
  }

  /** Pools the first token of each row, by a linear layer and tanh; returns `[B, H]`. */
  pool(encoded: EncodedTokens): Tensor {
    const dropoutKey = (p: number) => this.dropoutKey(p);
    return tanh(this.pooler.forward(firstTokens(encoded), { dropoutKey }));
  }

  /** Embeddings and their projection, and each group of layers. */
  override get layersInOrder(): readonly (readonly Module[])[] {
    return [
      [this.embeddings, this.embeddingHiddenMappingIn],
      ...this.albertLayerGroups.map((group) => [group]),
    ];
  }

  /** Applies embeddings and layers; returns `[T, H]`. */
  protected override hiddenStates(
    tokens: Uint32Array<ArrayBuffer>,
    context: ForwardContext,
  ): Tensor {
    const embedded = this.embeddings.forward(tokens, context); // [T, E]
    const projected = this.embeddingHiddenMappingIn.forward(embedded, context);
    const layers = Array.from(
      { length: this.config.numHiddenLayers },
      (_, i) => this.albertLayerGroups[this.config.groupOf(i)]!.albertLayers,
    );
    return applyLayers(layers.flat(), projected, context);
  }
}
