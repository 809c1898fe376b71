/**
 * BERT, in the order of Hugging Face's classes; its embeddings are in `embeddings.ts`.
 *
 * Shapes: B rows of a batch, T real tokens, H hidden size, A heads, I inner size.
 * Source: Devlin et al. 2018, https://arxiv.org/abs/1810.04805, and
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/modeling_bert.py
 *
 * @module
 */
import type { OptionNames } from "../../check_options.ts";
import type { Batch } from "../../data/host_tensor.ts";
import type { LayerNorm } from "../../nn/layer_norm.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { attention } from "../../ops/attention.ts";
import { dropoutAddLayerNorm } from "../../ops/dropout_add_layer_norm.ts";
import type { DropoutKey } from "../../ops/dropout_key.ts";
import { tanh } from "../../ops/tanh.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ACT2FN, type Activation } from "../activations.ts";
import { applyLayers, Encoder, type ForwardContext } from "../encoder.ts";
import { LayerFactory } from "../layer_factory.ts";
import { type EncodedTokens, firstTokens } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { BertConfig } from "./bert_config.ts";
import { BertEmbeddings } from "./embeddings.ts";

/** Settings of a {@linkcode BertLayer}. */
export type BertLayerConfig = Pick<
  BertConfig,
  | "hiddenSize"
  | "numAttentionHeads"
  | "intermediateSize"
  | "hiddenAct"
  | "hiddenDropoutProb"
  | "attentionProbsDropoutProb"
>;

/** Multi-head self-attention within each row. */
export class BertSelfAttention extends Module {
  /** Query projection, `[H, H]`. */
  readonly query: Linear;
  /** Key projection, `[H, H]`. */
  readonly key: Linear;
  /** Value projection, `[H, H]`. */
  readonly value: Linear;
  readonly #heads: number;
  readonly #dropout: number;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: BertLayerConfig) {
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
    const qkv = Linear.concat(hiddenStates, [query, key, value], context); // [T, 3H]
    return attention(
      qkv,
      context.tiles,
      this.#heads,
      context.dropoutKey(this.#dropout),
    );
  }
}

/**
 * Output projection, dropout, residual, LayerNorm: the end of both blocks, which
 * transformers has twice, as BertSelfOutput and BertOutput.
 */
export class BertResidualOutput extends Module {
  /** Output projection, `[H, inFeatures]`. */
  readonly dense: Linear;
  /** LayerNorm over H. */
  readonly layerNorm: LayerNorm;
  readonly #dropout: number;

  /** Makes the layer with random weights. */
  constructor(
    layers: LayerFactory,
    config: BertLayerConfig,
    inFeatures: number,
  ) {
    super();
    this.dense = layers.linear(inFeatures, config.hiddenSize);
    this.layerNorm = this.named(
      "LayerNorm",
      layers.layerNorm(config.hiddenSize),
    );
    this.#dropout = config.hiddenDropoutProb;
  }

