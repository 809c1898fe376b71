/**
 * Removes padding before the first layer.
 *
 * @module
 */
import type { Batch } from "../data/host_tensor.ts";
import { indexSelect } from "../ops/index_select.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The real tokens of a batch, row after row. */
export interface UnpaddedBatch {
  /** Token id, position and token type of each token, `[T, 3]`. */
  readonly tokens: Uint32Array<ArrayBuffer>;
  /** Cumulative sequence lengths: the first token of each row, and T, `[B + 1]`. */
  readonly cuSeqlens: readonly number[];
  /** Index of each token in the flattened padded batch, `[T]`, below B·S. */
  readonly indices: readonly number[];
}

/** A batch after the encoder. */
export interface EncodedTokens extends Omit<UnpaddedBatch, "tokens"> {
  /** Vectors of the real tokens, `[T, H]`, row after row. */
  readonly lastHiddenState: Tensor;
}

/**
 * Selects the first token of each row.
 *
 * @param encoded The batch after the encoder.
 * @returns Their vectors, `[B, H]`.
 */
export function firstTokens(
  { lastHiddenState, cuSeqlens }: EncodedTokens,
): Tensor {
  return indexSelect(lastHiddenState, 0, cuSeqlens.slice(0, -1));
}

/** Upper bounds of ids, token types and positions. */
export interface UnpadLimits {
  /** Rows of the word embeddings. */
  readonly vocabSize: number;
  /** Rows of the token-type embeddings; without it, or if it is 0, the batch's token types are ignored. */
  readonly typeVocabSize?: number;
  /** Most tokens of a row. */
  readonly maxSeqLength: number;
  /**
   * Id of padding tokens, for a model that counts positions over the other tokens
   * alone, from the id after it; padding tokens have its position.
   */
  readonly positionPaddingIdx?: number;
}

/**
 * Removes the padded positions of a batch, as `unpad_input` of flash-attn. A
 * token after a hole in the mask keeps its position, as in transformers; where
 * padding tokens are not counted, it is by their ids, whatever the mask.
 *
 * @param batch `inputIds`, `tokenTypeIds`, `attentionMask`, each `[B, S]`.
 * @param limits The model's sizes.
 * @returns The real tokens.
 * @throws {RangeError} If shapes differ, the first position of a row is masked, a row is too long, or an id is out of range.
 */
export function unpadInput(batch: Batch, limits: UnpadLimits): UnpaddedBatch {
  const { inputIds, tokenTypeIds, attentionMask } = batch;
  const { shape } = inputIds;
  const { positionPaddingIdx } = limits;
  const typeVocabSize = limits.typeVocabSize || undefined;
  for (
    const [name, tensor] of Object.entries({ tokenTypeIds, attentionMask })
  ) {
    if (`${tensor.shape}` !== `${shape}`) {
      throw new RangeError(
        `Cannot unpad a batch: ${name} is [${tensor.shape}], inputIds is [${shape}]`,
      );
    }
  }
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || rows === 0 || columns === 0) {
    throw new RangeError(
      `Cannot unpad a batch: inputIds must be [B, S] with at least one token, not [${shape}]`,
    );
  }
  const tokens: number[] = [];
  const indices: number[] = [];
  const cuSeqlens = [0];
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    if (attentionMask.data[start] !== 1) {
      throw new RangeError(
        `Cannot unpad row ${row} of a batch: its first position is masked; each row must start with a token`,
      );
    }
    let next = 0;
    for (let i = start; i < start + columns; i++) {
      const id = inputIds.data[i]!;
      const isPadding = id === positionPaddingIdx;
      const place = isPadding ? -1 : next++;
      if (attentionMask.data[i] === 0) continue;
      if (place >= limits.maxSeqLength) {
        throw new RangeError(
          `Cannot unpad row ${row} of a batch: it has more than the model's ${limits.maxSeqLength} positions; encode it with { truncation: true }`,
        );
      }
      const position = place + (positionPaddingIdx ?? -1) + 1;
      const type = typeVocabSize === undefined ? 0 : tokenTypeIds.data[i]!;
      check(row, "inputIds", id, limits.vocabSize);
      check(row, "tokenTypeIds", type, typeVocabSize ?? 1);
      tokens.push(id, position, type);
      indices.push(i);
    }
    cuSeqlens.push(indices.length);
  }
  return { tokens: Uint32Array.from(tokens), cuSeqlens, indices };
}

/**
 * Checks that no token is masked between others, for models that count the distance
 * of tokens.
 *
 * @param batch The unpadded batch.
 * @throws {RangeError} If the mask of a row has a zero before its last token.
 */
export function checkWithoutGaps(
  { cuSeqlens, indices }: Pick<UnpaddedBatch, "cuSeqlens" | "indices">,
): void {
  cuSeqlens.slice(1).forEach((end, row) => {
    const start = cuSeqlens[row]!;
    if (indices[end - 1]! - indices[start]! === end - 1 - start) return;
    throw new RangeError(
      `Cannot encode row ${row} of a batch: its mask has a zero before its last token, and attention by distance needs tokens without gaps; mask only the end of a row`,
    );
  });
}

function check(row: number, name: string, value: number, limit: number): void {
  if (!(value >= 0 && value < limit)) {
    throw new RangeError(
      `Cannot unpad row ${row} of a batch: ${name} has ${value}, the model takes 0 to ${
        limit - 1
      }; use the tokenizer of the model`,
    );
  }
}
