/**
 * DeBERTa-v2 and DeBERTa-v3, in the order of Hugging Face's classes: BERT's layers,
 * with attention that depends on content and on distance.
 *
 * Shapes: B rows of a batch, T real tokens, H hidden size, A heads, R rows of the
 * table of distances that the longest row of the batch needs.
 * Source: He et al. 2020, https://arxiv.org/abs/2006.03654, and
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/deberta_v2/modeling_deberta_v2.py
 *
 * @module
 */
import type { Embedding } from "../../nn/embedding.ts";
import type { LayerNorm } from "../../nn/layer_norm.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { add } from "../../ops/add.ts";
import { dropout } from "../../ops/dropout.ts";
import { indexSelect } from "../../ops/index_select.ts";
import {
  longestSequence,
  relativePositions,
} from "../../ops/relative_positions.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BertIntermediate, BertResidualOutput } from "../bert/bert.ts";
import { applyLayers, Encoder, type ForwardContext } from "../encoder.ts";
import { LayerFactory } from "../layer_factory.ts";
import { checkWithoutGaps } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import {
  type DebertaV2Context,
  DisentangledSelfAttention,
} from "./attention.ts";
import { DebertaV2Config } from "./deberta_v2_config.ts";
import { logBuckets, relativeRows } from "./log_buckets.ts";

/** Word embeddings (position and token-type embeddings if the model has them), projection, LayerNorm, dropout. */
export class DebertaV2Embeddings extends Module {
  /** Word embeddings, `[V, E]`. */
  readonly wordEmbeddings: Embedding;
  /** Position embeddings, `[maxPositionEmbeddings, E]`, if there are any. */
  readonly positionEmbeddings: Embedding | undefined;
  /** Token-type embeddings, `[typeVocabSize, E]`, if there are any. */
  readonly tokenTypeEmbeddings: Embedding | undefined;
  /** Projection, `[H, E]`, if E differs from H. */
  readonly embedProj: Linear | undefined;
  /** LayerNorm over H. */
  readonly layerNorm: LayerNorm;
  readonly #dropout: number;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: DebertaV2Config) {
    super();
    const { hiddenSize, vocabSize, padTokenId, typeVocabSize } = config;
    const size = config.embeddingSize ?? hiddenSize;
    this.wordEmbeddings = this.named(
      "word_embeddings",
      layers.embedding(vocabSize, size, padTokenId ?? undefined),
    );
    this.positionEmbeddings = config.positionBiasedInput
      ? this.named(
        "position_embeddings",
        layers.embedding(config.maxPositionEmbeddings, size),
      )
      : undefined;
    this.tokenTypeEmbeddings = typeVocabSize > 0
      ? this.named(
        "token_type_embeddings",
        layers.embedding(typeVocabSize, size),
      )
      : undefined;
    this.embedProj = size === hiddenSize
      ? undefined
      : this.named("embed_proj", layers.linear(size, hiddenSize, false));
    this.layerNorm = this.named("LayerNorm", layers.layerNorm(hiddenSize));
    this.#dropout = config.hiddenDropoutProb;
  }

  /** Tokens (id, position, token type), `[T, 3]`, to `[T, H]`. */
  forward(tokens: Uint32Array<ArrayBuffer>, context: ForwardContext): Tensor {
    const tables = [
      this.wordEmbeddings,
      this.positionEmbeddings,
      this.tokenTypeEmbeddings,
    ];
    const sum = tables
      .map((table, column) => {
        const data = tokens.filter((_, i) => i % 3 === column);
        return table?.forward({ shape: [data.length], data });
      })
      .filter((rows) => rows !== undefined)
      .reduce(add);
    const projected = this.embedProj?.forward(sum, context) ?? sum;
    const key = context.dropoutKey(this.#dropout);
    return dropout(this.layerNorm.forward(projected), key);
  }
}

/** The attention block: self-attention and its output. */
export class DebertaV2Attention extends Module {
  /** Self-attention. */
  readonly self: DisentangledSelfAttention;
  /** Output projection, residual, LayerNorm. */
  readonly output: BertResidualOutput;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: DebertaV2Config) {
    super();
    this.self = new DisentangledSelfAttention(layers, config);
    this.output = new BertResidualOutput(layers, config, config.hiddenSize);
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: DebertaV2Context): Tensor {
    const attended = this.self.forward(hiddenStates, context);
    return this.output.forward(attended, hiddenStates, context);
  }
}

