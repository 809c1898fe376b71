/**
 * Model sizes and batch limits of `bench.ts`.
 *
 * @module
 */
import { BertConfig } from "../../mod.ts";
import lengths from "./lengths.json" with { type: "json" };

/** Sizes of the models. */
export const SIZES = {
  tiny: size(128, 2, 2),
  mini: size(256, 4, 4),
  "minilm-l6": size(384, 6, 12),
  base: size(768, 12, 12),
};

/** Name of a model size. */
export type ModelName = keyof typeof SIZES;

/** Maximum number of tokens of a row. */
export const MAX_LENGTH = new BertConfig(SIZES.tiny).maxPositionEmbeddings;

/** Number of rows in `lengths.json`. */
export const MAX_BATCH = lengths.length;

function size(
  hiddenSize: number,
  numHiddenLayers: number,
  numAttentionHeads: number,
) {
  const intermediateSize = 4 * hiddenSize;
  return { hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize };
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
