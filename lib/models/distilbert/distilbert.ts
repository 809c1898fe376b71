/**
 * DistilBERT: the layers of a BERT under other names, without kinds of tokens,
 * without a pooler, and without dropout between attention and its residual.
 *
 * Source: Sanh et al. 2019, https://arxiv.org/abs/1910.01108, and
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/distilbert/modeling_distilbert.py
 *
 * @module
 */
import { openModelFolder } from "../../checkpoint/hugging_face.ts";
import type { MatchOptions } from "../../checkpoint/load_report.ts";
import type { Batch } from "../../data/host_tensor.ts";
import type { Device } from "../../gpu/device.ts";
import { DropoutKeys } from "../../nn/dropout.ts";
import type { Embedding } from "../../nn/embedding.ts";
import type { LayerNorm } from "../../nn/layer_norm.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { flattenParameters } from "../../nn/flatten_parameters.ts";
import { attentionTiles } from "../../ops/attention.ts";
import { dropout } from "../../ops/dropout.ts";
import { type DropoutKey, NO_DROPOUT } from "../../ops/dropout_key.ts";
import { embedLayerNorm } from "../../ops/embed_layer_norm.ts";
import { type Tensor, zeros } from "../../tensor/tensor.ts";
import {
  BertLayer,
  type EncodedTokens,
  type ForwardContext,
} from "../bert/bert.ts";
import { BertConfig } from "../bert/bert_config.ts";
import {
  type FromPretrainedOptions,
  LayerFactory,
  loadCheckpoint,
  type ModelOptions,
} from "../pretrained_model.ts";
import {
  DistilBertConfig,
  type DistilBertConfigOptions,
} from "./distilbert_config.ts";
import { unpadInput } from "../padding.ts";

/** DistilBERT's checkpoints may have the head of its pre-training besides. */
export const DISTILBERT: MatchOptions = {
  baseModelPrefix: "distilbert",
  keysToIgnoreOnLoadUnexpected: [
    /^vocab_(transform|layer_norm|projector)\./,
    /position_ids$/,
  ],
};

/**
 * Gives the BERT that has the layers of a DistilBERT.
 *
 * @param config The DistilBERT.
 * @returns Its sizes and rates under BERT's names.
 */
export function bertConfigOf(config: DistilBertConfig): BertConfig {
  return new BertConfig({
    vocabSize: config.vocabSize,
    hiddenSize: config.dim,
    numHiddenLayers: config.nLayers,
    numAttentionHeads: config.nHeads,
    intermediateSize: config.hiddenDim,
    hiddenAct: config.activation,
    hiddenDropoutProb: config.dropout,
    attentionProbsDropoutProb: config.attentionDropout,
    maxPositionEmbeddings: config.maxPositionEmbeddings,
    initializerRange: config.initializerRange,
    padTokenId: config.padTokenId,
  });
}

/** Tables of words and positions, and their normalisation. */
export class DistilBertEmbeddings extends Module {
  /** The table of words, `[V, H]`. */
  readonly wordEmbeddings: Embedding;
  /** The table of positions. */
  readonly positionEmbeddings: Embedding;
  /** The normalisation. */
  readonly layerNorm: LayerNorm;
  readonly #dropout: number;

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, config: DistilBertConfig) {
    super();
    this.wordEmbeddings = this.named(
      "word_embeddings",
      layers.embedding(config.vocabSize, config.padTokenId),
    );
    this.positionEmbeddings = this.named(
      "position_embeddings",
      layers.embedding(config.maxPositionEmbeddings),
    );
    this.layerNorm = this.named("LayerNorm", layers.layerNorm());
    this.#dropout = config.dropout;
  }

  /** Tokens `[T, 3]`, all of kind 0, to `[T, H]`. */
  forward(tokens: Uint32Array<ArrayBuffer>, context: ForwardContext): Tensor {
    const { wordEmbeddings, positionEmbeddings, layerNorm } = this;
    const { device, size } = layerNorm.weight;
    const embedded = embedLayerNorm(tokens, {
      wordEmbeddings,
      positionEmbeddings,
      tokenTypeEmbeddings: { weight: zeros(device, [1, size]) }, // adds nothing
      layerNorm,
    });
    return dropout(embedded, context.dropoutKey(this.#dropout));
  }
}

/** One layer of a BERT, under the names that a DistilBERT has for its parts. */
export class DistilBertTransformerBlock extends Module {
  /** From H to the queries. */
  readonly qLin: Linear;
  /** From H to the keys. */
  readonly kLin: Linear;
  /** From H to the values. */
  readonly vLin: Linear;
  /** The end of attention. */
  readonly outLin: Linear;
  /** The normalisation after attention. */
  readonly saLayerNorm: LayerNorm;
  /** From H to I. */
  readonly lin1: Linear;
  /** From I to H. */
  readonly lin2: Linear;
  /** The normalisation at the end. */
  readonly outputLayerNorm: LayerNorm;
  /** The layer. It comes last: a parameter has the first name that it is found under. */
  readonly layer: BertLayer;

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, config: BertConfig) {
    super();
    const layer = new BertLayer(layers, config);
    const { self, output } = layer.attention;
    this.qLin = this.named("attention.q_lin", self.query);
    this.kLin = this.named("attention.k_lin", self.key);
    this.vLin = this.named("attention.v_lin", self.value);
    this.outLin = this.named("attention.out_lin", output.dense);
    this.saLayerNorm = this.named("sa_layer_norm", output.layerNorm);
    this.lin1 = this.named("ffn.lin1", layer.intermediate.dense);
    this.lin2 = this.named("ffn.lin2", layer.output.dense);
    this.outputLayerNorm = this.named(
      "output_layer_norm",
      layer.output.layerNorm,
    );
    this.layer = layer;
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    const { attention, intermediate, output } = this.layer;
    const attended = attention.output.forward(
      attention.self.forward(hiddenStates, context),
      hiddenStates,
      { ...context, dropoutKey: () => NO_DROPOUT }, // BERT drops out here
    );
    return output.forward(intermediate.forward(attended), attended, context);
  }
}

