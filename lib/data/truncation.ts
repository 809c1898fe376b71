/**
 * What is left of a pair of texts that is too long.
 *
 * @module
 */

/**
 * Cuts the longer text of a pair first, and both to half where both are too
 * long: `longest_first` of Hugging Face's tokenizers.
 *
 * Source: `truncate_encodings`, https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/utils/truncation.rs
 *
 * @param first Tokens of the first text.
 * @param second Tokens of the second text; 0 where there is none.
 * @param room The most tokens to keep of both.
 * @returns The tokens to keep of each.
 */
export function longestFirst(
  first: number,
  second: number,
  room: number,
): [first: number, second: number] {
  if (first + second <= room) return [first, second];
  let shorter = Math.min(first, second);
  let longer = Math.max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = Math.floor(room / 2);
    longer = Math.ceil(room / 2);
  }
  return first > second ? [longer, shorter] : [shorter, longer];
}
