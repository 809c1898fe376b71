/**
 * Models of `tokenizer.json`: how a word becomes tokens.
 *
 * @module
 */
import { bytePair } from "./byte_pair.ts";
import { type Component, textOf } from "./settings.ts";
import { unigram } from "./unigram.ts";
import { type Model, unknownId, vocabularyOf } from "./vocabulary.ts";
import { wordPiece } from "./word_piece.ts";

/** Longest word whose tokens are kept, and number of such words. */
const MOST_CHARACTERS = 256;
const MOST_WORDS = 20_000;

/**
 * Makes a model.
 *
 * @param component The model in `tokenizer.json`.
 * @param source The file, for errors.
 * @returns The model.
 * @throws {SyntaxError} If it is not understood.
 */
export function readModel(component: unknown, source: string): Model {
  const settings = (component ?? {}) as Component;
  const type = settings.type ?? guessedType(settings);
  const model = type === "WordPiece"
    ? wordPiece(settings, vocabularyOf(settings, source), source)
    : type === "WordLevel"
    ? wordLevel(settings, vocabularyOf(settings, source), source)
    : type === "BPE"
    ? bytePair(settings, vocabularyOf(settings, source), source)
    : type === "Unigram"
    ? unigram(settings, source)
    : undefined;
  if (model === undefined) {
    throw new SyntaxError(
      `Cannot read ${source}: it does not describe a tokenizer (its model must be WordPiece, BPE, Unigram or WordLevel, not ${
        JSON.stringify(type) ?? "missing"
      }); copy or download it again`,
    );
  }
  return { ...model, tokenize: cached(model.tokenize) };
}

/** The type of models of old files, which do not say it. */
function guessedType(settings: Component): string | undefined {
  if (Array.isArray(settings.vocab)) return "Unigram";
  if ("merges" in settings) return "BPE";
  if ("continuing_subword_prefix" in settings) return "WordPiece";
  return "vocab" in settings && "unk_token" in settings
    ? "WordLevel"
    : undefined;
}

/** A model that has words only. */
function wordLevel(
  settings: Component,
  vocabulary: Map<string, number>,
  source: string,
): Model {
  const unknown = unknownId(
    textOf(settings, "unk_token", source),
    vocabulary,
    source,
  );
  return {
    vocabulary,
    tokenize: (word) => [vocabulary.get(word) ?? unknown()],
  };
}

/** Keeps the tokens of short words. */
function cached(tokenize: Model["tokenize"]): Model["tokenize"] {
  const cache = new Map<string, readonly number[]>();
  return (word) => {
    const known = cache.get(word);
    if (known !== undefined) return known;
    const ids = tokenize(word);
    if (word.length < MOST_CHARACTERS && cache.size < MOST_WORDS) {
      cache.set(word, ids);
    }
    return ids;
  };
}
