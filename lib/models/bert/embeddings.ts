/**
 * The embeddings of BERT.
 *
 * Shapes: T real tokens, V words, E embedding size.
 *
 * @module
 */
import type { Embedding } from "../../nn/embedding.ts";
import type { LayerNorm } from "../../nn/layer_norm.ts";
import { Module } from "../../nn/module.ts";
import { dropout } from "../../ops/dropout.ts";
import { embedLayerNorm } from "../../ops/embed_layer_norm.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { ForwardContext } from "../encoder.ts";
import type { LayerFactory } from "../layer_factory.ts";
import type { BertConfig } from "./bert_config.ts";

/**
 * Settings of {@linkcode BertEmbeddings}: without `typeVocabSize` there are no token
 * types, `embeddingSize` is the hidden size by default, and `positionPaddingIdx` is
 * the position of padding tokens, if they have one.
 */
export type BertEmbeddingsConfig =
  & Pick<
    BertConfig,
    | "vocabSize"
    | "hiddenSize"
    | "maxPositionEmbeddings"
    | "padTokenId"
    | "hiddenDropoutProb"
  >
  & {
    readonly typeVocabSize?: number;
    readonly embeddingSize?: number;
    readonly positionPaddingIdx?: number;
  };

/** Word, position and token-type embeddings, LayerNorm, dropout. */
export class BertEmbeddings extends Module {
  /** Word embeddings, `[V, E]`. */
  readonly wordEmbeddings: Embedding;
  /** Position embeddings, `[maxPositionEmbeddings, E]`. */
  readonly positionEmbeddings: Embedding;
  /** Token-type embeddings, `[typeVocabSize, E]`, if the model has token types. */
  readonly tokenTypeEmbeddings: Embedding | undefined;
  /** LayerNorm over E. */
  readonly layerNorm: LayerNorm;
  readonly #dropout: number;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: BertEmbeddingsConfig) {
    super();
    const { vocabSize, padTokenId, typeVocabSize } = config;
    const size = config.embeddingSize ?? config.hiddenSize;
    this.wordEmbeddings = this.named(
      "word_embeddings",
      layers.embedding(vocabSize, size, padTokenId ?? undefined),
    );
    this.positionEmbeddings = this.named(
      "position_embeddings",
      layers.embedding(
        config.maxPositionEmbeddings,
        size,
        config.positionPaddingIdx,
      ),
    );
    this.tokenTypeEmbeddings = typeVocabSize === undefined
      ? undefined
      : this.named(
        "token_type_embeddings",
        layers.embedding(typeVocabSize, size),
      );
    this.layerNorm = this.named("LayerNorm", layers.layerNorm(size));
    this.#dropout = config.hiddenDropoutProb;
  }

  /** Tokens (id, position, token type), `[T, 3]`, to `[T, E]`. */
  forward(tokens: Uint32Array<ArrayBuffer>, context: ForwardContext): Tensor {
    const embedded = embedLayerNorm(tokens, this);
    return dropout(embedded, context.dropoutKey(this.#dropout));
  }
}
