/**
 * Model sizes and batch limits of `bench.ts`.
 *
 * @module
 */
import { BertConfig } from "../../mod.ts";
import lengths from "./lengths.json" with { type: "json" };

/** Sizes of the models that can be timed. */
export const SIZES = {
  tiny: size(128, 2, 2),
  mini: size(256, 4, 4),
  "minilm-l6": size(384, 6, 12),
  base: size(768, 12, 12),
};

/** A name of {@linkcode SIZES}. */
export type ModelName = keyof typeof SIZES;

/** Tokens that a row has at most. */
export const MAX_LENGTH = new BertConfig(SIZES.tiny).maxPositionEmbeddings;

/** Rows that there are lengths of. */
export const MAX_BATCH = lengths.length;

function size(
  hiddenSize: number,
  numHiddenLayers: number,
  numAttentionHeads: number,
) {
  const intermediateSize = 4 * hiddenSize;
  return { hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize };
}

/** Real tokens of a batch, on average over all rows. */
export function meanTokens(batchSize: number): number {
  const all = lengths.reduce((sum, length) => sum + length, 0);
  return Math.round(all / lengths.length * batchSize);
}
