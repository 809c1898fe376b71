/**
 * BERT, all of it, in the order of Hugging Face's classes.
 *
 * Shapes: B rows of a batch, T their real tokens, H hidden size, A heads, I
 * intermediate size. Source: Devlin et al. 2018, https://arxiv.org/abs/1810.04805,
 * and https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/modeling_bert.py
 *
 * @module
 */
import { openModelFolder } from "../../checkpoint/hugging_face.ts";
import type { Batch } from "../../data/host_tensor.ts";
import type { Device } from "../../gpu/device.ts";
import { DropoutKeys } from "../../nn/dropout.ts";
import type { Embedding } from "../../nn/embedding.ts";
import type { LayerNorm } from "../../nn/layer_norm.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { flattenParameters } from "../../nn/flatten_parameters.ts";
import { attention, attentionTiles } from "../../ops/attention.ts";
import { dropout } from "../../ops/dropout.ts";
import { type DropoutKey, NO_DROPOUT } from "../../ops/dropout_key.ts";
import { dropoutAddLayerNorm } from "../../ops/dropout_add_layer_norm.ts";
import { embedLayerNorm } from "../../ops/embed_layer_norm.ts";
import { indexSelect } from "../../ops/index_select.ts";
import { linear } from "../../ops/linear.ts";
import { tanh } from "../../ops/tanh.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ACT2FN, type Activation } from "../activations.ts";
import { BertConfig } from "./bert_config.ts";
import {
  type FromPretrainedOptions,
  LayerFactory,
  loadCheckpoint,
  type ModelOptions,
  saveCheckpoint,
} from "../pretrained_model.ts";
import { type UnpaddedBatch, unpadInput } from "../padding.ts";

/** What every layer needs to know of a forward context. */
export interface ForwardContext {
  /** The rows of the batch, as attention walks over them. */
  readonly tiles: Tensor;
  /** The key of the context's next dropout. */
  readonly dropoutKey: (p: number) => DropoutKey;
}

/** Tables of words, positions and kinds, and their normalisation. */
export class BertEmbeddings extends Module {
  /** The table of words, `[V, H]`. */
  readonly wordEmbeddings: Embedding;
  /** The table of positions. */
  readonly positionEmbeddings: Embedding;
  /** The table of kinds. */
  readonly tokenTypeEmbeddings: Embedding;
  /** The normalisation. */
  readonly layerNorm: LayerNorm;
  readonly #dropout: number;

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, config: BertConfig) {
    super();
    this.wordEmbeddings = this.named(
      "word_embeddings",
      layers.embedding(config.vocabSize, config.padTokenId),
    );
    this.positionEmbeddings = this.named(
      "position_embeddings",
      layers.embedding(config.maxPositionEmbeddings),
    );
    this.tokenTypeEmbeddings = this.named(
      "token_type_embeddings",
      layers.embedding(config.typeVocabSize),
    );
    this.layerNorm = this.named("LayerNorm", layers.layerNorm());
    this.#dropout = config.hiddenDropoutProb;
  }

  /** Tokens `[T, 3]` to `[T, H]`. */
  forward(tokens: Uint32Array<ArrayBuffer>, context: ForwardContext): Tensor {
    const embedded = embedLayerNorm(tokens, this);
    return dropout(embedded, context.dropoutKey(this.#dropout));
  }
}

/** Attention of every token over those of its row. */
export class BertSelfAttention extends Module {
  /** From H to the queries. */
  readonly query: Linear;
  /** From H to the keys. */
  readonly key: Linear;
  /** From H to the values. */
  readonly value: Linear;
  readonly #heads: number;
  readonly #dropout: number;

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, config: BertConfig) {
    super();
    const { hiddenSize } = config;
    this.query = layers.linear(hiddenSize, hiddenSize);
    this.key = layers.linear(hiddenSize, hiddenSize);
    this.value = layers.linear(hiddenSize, hiddenSize);
    this.#heads = config.numAttentionHeads;
    this.#dropout = config.attentionProbsDropoutProb;
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    const { query, key, value } = this;
    const qkv = linear(
      hiddenStates,
      [query.weight, key.weight, value.weight],
      [query.bias!, key.bias!, value.bias!],
    ); // [T, 3H]
    return attention(
      qkv,
      context.tiles,
      this.#heads,
      context.dropoutKey(this.#dropout),
    );
  }
}

/** A linear layer back to H, dropout, the residual, layer normalisation: the end of both blocks. */
export class BertResidualOutput extends Module {
  /** The linear layer. */
  readonly dense: Linear;
  /** The normalisation. */
  readonly layerNorm: LayerNorm;
  readonly #dropout: number;

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, config: BertConfig, inFeatures: number) {
    super();
    this.dense = layers.linear(inFeatures, config.hiddenSize);
    this.layerNorm = this.named("LayerNorm", layers.layerNorm());
    this.#dropout = config.hiddenDropoutProb;
  }

  /** The block's result and its input to its output, `[T, H]`. */
  forward(x: Tensor, residual: Tensor, context: ForwardContext): Tensor {
    const { weight, bias, eps } = this.layerNorm;
    const result = this.dense.forward(x);
    const key = context.dropoutKey(this.#dropout);
    const y = dropoutAddLayerNorm(result, residual, weight, bias, eps, key);
    result.dispose(); // no gradient needs it
    return y;
  }
}

/** The attention block: attention, and the way back to the residual. */
export class BertAttention extends Module {
  /** The attention itself. */
  readonly self: BertSelfAttention;
  /** The end of the block. */
  readonly output: BertResidualOutput;

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, config: BertConfig) {
    super();
    this.self = new BertSelfAttention(layers, config);
    this.output = new BertResidualOutput(layers, config, config.hiddenSize);
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    const attended = this.self.forward(hiddenStates, context);
    return this.output.forward(attended, hiddenStates, context);
  }
}

