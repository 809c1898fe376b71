/**
 * Byte-pair encoding: pairs of tokens are merged, the pair of lowest rank first.
 *
 * Source: https://github.com/huggingface/tokenizers/blob/v0.23.1/tokenizers/src/models/bpe/word.rs
 *
 * @module
 */
import { booleanOf, type Component, textOf, wrong } from "./settings.ts";
import { byteIds } from "./unigram.ts";
import { type Model, unknownId } from "./vocabulary.ts";

/** Factor of the first id in the key of a pair, and of the rank in the key of a place. */
const SHIFT = 2 ** 26;

/**
 * Makes a model.
 *
 * @param settings The model in `tokenizer.json`.
 * @param vocabulary Ids of its tokens.
 * @param source The file, for errors.
 * @returns The model.
 * @throws {SyntaxError} If a setting is wrong, or a merge has a token that the vocabulary lacks.
 * @throws {RangeError} If it drops merges at random.
 */
export function bytePair(
  settings: Component,
  vocabulary: ReadonlyMap<string, number>,
  source: string,
): Model {
  if ((settings.dropout ?? 0) !== 0) {
    throw new RangeError(
      `Cannot use ${source}: dropout of its model is ${settings.dropout}, which gives other tokens each time; set it to null`,
    );
  }
  const prefix = textOf(settings, "continuing_subword_prefix", source, "");
  const suffix = textOf(settings, "end_of_word_suffix", source, "");
  const unknownToken = settings.unk_token ?? undefined;
  const unknown = unknownToken === undefined
    ? undefined
    : unknownId(textOf(settings, "unk_token", source), vocabulary, source);
  const fusesUnknown = booleanOf(settings, "fuse_unk", source, false);
  const fallsBack = booleanOf(settings, "byte_fallback", source, false);
  const ignoresMerges = booleanOf(settings, "ignore_merges", source, false);
  const merges = readMerges(settings, vocabulary, prefix, source);

  /** Returns the ids of the characters of a word. */
  const characters = (word: string): number[] => {
    const ids: number[] = [];
    const chars = Array.from(word);
    let pending: number | undefined; // the unknown token, not yet in ids
    for (const [i, char] of chars.entries()) {
      const token = (i > 0 ? prefix : "") + char +
        (i === chars.length - 1 ? suffix : "");
      const id = vocabulary.get(token);
      if (id !== undefined) {
        if (pending !== undefined) ids.push(pending);
        pending = undefined;
        ids.push(id);
        continue;
      }
      const bytes = fallsBack ? byteIds(token, vocabulary) : undefined;
      if (bytes !== undefined) {
        ids.push(...bytes); // a pending token comes after them, as in the library
      } else if (unknown !== undefined) {
        if (pending !== undefined && !fusesUnknown) ids.push(pending);
        pending = unknown();
      }
    }
    if (pending !== undefined) ids.push(pending);
    return ids;
  };

  const tokenize = (word: string): number[] => {
    const whole = ignoresMerges ? vocabulary.get(word) : undefined;
    return whole === undefined ? mergeAll(characters(word), merges) : [whole];
  };
  return { vocabulary, tokenize };
}

/** Merges by rank. */
interface Merges {
  /** Rank of a pair of ids; the key is first · `SHIFT` + second. */
  readonly ranks: ReadonlyMap<number, number>;
  /** Ids of the merged tokens by rank. */
  readonly ids: readonly number[];
}

function readMerges(
  settings: Component,
  vocabulary: ReadonlyMap<string, number>,
  prefix: string,
  source: string,
): Merges {
  const { merges } = settings;
  if (!Array.isArray(merges)) {
    throw wrong(settings, "merges", "a list of pairs", source);
  }
  const idOf = (token: string) => {
    const id = vocabulary.get(token);
    if (id !== undefined) return id;
    throw new SyntaxError(
      `Cannot use ${source}: its merges have the token ${
        JSON.stringify(token)
      }, which is not in the vocabulary; copy or download it again`,
    );
  };
  const ranks = new Map<number, number>();
  const ids: number[] = [];
  for (const merge of merges) {
    if (typeof merge === "string" && merge.startsWith("#version")) continue;
    const pair = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw wrong({ ...settings, merges: merge }, "merges", "pairs", source);
    }
    const [first, second] = pair as [string, string];
    ranks.set(idOf(first) * SHIFT + idOf(second), ids.length);
    ids.push(idOf(first + second.slice(prefix.length)));
  }
  return { ranks, ids };
}

/** Merges the pairs of a word, of which a queue has the places, by rank and then from left to right. */
function mergeAll(symbols: number[], { ranks, ids }: Merges): number[] {
  const size = symbols.length;
  const before = Array.from({ length: size }, (_, i) => i - 1);
  const after = Array.from({ length: size }, (_, i) => i + 1);
  const isGone = new Uint8Array(size);
  const queue = new MinHeap();
  const offer = (at: number) => {
    const next = at < 0 ? size : after[at]!;
    if (next >= size) return;
    const rank = ranks.get(symbols[at]! * SHIFT + symbols[next]!);
    if (rank !== undefined) queue.push(rank * SHIFT + at);
  };
  for (let i = 0; i < size - 1; i++) offer(i);
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    const at = key % SHIFT;
    const id = ids[(key - at) / SHIFT]!;
    const next = after[at]!;
    if (isGone[at] || next >= size) continue;
    // The pair at this place may be another one by now.
    const rank = ranks.get(symbols[at]! * SHIFT + symbols[next]!);
    if (rank === undefined || ids[rank] !== id) continue;
    symbols[at] = id;
    isGone[next] = 1;
    after[at] = after[next]!;
    if (after[at]! < size) before[after[at]!] = at;
    offer(before[at]!);
    offer(at);
  }
  return symbols.filter((_, i) => !isGone[i]);
}

/** A queue of numbers, the smallest first. */
class MinHeap {
  #keys: number[] = [];

  push(key: number): void {
    const keys = this.#keys;
    let at = keys.push(key) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent]! <= key) break;
      keys[at] = keys[parent]!;
      at = parent;
    }
    keys[at] = key;
  }

  pop(): number | undefined {
    const keys = this.#keys;
    const smallest = keys[0];
    const key = keys.pop();
    if (key === undefined || keys.length === 0) return smallest;
    let at = 0;
    for (let child = 1; child < keys.length; child = 2 * at + 1) {
      if (child + 1 < keys.length && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= key) break;
      keys[at] = keys[child]!;
      at = child;
    }
    keys[at] = key;
    return smallest;
  }
}