/** One layer: attention block and feed-forward block. */
export class DebertaV2Layer extends Module {
  /** Attention block. */
  readonly attention: DebertaV2Attention;
  /** First half of the feed-forward block. */
  readonly intermediate: BertIntermediate;
  /** Output projection, residual, LayerNorm. */
  readonly output: BertResidualOutput;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: DebertaV2Config) {
    super();
    this.attention = new DebertaV2Attention(layers, config);
    this.intermediate = new BertIntermediate(layers, config);
    this.output = new BertResidualOutput(
      layers,
      config,
      config.intermediateSize,
    );
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: DebertaV2Context): Tensor {
    const attended = this.attention.forward(hiddenStates, context);
    const inner = this.intermediate.forward(attended, context);
    return this.output.forward(inner, attended, context);
  }
}

/** A stack of layers, and the table of distances that they share. */
export class DebertaV2Encoder extends Module {
  /** Layers in order. */
  readonly layer: readonly DebertaV2Layer[];
  /** Embeddings of distances, with relative attention. */
  readonly relEmbeddings: Embedding | undefined;
  /** LayerNorm of the embeddings of distances, if there is one. */
  readonly layerNorm: LayerNorm | undefined;
  readonly #config: DebertaV2Config;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: DebertaV2Config) {
    super();
    const { hiddenSize } = config;
    this.layer = Array.from(
      { length: config.numHiddenLayers },
      () => new DebertaV2Layer(layers, config),
    );
    this.relEmbeddings = config.relativeAttention
      ? this.named(
        "rel_embeddings",
        layers.embedding(relativeRows(config), hiddenSize),
      )
      : undefined;
    this.layerNorm = config.normRelEbd === "layer_norm"
      ? this.named("LayerNorm", layers.layerNorm(hiddenSize))
      : undefined;
    this.#config = config;
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    const relative = this.#relative(context);
    const shared = relative ? { ...context, relative } : context;
    return applyLayers(this.layer, hiddenStates, shared);
  }

  /** Distances of the tokens, and the rows of the table that these need. */
  #relative({ tiles, cuSeqlens }: ForwardContext) {
    if (!this.relEmbeddings) return undefined;
    const { weight } = this.relEmbeddings;
    const rowOf = logBuckets(this.#config);
    const longest = longestSequence(cuSeqlens);
    const first = rowOf(1 - longest);
    const last = rowOf(longest - 1);
    // A multiple of four, so that products read rows of buckets in vec4s.
    const count = 4 * Math.ceil((last + 1 - first) / 4);
    const rows = Array.from(
      { length: count },
      (_, i) => Math.min(first + i, last),
    );
    const selected = indexSelect(weight, 0, rows); // [R, H]
    return {
      firstRow: first,
      positions: relativePositions(weight.device, tiles, cuSeqlens, {
        count,
        bucketOf: (distance) => rowOf(distance) - first,
      }),
      embeddings: this.layerNorm?.forward(selected) ?? selected,
    };
  }
}

/**
 * The encoder, without a head. Made by {@linkcode PreTrainedModel.fromConfig},
 * loaded and saved by {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class DebertaV2Model extends Encoder<DebertaV2Config> {
  /** The class in transformers. */
  static override readonly architecture: string = "DebertaV2Model";
  /** The configuration class. */
  static override readonly configClass: typeof DebertaV2Config =
    DebertaV2Config;
  /** Embeddings. */
  readonly embeddings: DebertaV2Embeddings;
  /** Layers. */
  readonly encoder: DebertaV2Encoder;

  /** Makes a model with random weights. */
  constructor(config: DebertaV2Config, options: ModelOptions) {
    super(config, options);
    const layers = new LayerFactory(options.device, config, options.seed ?? 0);
    this.embeddings = new DebertaV2Embeddings(layers, config);
    this.encoder = new DebertaV2Encoder(layers, config);
  }

  /** Embeddings and the table of distances; each layer. */
  override get layersInOrder(): readonly (readonly Module[])[] {
    const { layer, relEmbeddings, layerNorm } = this.encoder;
    return [
      [this.embeddings, relEmbeddings, layerNorm]
        .filter((part) => part !== undefined),
      ...layer.map((layer) => [layer]),
    ];
  }

  /** Applies embeddings and layers; returns `[T, H]`. */
  protected override hiddenStates(
    tokens: Uint32Array<ArrayBuffer>,
    context: ForwardContext,
  ): Tensor {
    if (this.config.relativeAttention) checkWithoutGaps(context);
    const embedded = this.embeddings.forward(tokens, context);
    return this.encoder.forward(embedded, context);
  }
}
