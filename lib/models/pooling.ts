/**
 * Vectors of whole rows from the vectors of their tokens.
 *
 * @module
 */
import { matmul } from "../ops/matmul.ts";
import { fromArray, type Tensor } from "../tensor/tensor.ts";
import type { EncodedTokens } from "./padding.ts";

/**
 * Averages the real tokens of each row, special tokens included, as sentence
 * encoders with mean pooling do. For that of the first token see
 * {@linkcode firstTokens}.
 *
 * @example Sentence vectors
 * ```ts ignore
 * const model = await AutoModel.fromPretrained("models/encoder", { device });
 * const tokenizer = await Tokenizer.fromPretrained("models/encoder");
 * const batch = dataCollatorWithPadding(tokenizer)([
 *   tokenizer.encode("It rains."),
 *   tokenizer.encode("Rain is falling."),
 * ]);
 * using _noGrad = noGrad();
 * using _scope = device.scope();
 * const vectors = await meanPooling(model.encode(batch)).toArray(); // [2, H]
 * ```
 *
 * @param encoded The batch after the encoder.
 * @returns One vector for each row, `[B, H]`.
 */
export function meanPooling(
  { lastHiddenState, cuSeqlens }: EncodedTokens,
): Tensor {
  const [tokens = 0] = lastHiddenState.shape;
  const rows = cuSeqlens.length - 1;
  const shares = new Float32Array(rows * tokens); // [B, T], 1 / length in a row
  for (let row = 0; row < rows; row++) {
    const [first, end] = [cuSeqlens[row]!, cuSeqlens[row + 1]!];
    shares.fill(1 / (end - first), row * tokens + first, row * tokens + end);
  }
  const { device } = lastHiddenState;
  return matmul(fromArray(device, shares, [rows, tokens]), lastHiddenState);
}