/** From H to I, and the activation. */
export class BertIntermediate extends Module {
  /** The linear layer. */
  readonly dense: Linear;
  readonly #activation: Activation;

  /** Makes it from random weights. */
  constructor(
    layers: LayerFactory,
    { hiddenSize, intermediateSize, hiddenAct }: BertConfig,
  ) {
    super();
    this.dense = layers.linear(hiddenSize, intermediateSize);
    this.#activation = ACT2FN[hiddenAct]!;
  }

  /** `[T, H]` to `[T, I]`. */
  forward(hiddenStates: Tensor): Tensor {
    return this.#activation(this.dense, hiddenStates);
  }
}

/** One layer: the attention block, then the linear block. */
export class BertLayer extends Module {
  /** The attention block. */
  readonly attention: BertAttention;
  /** The first half of the linear block. */
  readonly intermediate: BertIntermediate;
  /** The end of the block. */
  readonly output: BertResidualOutput;

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, config: BertConfig) {
    super();
    this.attention = new BertAttention(layers, config);
    this.intermediate = new BertIntermediate(layers, config);
    this.output = new BertResidualOutput(
      layers,
      config,
      config.intermediateSize,
    );
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    const attended = this.attention.forward(hiddenStates, context);
    const inner = this.intermediate.forward(attended);
    return this.output.forward(inner, attended, context);
  }
}

