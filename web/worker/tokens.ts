/**
 * Tokens and words as they are shown.
 *
 * @module
 */
import type { Encoding, Tokenizer } from "../../mod.ts";
import type { ShownToken, WordWeight } from "../messages.ts";

/**
 * Makes the tokens of a row readable.
 *
 * @param tokenizer The tokenizer.
 * @param ids Their numbers.
 * @returns The tokens: pieces of a word begin with `##`, as in WordPiece.
 */
export function shownTokens(
  tokenizer: Tokenizer,
  ids: readonly number[],
): ShownToken[] {
  return ids.map((id) => ({
    text: tokenizer.decode([id]),
    isSpecial: tokenizer.specialTokenIds.has(id),
  }));
}

/**
 * Adds up the weights of the tokens of each word.
 *
 * @param tokenizer The tokenizer.
 * @param encoding The tokens.
 * @param weights A weight for each.
 * @returns The words, in order, without special tokens.
 */
export function wordsOf(
  tokenizer: Tokenizer,
  { inputIds, tokenTypeIds }: Encoding,
  weights: readonly number[],
): WordWeight[] {
  const words: { text: string; part: number; weight: number }[] = [];
  const tokens = shownTokens(tokenizer, inputIds);
  // Byte-level tokenizers write the space before a word into its first token.
  const hasSpaces = tokens.some(({ text }) => /^\s\S/.test(text));
  let [part, isInside] = [0, false];
  for (const [i, { text, isSpecial }] of tokens.entries()) {
    if (isSpecial) {
      // A special token between two texts ends the first.
      if (isInside) part++;
      isInside = false;
      continue;
    }
    const continues = isInside &&
      (hasSpaces ? !/^\s/.test(text) : text.startsWith("##"));
    const last = words.at(-1);
    if (continues && last) {
      last.text += text.replace(/^##/, "");
      last.weight += weights[i]!;
    } else {
      const own = tokenTypeIds[i] ? 1 : Math.min(part, 1);
      words.push({ text: text.trim(), part: own, weight: weights[i]! });
    }
    isInside = true;
  }
  return words;
}
