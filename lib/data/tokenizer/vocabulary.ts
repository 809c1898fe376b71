/**
 * Vocabularies of `tokenizer.json`.
 *
 * @module
 */
import { type Component, wrong } from "./settings.ts";

/** A model: a vocabulary, and the ids of a word. */
export interface Model {
  /** Ids of the tokens. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Tokenizes a word. */
  readonly tokenize: (word: string) => readonly number[];
}

/**
 * Reads the vocabulary of a model.
 *
 * @param settings The model in `tokenizer.json`.
 * @param source The file, for errors.
 * @returns Ids of the tokens.
 * @throws {SyntaxError} If it is not an object of tokens and ids, or two tokens have one id.
 */
export function vocabularyOf(
  settings: Component,
  source: string,
): Map<string, number> {
  const { vocab } = settings;
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) {
    throw wrong(settings, "vocab", "an object of tokens and ids", source);
  }
  const tokens = new Map(Object.entries(vocab as Record<string, number>));
  const ids = new Set<number>();
  for (const [token, id] of tokens) {
    if (!Number.isSafeInteger(id) || id < 0 || ids.has(id)) {
      throw new SyntaxError(
        `Cannot use ${source}: the id ${JSON.stringify(id)} of the token ${
          JSON.stringify(token)
        } must be a whole number that no other token has`,
      );
    }
    ids.add(id);
  }
  return tokens;
}

/**
 * Returns the id of the token for unknown words, once it is needed.
 *
 * @param token The token.
 * @param vocabulary Ids of the tokens.
 * @param source The file, for errors.
 * @returns A function that returns the id, and throws if there is none.
 */
export function unknownId(
  token: string,
  vocabulary: ReadonlyMap<string, number>,
  source: string,
): () => number {
  const id = vocabulary.get(token);
  return () => {
    if (id !== undefined) return id;
    throw new RangeError(
      `Cannot encode an unknown word: the vocabulary of ${source} has no token ${
        JSON.stringify(token)
      }, its unk_token`,
    );
  };
}