/** All layers, one after the other. */
export class BertEncoder extends Module {
  /** The layers, from the first to the last. */
  readonly layer: readonly BertLayer[];

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, config: BertConfig) {
    super();
    this.layer = Array.from(
      { length: config.numHiddenLayers },
      () => new BertLayer(layers, config),
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

/** From the first token of every row to one vector. */
export class BertPooler extends Module {
  /** The linear layer. */
  readonly dense: Linear;

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, { hiddenSize }: BertConfig) {
    super();
    this.dense = layers.linear(hiddenSize, hiddenSize);
  }

  /** The first token of every row, `[B, H]`. */
  forward(
    hiddenStates: Tensor,
    { cuSeqlens }: Pick<UnpaddedBatch, "cuSeqlens">,
  ): Tensor {
    const first = indexSelect(hiddenStates, 0, cuSeqlens.slice(0, -1));
    return tanh(this.dense.forward(first));
  }
}

/** What {@linkcode BertModel.encode} gives. */
export interface EncodedTokens extends Omit<UnpaddedBatch, "tokens"> {
  /** A vector for every real token, `[T, H]`, row after row. */
  readonly lastHiddenState: Tensor;
}

/** What {@linkcode BertModel} gives. */
export interface BertModelOutput extends EncodedTokens {
  /** The first token of every row, through the pooler, `[B, H]`. */
  readonly poolerOutput: Tensor;
}

/** How a {@linkcode BertModel} is made. */
export interface BertModelOptions extends ModelOptions {
  /**
   * Whether it has a pooler; a head over tokens alone needs none.
   *
   * @default true
   */
  addPoolingLayer?: boolean;
}

/** The encoder and its pooler, without a head. */
export class BertModel extends Module {
  /** Sizes and rates. */
  readonly config: BertConfig;
  /** Tables of words, positions and kinds. */
  readonly embeddings: BertEmbeddings;
  /** The layers. */
  readonly encoder: BertEncoder;
  /** What makes one vector of a row, if there is one. */
  readonly pooler: BertPooler | undefined;
  /** Numbers its dropouts. */
  readonly dropoutKeys: DropoutKeys;
  readonly #device: Device;

  /** Makes a model from random weights. */
  constructor(
    config: BertConfig,
    { device, seed = 0, addPoolingLayer = true }: BertModelOptions,
  ) {
    super();
    const layers = new LayerFactory(device, config, seed);
    this.config = config;
    this.embeddings = new BertEmbeddings(layers, config);
    this.encoder = new BertEncoder(layers, config);
    this.pooler = addPoolingLayer ? new BertPooler(layers, config) : undefined;
    this.#device = device;
    this.dropoutKeys = new DropoutKeys(seed);
  }

  /** Makes a model from random weights, in training mode. */
  static fromConfig(config: BertConfig, options: BertModelOptions): BertModel {
    const model = new BertModel(config, options);
    flattenParameters(model.namedParameters());
    return model;
  }

  /** Loads a model folder, in evaluation mode; see {@linkcode BertForSequenceClassification.fromPretrained}. */
  static async fromPretrained(
    path: string,
    options: FromPretrainedOptions,
  ): Promise<BertModel> {
    using folder = await openModelFolder(path);
    const config = BertConfig.fromJson(
      folder.config,
      options.config,
      `${path}/config.json`,
    );
    const model = BertModel.fromConfig(config, options);
    loadCheckpoint(model, folder);
    return model.eval();
  }

  /**
   * Encodes a batch.
   *
   * @param batch Ids, kinds and mask, each `[B, S]`, on the host.
   * @returns A vector for every token and one for every row.
   * @throws {RangeError} As `unpadInput`: if a row is too long or an id out of range.
   * @throws {TypeError} If the model has no pooler.
   */
  forward(batch: Batch): BertModelOutput {
    if (!this.pooler) {
      throw new TypeError(
        "Cannot pool a batch: the model was made without a pooler; call encode, or make it with { addPoolingLayer: true }",
      );
    }
    const encoded = this.encode(batch);
    const poolerOutput = this.pooler.forward(encoded.lastHiddenState, encoded);
    return { ...encoded, poolerOutput };
  }

  /**
   * Encodes a batch without pooling it, for a head over tokens.
   *
   * @param batch Ids, kinds and mask, each `[B, S]`, on the host.
   * @returns A vector for every token.
   * @throws {RangeError} As `unpadInput`: if a row is too long or an id out of range.
   */
  encode(batch: Batch): EncodedTokens {
    const packed = unpadInput(batch, this.config);
    if (this.training) this.dropoutKeys.nextStep();
    const context: ForwardContext = {
      tiles: attentionTiles(this.#device, packed.cuSeqlens),
      dropoutKey: (p) => this.dropoutKey(p),
    };
    const embedded = this.embeddings.forward(packed.tokens, context);
    const lastHiddenState = this.encoder.forward(embedded, context);
    const { cuSeqlens, indices } = packed;
    return { lastHiddenState, cuSeqlens, indices };
  }

  /**
   * Writes a folder that transformers loads as it is: `config.json` and
   * `model.safetensors`.
   *
   * @param path The folder; made where there is none.
   * @throws {Error} If a file cannot be written.
   */
  async savePretrained(path: string): Promise<void> {
    await saveCheckpoint(this, path, "BertModel");
  }

  /** The key of the next dropout of this forward context: none in evaluation. */
  dropoutKey(p: number): DropoutKey {
    return this.training ? this.dropoutKeys.nextSite(p) : NO_DROPOUT;
  }
}