/** All layers, one after the other. */
export class DistilBertTransformer extends Module {
  /** The layers, from the first to the last. */
  readonly layer: readonly DistilBertTransformerBlock[];

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, config: BertConfig) {
    super();
    this.layer = Array.from(
      { length: config.numHiddenLayers },
      () => new DistilBertTransformerBlock(layers, config),
    );
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    return this.layer.reduce(
      (x, layer) => layer.forward(x, context),
      hiddenStates,
    );
  }
}

/** The encoder, without a head. */
export class DistilBertModel extends Module {
  /** Sizes and rates. */
  readonly config: DistilBertConfig;
  /** Tables of words and positions. */
  readonly embeddings: DistilBertEmbeddings;
  /** The layers. */
  readonly transformer: DistilBertTransformer;
  /** Numbers its dropouts. */
  readonly dropoutKeys: DropoutKeys;
  readonly #device: Device;

  /** Makes a model from random weights. */
  constructor(config: DistilBertConfig, { device, seed = 0 }: ModelOptions) {
    super();
    const bertConfig = bertConfigOf(config);
    const layers = new LayerFactory(device, bertConfig, seed);
    this.config = config;
    this.embeddings = new DistilBertEmbeddings(layers, config);
    this.transformer = new DistilBertTransformer(layers, bertConfig);
    this.#device = device;
    this.dropoutKeys = new DropoutKeys(seed);
  }

  /** Makes a model from random weights, in training mode. */
  static fromConfig(
    config: DistilBertConfig,
    options: ModelOptions,
  ): DistilBertModel {
    const model = new DistilBertModel(config, options);
    flattenParameters(model.namedParameters());
    return model;
  }

  /** Loads a model folder, in evaluation mode; see {@linkcode DistilBertForSequenceClassification.fromPretrained}. */
  static async fromPretrained(
    path: string,
    options: FromPretrainedOptions<DistilBertConfigOptions>,
  ): Promise<DistilBertModel> {
    using folder = await openModelFolder(path);
    const config = DistilBertConfig.fromJson(
      folder.config,
      options.config,
      `${path}/config.json`,
    );
    const model = DistilBertModel.fromConfig(config, options);
    loadCheckpoint(model, folder, DISTILBERT);
    return model.eval();
  }

  /**
   * Encodes a batch.
   *
   * @param batch Ids and mask, each `[B, S]`, on the host; its kinds are not looked at.
   * @returns A vector for every token.
   * @throws {RangeError} As `unpadInput`: if a row is too long or an id out of range.
   */
  forward(batch: Batch): EncodedTokens {
    const { vocabSize, maxPositionEmbeddings } = this.config;
    const packed = unpadInput(batch, { vocabSize, maxPositionEmbeddings });
    if (this.training) this.dropoutKeys.nextStep();
    const context: ForwardContext = {
      tiles: attentionTiles(this.#device, packed.cuSeqlens),
      dropoutKey: (p) => this.dropoutKey(p),
    };
    const embedded = this.embeddings.forward(packed.tokens, context);
    const lastHiddenState = this.transformer.forward(embedded, context);
    const { cuSeqlens, indices } = packed;
    return { lastHiddenState, cuSeqlens, indices };
  }

  /** The key of the next dropout of this forward context: none in evaluation. */
  dropoutKey(p: number): DropoutKey {
    return this.training ? this.dropoutKeys.nextSite(p) : NO_DROPOUT;
  }
}
