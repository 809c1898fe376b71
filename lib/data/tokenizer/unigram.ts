/**
 * Unigram: the tokens of a word whose scores have the largest sum.
 *
 * Source: `encode_optimized`, https://github.com/huggingface/tokenizers/blob/v0.23.1/tokenizers/src/models/unigram/model.rs
 *
 * @module
 */
import { booleanOf, type Component, wrong } from "./settings.ts";
import type { Model } from "./vocabulary.ts";

/** Score of an unknown character, below the smallest score. */
const UNKNOWN_PENALTY = 10;

const ENCODER = new TextEncoder();

/**
 * Makes a model.
 *
 * @param settings The model in `tokenizer.json`.
 * @param source The file, for errors.
 * @returns The model.
 * @throws {SyntaxError} If a setting is missing.
 */
export function unigram(settings: Component, source: string): Model {
  const { scores, vocabulary } = readVocabulary(settings, source);
  const unknown = settings.unk_id ?? undefined;
  if (
    unknown !== undefined && scores[unknown as number] === undefined
  ) {
    throw wrong(settings, "unk_id", "the id of a token", source);
  }
  const fallsBack = booleanOf(settings, "byte_fallback", source, false);
  const lowest = scores.reduce((a, b) => Math.min(a, b), Infinity);
  const unknownScore = lowest - UNKNOWN_PENALTY;
  const longest = longestByFirst(vocabulary.keys());

  /** Returns the ids of a part: of itself, of its bytes, or the unknown one. */
  const idsOf = (part: string): number[] => {
    const id = vocabulary.get(part);
    if (id !== undefined) return [id];
    const bytes = fallsBack ? byteIds(part, vocabulary) : undefined;
    return bytes ?? [requireUnknown(unknown as number | undefined, source)];
  };

  const tokenize = (word: string): number[] => {
    const size = word.length; // in UTF-16 units
    const ids = new Int32Array(size + 1);
    const best = new Float64Array(size + 1);
    const starts = new Int32Array(size + 1).fill(-1);
    const offer = (start: number, end: number, id: number, score: number) => {
      const sum = score + best[start]!;
      if (starts[end]! >= 0 && sum <= best[end]!) return;
      best[end] = sum;
      starts[end] = start;
      ids[end] = id;
    };
    for (let start = 0; start < size;) {
      const code = word.codePointAt(start)!;
      const next = start + (code > 0xffff ? 2 : 1);
      const last = Math.min(size, start + (longest.get(code) ?? 0));
      let hasCharacter = false;
      for (let end = next; end <= last; end++) {
        const id = vocabulary.get(word.slice(start, end));
        if (id === undefined) continue;
        offer(start, end, id, scores[id]!);
        hasCharacter ||= end === next;
      }
      if (!hasCharacter) {
        const id = requireUnknown(unknown as number | undefined, source);
        offer(start, next, id, unknownScore);
      }
      start = next;
    }
    // Unknown characters next to each other are one part.
    const parts: string[] = [];
    for (let end = size, unknownEnd = -1; end > 0;) {
      const start = starts[end]!;
      if (ids[end] === unknown) {
        if (unknownEnd < 0) unknownEnd = end;
        const isLast = start === 0 || ids[start] !== unknown;
        if (isLast) parts.push(word.slice(start, unknownEnd));
        if (isLast) unknownEnd = -1;
      } else {
        parts.push(word.slice(start, end));
      }
      end = start;
    }
    return parts.reverse().flatMap(idsOf);
  };
  return { vocabulary, tokenize };
}

function readVocabulary(settings: Component, source: string) {
  const { vocab } = settings;
  const scores: number[] = [];
  const vocabulary = new Map<string, number>();
  if (!Array.isArray(vocab)) {
    throw wrong(settings, "vocab", "a list of tokens and scores", source);
  }
  for (const [id, entry] of vocab.entries()) {
    const [token, score] = Array.isArray(entry) ? entry : [];
    if (typeof token !== "string" || typeof score !== "number") {
      throw wrong(settings, "vocab", "a list of tokens and scores", source);
    }
    vocabulary.set(token, id);
    scores.push(scoreOf(score));
  }
  return { scores, vocabulary };
}

/**
 * Returns a score as the library reads it: the digits as an integer, divided by
 * a power of ten. It may differ in the last bit, which decides between ways of
 * the same score.
 *
 * Source: `f64_from_parts`, https://github.com/serde-rs/json/blob/v1.0.140/src/de.rs
 */
function scoreOf(score: number): number {
  const match = /^(-?)(\d+)\.?(\d*)(?:e([+-]?\d+))?$/.exec(String(score));
  if (match === null) return score;
  const [, sign, whole, fraction, exponent] = match as unknown as string[];
  const power = Number(exponent ?? 0) - fraction!.length;
  const digits = Number(whole! + fraction!); // rounded, as u64 to f64 is
  const scale = Number(`1e${Math.abs(power)}`);
  const size = power < 0 ? digits / scale : digits * scale;
  return sign === "-" ? -size : size;
}

/** The length of the longest token by its first character, in UTF-16 units. */
function longestByFirst(tokens: Iterable<string>): Map<number, number> {
  const longest = new Map<number, number>();
  for (const token of tokens) {
    const first = token.codePointAt(0);
    if (first === undefined) continue;
    longest.set(first, Math.max(token.length, longest.get(first) ?? 0));
  }
  return longest;
}

/**
 * Returns the ids of the tokens for the bytes of a text.
 *
 * @param text The text.
 * @param vocabulary Ids of the tokens, such as `<0x0A>`.
 * @returns The ids, or undefined if a byte has no token.
 */
export function byteIds(
  text: string,
  vocabulary: ReadonlyMap<string, number>,
): number[] | undefined {
  const ids = Array.from(
    ENCODER.encode(text),
    (byte) =>
      vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
  );
  return ids.includes(undefined) ? undefined : ids as number[];
}

function requireUnknown(id: number | undefined, source: string): number {
  if (id !== undefined) return id;
  throw new RangeError(
    `Cannot encode an unknown character: the model of ${source} has no unk_id`,
  );
}
