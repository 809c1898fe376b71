/**
 * Model sizes and batch limits of `bench.ts`.
 *
 * @module
 */
import {
  BertConfig,
  DebertaV2Config,
  ModernBertConfig,
  type PretrainedConfig,
  RobertaConfig,
} from "../../mod.ts";
import lengths from "./lengths.json" with { type: "json" };

/** Size of an encoder. */
export interface ModelSize {
  /** The configuration, with random weights to be. */
  readonly config: PretrainedConfig;
  /** Number of layers. */
  readonly layers: number;
  /** Hidden size. */
  readonly hidden: number;
  /** Outputs of the first linear layer of the feed-forward block. */
  readonly up: number;
  /** Inputs of its second one. */
  readonly down: number;
  /** Relative positions that every layer projects to queries and keys. */
  readonly positions?: number;
}

/** Sizes of the models of BERT's architecture, whose products `gemm` times. */
export const BERT_SIZES = {
  tiny: bert(128, 2, 2),
  mini: bert(256, 4, 4),
  "minilm-l6": bert(384, 6, 12),
  base: bert(768, 12, 12),
};

/** Sizes of the models. */
export const SIZES = {
  ...BERT_SIZES,
  "roberta-base": {
    ...bert(768, 12, 12),
    config: new RobertaConfig({
      vocabSize: 50265,
      maxPositionEmbeddings: 514,
      typeVocabSize: 1,
    }),
  },
  "modernbert-base": {
    config: new ModernBertConfig({ embeddingDropout: 0, mlpDropout: 0 }),
    layers: 22,
    hidden: 768,
    up: 2304,
    down: 1152,
  },
  "deberta-v3-base": {
    ...bert(768, 12, 12),
    config: new DebertaV2Config({
      vocabSize: 128100,
      hiddenSize: 768,
      numHiddenLayers: 12,
      numAttentionHeads: 12,
      intermediateSize: 3072,
      typeVocabSize: 0,
      relativeAttention: true,
      positionBuckets: 256,
      posAttType: "p2c|c2p",
      shareAttKey: true,
      normRelEbd: "layer_norm",
      positionBiasedInput: false,
    }),
    positions: 512,
  },
} satisfies Record<string, ModelSize>;

/** Name of a model size. */
export type ModelName = keyof typeof SIZES;

/** Number of rows in `lengths.json`. */
export const MAX_BATCH = lengths.length;

function bert(
  hiddenSize: number,
  numHiddenLayers: number,
  numAttentionHeads: number,
): ModelSize {
  const intermediateSize = 4 * hiddenSize;
  return {
    config: new BertConfig({
      hiddenSize,
      numHiddenLayers,
      numAttentionHeads,
      intermediateSize,
    }),
    layers: numHiddenLayers,
    hidden: hiddenSize,
    up: intermediateSize,
    down: intermediateSize,
  };
}

/**
 * Computes the mean number of tokens of a batch, without padding.
 *
 * @param batchSize Rows of the batch.
 * @returns The number of tokens.
 */
export function meanTokens(batchSize: number): number {
  const all = lengths.reduce((sum, length) => sum + length, 0);
  return Math.round(all / lengths.length * batchSize);
}