  /**
   * Returns `layerNorm(residual + dropout(dense(x)))`, `[T, H]`.
   *
   * @param x Input of the projection, `[T, inFeatures]`.
   * @param residual Added to its output, `[T, H]`.
   * @param context State shared by the layers.
   * @param dropout Key of the dropout, where it is not that of the configuration.
   */
  forward(
    x: Tensor,
    residual: Tensor,
    context: ForwardContext,
    dropout?: DropoutKey,
  ): Tensor {
    const { weight, bias, eps } = this.layerNorm;
    const result = this.dense.forward(x, context);
    const key = dropout ?? context.dropoutKey(this.#dropout);
    const y = dropoutAddLayerNorm(result, residual, weight, bias!, eps, key);
    result.dispose(); // no gradient needs it
    return y;
  }
}

/** The attention block: self-attention and its output. */
export class BertAttention extends Module {
  /** Self-attention. */
  readonly self: BertSelfAttention;
  /** Output projection, residual, LayerNorm. */
  readonly output: BertResidualOutput;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: BertLayerConfig) {
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

/** First half of the feed-forward block: linear layer and activation. */
export class BertIntermediate extends Module {
  /** Linear layer, `[I, H]`. */
  readonly dense: Linear;
  readonly #activation: Activation;

  /** Makes the layer with random weights. */
  constructor(
    layers: LayerFactory,
    { hiddenSize, intermediateSize, hiddenAct }: BertLayerConfig,
  ) {
    super();
    this.dense = layers.linear(hiddenSize, intermediateSize);
    this.#activation = ACT2FN[hiddenAct]!;
  }

  /** `[T, H]` to `[T, I]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    return this.#activation(this.dense, hiddenStates, context);
  }
}

/** One layer: attention block and feed-forward block. */
export class BertLayer extends Module {
  /** Attention block. */
  readonly attention: BertAttention;
  /** First half of the feed-forward block. */
  readonly intermediate: BertIntermediate;
  /** Output projection, residual, LayerNorm. */
  readonly output: BertResidualOutput;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: BertLayerConfig) {
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
    const inner = this.intermediate.forward(attended, context);
    return this.output.forward(inner, attended, context);
  }
}

/** A stack of layers. */
export class BertEncoder extends Module {
  /** Layers in order. */
  readonly layer: readonly BertLayer[];

  /** Makes the layer with random weights. */
  constructor(
    layers: LayerFactory,
    config: BertLayerConfig & { readonly numHiddenLayers: number },
  ) {
    super();
    this.layer = Array.from(
      { length: config.numHiddenLayers },
      () => new BertLayer(layers, config),
    );
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    return applyLayers(this.layer, hiddenStates, context);
  }
}

/** Pools the first token of each row: linear layer and tanh. */
export class BertPooler extends Module {
  /** Linear layer, `[H, H]`. */
  readonly dense: Linear;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, hiddenSize: number) {
    super();
    this.dense = layers.linear(hiddenSize, hiddenSize);
  }

  /** Returns one vector for each row, `[B, H]`; `dropoutKey` is that of the encoder. */
  forward(
    encoded: EncodedTokens,
    dropoutKey: (p: number) => DropoutKey,
  ): Tensor {
    return tanh(this.dense.forward(firstTokens(encoded), { dropoutKey }));
  }
}

/** Output of {@linkcode BertModel}. */
export interface BertModelOutput extends EncodedTokens {
  /** Pooled first token of each row, `[B, H]`. */
  readonly poolerOutput: Tensor;
}

/** Options of a {@linkcode BertModel}. */
export interface BertModelOptions extends ModelOptions {
  /**
   * Whether it has a pooler; a head over tokens alone needs none.
   *
   * @default true
   */
  addPoolingLayer?: boolean;
}

const OPTIONS: OptionNames<BertModelOptions> = {
  device: true,
  seed: true,
  addPoolingLayer: true,
};

/**
 * The encoder and its pooler, without a head. {@linkcode Encoder.encode} gives the
 * vectors of the tokens. Made by {@linkcode PreTrainedModel.fromConfig}, loaded and
 * saved by {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class BertModel extends Encoder<BertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string = "BertModel";
  /** The configuration class. */
  static override readonly configClass: typeof BertConfig = BertConfig;
  /** Names of the options of its constructor. */
  static override readonly optionNames: Readonly<Record<string, true>> =
    OPTIONS;
  /** Embeddings. */
  readonly embeddings: BertEmbeddings;
  /** Layers. */
  readonly encoder: BertEncoder;
  /** Pooler, if there is one. */
  readonly pooler: BertPooler | undefined;

  /** Makes a model with random weights. */
  constructor(config: BertConfig, options: BertModelOptions) {
    super(config, options);
    const { device, seed = 0, addPoolingLayer = true } = options;
    const layers = new LayerFactory(device, config, seed);
    this.embeddings = new BertEmbeddings(layers, config);
    this.encoder = new BertEncoder(layers, config);
    this.pooler = addPoolingLayer
      ? new BertPooler(layers, config.hiddenSize)
      : undefined;
  }

  /**
   * Encodes and pools a batch.
   *
   * @param batch Ids, token types and mask, each `[B, S]`, on the host.
   * @returns Vectors of the tokens and of the rows.
   * @throws {RangeError} If a row is too long or an id is out of range.
   * @throws {TypeError} If the model has no pooler.
   */
  override forward(batch: Batch): BertModelOutput {
    const encoded = this.encode(batch);
    return { ...encoded, poolerOutput: this.pool(encoded) };
  }

  /**
   * Pools an encoded batch.
   *
   * @param encoded The batch after `encode`.
   * @returns One vector for each row, `[B, H]`.
   * @throws {TypeError} If the model has no pooler.
   */
  pool(encoded: EncodedTokens): Tensor {
    if (!this.pooler) {
      throw new TypeError(
        "Cannot pool a batch: the model was made without a pooler; call encode, or make it with { addPoolingLayer: true }",
      );
    }
    return this.pooler.forward(encoded, (p) => this.dropoutKey(p));
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
