/**
 * Makes the sentence pairs of the embedded default: facts first, then sentences
 * that tell them. The same seed gives the same files, byte for byte.
 *
 *     deno run --allow-write=data data/make_pairs.ts
 *
 * Writes `data/pairs/{train,validation,test}.arrow`.
 *
 * @module
 */
import { writeArrow } from "../lib/data/arrow.ts";
import { Dataset } from "../lib/data/dataset.ts";
import { Random } from "../lib/random.ts";
import { type Frame, FRAMES } from "./frames.ts";

/** One row, in MRPC's columns. */
export interface Pair {
  /** A sentence. */
  sentence1: string;
  /** Another sentence. */
  sentence2: string;
  /** 1 if both tell the same fact, else 0. */
  label: 0 | 1;
  /** The row's place in its split. */
  idx: number;
}

/** What the two sentences are to each other, and how many of 30 pairs are so. */
const KINDS = { same: 20, denied: 6, changed: 4 };
type Kind = keyof typeof KINDS;

/** The rows of each split. */
export type Splits = Record<keyof typeof SIZES, Pair[]>;

/** The value of each detail. */
type Fact = Record<string, string>;

/** Rows of each split: multiples of 30. */
const SIZES = { train: 480, validation: 120, test: 120 };

/** The seed of the files in `data/pairs`. */
export const SEED = 42;

/**
 * Makes all pairs. No sentence comes twice, and no fact is in two pairs.
 *
 * @param seed Seed of every choice.
 * @returns The rows of each split, shuffled.
 */
export function makePairs(seed: number): Splits {
  const random = new Random(seed);
  const seen = new Set<string>();

  function draw<T>(values: readonly T[]): T {
    return values[random.below(values.length)]!;
  }

  /** Draws the details that `kept` lacks; no two have the same value. */
  function drawFact(frame: Frame, kept: Fact = {}): Fact {
    for (;;) {
      const fact: Fact = {};
      for (const [detail, values] of Object.entries(frame.details)) {
        fact[detail] = kept[detail] ?? draw(values);
      }
      const values = Object.values(fact);
      if (new Set(values).size === values.length) return fact;
    }
  }

  function changeOne(frame: Frame, fact: Fact): Fact {
    const detail = draw(Object.keys(fact));
    const { [detail]: before, ...kept } = fact;
    for (;;) {
      const changed = drawFact(frame, kept);
      if (changed[detail] !== before) return changed;
    }
  }

  function makePair(frame: Frame, kind: Kind): [string, string] {
    for (;;) {
      const [first, second] = random.permutation(frame.tells.length);
      const fact = drawFact(frame);
      const other = kind === "changed" ? changeOne(frame, fact) : fact;
      const sentences = [
        say(frame.tells[first!]!, fact),
        say(
          kind === "denied" ? draw(frame.denies) : frame.tells[second!]!,
          other,
        ),
      ];
      const traces = [
        ...sentences,
        ...[fact, other].map((f) => JSON.stringify(f)),
      ];
      if (traces.some((trace) => seen.has(trace))) continue;
      for (const trace of traces) seen.add(trace);
      const [a, b] = random.permutation(2);
      return [sentences[a!]!, sentences[b!]!];
    }
  }

  function makeSplit(size: number): Pair[] {
    const kinds = Object.entries(KINDS).flatMap(([kind, of30]) =>
      Array<Kind>(size * of30 / 30).fill(kind as Kind)
    );
    const pairs = kinds.map((kind, i) => ({
      kind,
      sentences: makePair(FRAMES[i % FRAMES.length]!, kind),
    }));
    return Array.from(random.permutation(size), (from, idx) => {
      const { kind, sentences: [sentence1, sentence2] } = pairs[from]!;
      return { sentence1, sentence2, label: kind === "same" ? 1 : 0, idx };
    });
  }

  return {
    train: makeSplit(SIZES.train),
    validation: makeSplit(SIZES.validation),
    test: makeSplit(SIZES.test),
  };
}

/** Puts a fact's details into a sentence, and a capital before it. */
function say(sentence: string, fact: Fact): string {
  const text = sentence.replace(/\{(\w+)\}/g, (_, detail) => fact[detail]!);
  return text[0]!.toUpperCase() + text.slice(1);
}

/**
 * Writes pairs as an Arrow file that names the two labels as MRPC does.
 *
 * @param pairs The rows.
 * @returns The file's bytes.
 */
export function toArrow(pairs: readonly Pair[]): Uint8Array {
  const columns = {
    sentence1: pairs.map((pair) => pair.sentence1),
    sentence2: pairs.map((pair) => pair.sentence2),
    label: pairs.map((pair) => pair.label),
    idx: pairs.map((pair) => pair.idx),
  };
  const labelNames = { label: ["not_equivalent", "equivalent"] };
  return writeArrow(new Dataset(columns, { labelNames }));
}

if (import.meta.main) {
  const folder = new URL("pairs/", import.meta.url);
  await Deno.mkdir(folder, { recursive: true });
  for (const [split, pairs] of Object.entries(makePairs(SEED))) {
    await Deno.writeFile(new URL(`${split}.arrow`, folder), toArrow(pairs));
  }
}
