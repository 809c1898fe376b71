/**
 * Truncation of pairs of texts.
 *
 * @module
 */

/**
 * Truncates the longer text of a pair first, and both to half if both are too
 * long: `longest_first` of Hugging Face's tokenizers.
 *
 * Source: `truncate_encodings`, https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/utils/truncation.rs
 *
 * @param first Number of tokens of the first text.
 * @param second Number of tokens of the second text; 0 if there is none.
 * @param room Most tokens to keep of both together.
 * @returns Number of tokens to keep of each text.
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
