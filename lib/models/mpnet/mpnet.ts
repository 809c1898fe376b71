/**
 * MPNet: BERT's layers, with a bias of attention by distance that all layers share,
 * RoBERTa's positions and head.
 *
 * Shapes: T real tokens, H hidden size, A heads.
 * Source: Song et al. 2020, https://arxiv.org/abs/2004.09297, and
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/mpnet/modeling_mpnet.py
 *
 * @module
 */
import type { Embedding } from "../../nn/embedding.ts";
import type { LayerNorm } from "../../nn/layer_norm.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { attention } from "../../ops/attention.ts";
import { dropoutAddLayerNorm } from "../../ops/dropout_add_layer_norm.ts";
import { positionBias } from "../../ops/position_bias.ts";
import { relativePositions } from "../../ops/relative_positions.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BertIntermediate, BertResidualOutput } from "../bert/bert.ts";
import { BertEmbeddings } from "../bert/embeddings.ts";
import { applyLayers, Encoder, type ForwardContext } from "../encoder.ts";
import { LayerFactory } from "../layer_factory.ts";
import { checkWithoutGaps } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { MPNetConfig, relativePositionBucket } from "./mpnet_config.ts";

/** State shared by the layers in one forward pass. */
export interface MPNetContext extends ForwardContext {
  /** Added to the scores of every layer, `[A, N]`, as `attention` takes it. */
  readonly bias: Tensor;
}

/** Multi-head self-attention with a bias, and its output projection. */
export class MPNetSelfAttention extends Module {
  /** Query projection, `[H, H]`. */
  readonly q: Linear;
  /** Key projection, `[H, H]`. */
  readonly k: Linear;
  /** Value projection, `[H, H]`. */
  readonly v: Linear;
  /** Output projection, `[H, H]`. */
  readonly o: Linear;
  readonly #heads: number;
  readonly #dropout: number;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: MPNetConfig) {
    super();
    const { hiddenSize } = config;
    this.q = layers.linear(hiddenSize, hiddenSize);
    this.k = layers.linear(hiddenSize, hiddenSize);
    this.v = layers.linear(hiddenSize, hiddenSize);
    this.o = layers.linear(hiddenSize, hiddenSize);
    this.#heads = config.numAttentionHeads;
    this.#dropout = config.attentionProbsDropoutProb;
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: MPNetContext): Tensor {
    const { q, k, v } = this;
    const qkv = Linear.concat(hiddenStates, [q, k, v], context); // [T, 3H]
    const attended = attention(
      qkv,
      context.tiles,
      this.#heads,
      context.dropoutKey(this.#dropout),
      { bias: context.bias },
    );
    return this.o.forward(attended, context);
  }
}

/** The attention block: self-attention, dropout, residual, LayerNorm. */
export class MPNetAttention extends Module {
  /** Self-attention. */
  readonly attn: MPNetSelfAttention;
  /** LayerNorm over H. */
  readonly layerNorm: LayerNorm;
  readonly #dropout: number;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: MPNetConfig) {
    super();
    this.attn = new MPNetSelfAttention(layers, config);
    this.layerNorm = this.named(
      "LayerNorm",
      layers.layerNorm(config.hiddenSize),
    );
    this.#dropout = config.hiddenDropoutProb;
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: MPNetContext): Tensor {
    const { weight, bias, eps } = this.layerNorm;
    const result = this.attn.forward(hiddenStates, context);
    const key = context.dropoutKey(this.#dropout);
    const y = dropoutAddLayerNorm(
      result,
      hiddenStates,
      weight,
      bias!,
      eps,
      key,
    );
    result.dispose(); // no gradient needs it
    return y;
  }
}

/** One layer: attention block and feed-forward block. */
export class MPNetLayer extends Module {
  /** Attention block. */
  readonly attention: MPNetAttention;
  /** First half of the feed-forward block. */
  readonly intermediate: BertIntermediate;
  /** Output projection, residual, LayerNorm. */
  readonly output: BertResidualOutput;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: MPNetConfig) {
    super();
    this.attention = new MPNetAttention(layers, config);
    this.intermediate = new BertIntermediate(layers, config);
    this.output = new BertResidualOutput(
      layers,
      config,
      config.intermediateSize,
    );
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: MPNetContext): Tensor {
    const attended = this.attention.forward(hiddenStates, context);
    const inner = this.intermediate.forward(attended, context);
    return this.output.forward(inner, attended, context);
  }
}

/** A stack of layers, and the table of distances that they share. */
export class MPNetEncoder extends Module {
  /** Layers in order. */
  readonly layer: readonly MPNetLayer[];
  /** Bias of each bucket of distances and head, `[buckets, A]`. */
  readonly relativeAttentionBias: Embedding;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: MPNetConfig) {
    super();
    this.layer = Array.from(
      { length: config.numHiddenLayers },
      () => new MPNetLayer(layers, config),
    );
    this.relativeAttentionBias = this.named(
      "relative_attention_bias",
      layers.embedding(
        config.relativeAttentionNumBuckets,
        config.numAttentionHeads,
      ),
    );
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    const { weight } = this.relativeAttentionBias;
    const positions = relativePositions(
      weight.device,
      context.tiles,
      context.cuSeqlens,
      { count: weight.shape[0]!, bucketOf: relativePositionBucket },
    );
    const shared = { ...context, bias: positionBias(weight, positions) };
    return applyLayers(this.layer, hiddenStates, shared);
  }
}

/**
 * The encoder, without a head and without the pooler of checkpoints. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class MPNetModel extends Encoder<MPNetConfig> {
  /** The class in transformers. */
  static override readonly architecture: string = "MPNetModel";
  /** The configuration class. */
  static override readonly configClass: typeof MPNetConfig = MPNetConfig;
  /** Embeddings. */
  readonly embeddings: BertEmbeddings;
  /** Layers. */
  readonly encoder: MPNetEncoder;

  /** Makes a model with random weights. */
  constructor(config: MPNetConfig, options: ModelOptions) {
    super(config, options);
    const layers = new LayerFactory(options.device, config, options.seed ?? 0);
    this.embeddings = new BertEmbeddings(layers, config);
    this.encoder = new MPNetEncoder(layers, config);
  }

  /** Embeddings and the table of distances; each layer. */
  override get layersInOrder(): readonly (readonly Module[])[] {
    const { layer, relativeAttentionBias } = this.encoder;
    return [
      [this.embeddings, relativeAttentionBias],
      ...layer.map((layer) => [layer]),
    ];
  }

  /** Applies embeddings and layers; returns `[T, H]`. */
  protected override hiddenStates(
    tokens: Uint32Array<ArrayBuffer>,
    context: ForwardContext,
  ): Tensor {
    checkWithoutGaps(context);
    const embedded = this.embeddings.forward(tokens, context);
    return this.encoder.forward(embedded, context);
  }
}
