/**
 * WordPiece: the longest token that a word starts with, then the longest that
 * its rest starts with, and so on.
 *
 * Source: https://github.com/huggingface/tokenizers/blob/v0.23.1/tokenizers/src/models/wordpiece/mod.rs
 *
 * @module
 */
import { type Component, textOf, wrong } from "./settings.ts";
import { type Model, unknownId } from "./vocabulary.ts";

/**
 * Makes a model.
 *
 * @param settings The model in `tokenizer.json`.
 * @param vocabulary Ids of its tokens.
 * @param source The file, for errors.
 * @returns The model.
 * @throws {SyntaxError} If a setting is missing.
 */
export function wordPiece(
  settings: Component,
  vocabulary: ReadonlyMap<string, number>,
  source: string,
): Model {
  const prefix = textOf(settings, "continuing_subword_prefix", source, "##");
  const most = settings.max_input_chars_per_word ?? 100;
  if (typeof most !== "number") {
    throw wrong(settings, "max_input_chars_per_word", "a number", source);
  }
  const unknown = unknownId(
    textOf(settings, "unk_token", source),
    vocabulary,
    source,
  );
  const longest = Array.from(vocabulary.keys())
    .reduce((length, token) => Math.max(length, token.length), 0);
  const tokenize = (word: string): number[] => {
    if (word.length > most && Array.from(word).length > most) {
      return [unknown()];
    }
    const ids: number[] = [];
    let start = 0;
    while (start < word.length) {
      let end = Math.min(word.length, start + longest);
      let id: number | undefined;
      for (; end > start; end--) {
        const part = word.slice(start, end);
        id = vocabulary.get(start > 0 ? prefix + part : part);
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown()];
      ids.push(id);
      start = end;
    }
    return ids;
  };
  return { vocabulary, tokenize };
}
