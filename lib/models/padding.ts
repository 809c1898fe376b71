/**
 * From a padded batch to packed tokens: what is padding costs nothing.
 *
 * @module
 */
import type { Batch } from "../data/host_tensor.ts";

/** The real tokens of a batch, row after row. */
export interface UnpaddedBatch {
  /** Token id, position and kind of each token, `[T, 3]`. */
  readonly tokens: Uint32Array<ArrayBuffer>;
  /** Where each row begins in the tokens, and the end of the last, `[B + 1]`. */
  readonly cuSeqlens: readonly number[];
  /** Where each token stood in the padded batch, counted through its rows: `[T]`, below B·S. */
  readonly indices: readonly number[];
}

/** Sizes that ids, kinds and positions must stay below. */
export interface UnpadLimits {
  /** Rows of the table of words. */
  readonly vocabSize: number;
  /** Kinds of tokens; without it the batch's kinds are left out. */
  readonly typeVocabSize?: number;
  /** Positions. */
  readonly maxPositionEmbeddings: number;
}

/**
 * Drops the padded positions of a batch. A position behind a hole in the mask
 * keeps its number, as in transformers.
 *
 * @param batch The batch: `inputIds`, `tokenTypeIds`, `attentionMask`, each `[B, S]`.
 * @param limits The model's sizes.
 * @returns The tokens that are left.
 * @throws {RangeError} If shapes differ, the first position of a row is masked, a row is too long, or an id is out of range.
 */
export function unpadInput(batch: Batch, limits: UnpadLimits): UnpaddedBatch {
  const { inputIds, tokenTypeIds, attentionMask } = batch;
  const { shape } = inputIds;
  const { typeVocabSize } = limits;
  for (
    const [name, tensor] of Object.entries({ tokenTypeIds, attentionMask })
  ) {
    if (`${tensor.shape}` !== `${shape}`) {
      throw new RangeError(
        `Cannot pack a batch: ${name} is [${tensor.shape}], inputIds is [${shape}]`,
      );
    }
  }
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || rows === 0 || columns === 0) {
    throw new RangeError(
      `Cannot pack a batch: inputIds must be [B, S] with at least one token, not [${shape}]`,
    );
  }
  const tokens: number[] = [];
  const indices: number[] = [];
  const cuSeqlens = [0];
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    if (attentionMask.data[start] !== 1) {
      throw new RangeError(
        `Cannot pack row ${row} of a batch: its first position is masked, but the pooler reads it`,
      );
    }
    for (let position = 0; position < columns; position++) {
      const i = start + position;
      if (attentionMask.data[i] === 0) continue;
      if (position >= limits.maxPositionEmbeddings) {
        throw new RangeError(
          `Cannot pack row ${row} of a batch: it has more than the model's ${limits.maxPositionEmbeddings} positions; encode it with { truncation: true }`,
        );
      }
      const id = inputIds.data[i]!;
      const kind = typeVocabSize === undefined ? 0 : tokenTypeIds.data[i]!;
      check(row, "inputIds", id, limits.vocabSize);
      check(row, "tokenTypeIds", kind, typeVocabSize ?? 1);
      tokens.push(id, position, kind);
      indices.push(i);
    }
    cuSeqlens.push(indices.length);
  }
  return { tokens: Uint32Array.from(tokens), cuSeqlens, indices };
}

function check(row: number, name: string, value: number, limit: number): void {
  if (!(value >= 0 && value < limit)) {
    throw new RangeError(
      `Cannot pack row ${row} of a batch: ${name} has ${value}, the model takes 0 to ${
        limit - 1
      }; use the tokenizer of the model`,
    );
  }
}
