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
import type { Frame } from "./frame.ts";
import { FRAMES } from "./frames.ts";
import { draw, drawValue, type Kind, shortName, type Side } from "./names.ts";
import { drawFact, type Fact, factKey, NEWS, tellTwice } from "./sentences.ts";

/** What the two sentences are to each other, and how many of 500 pairs are so. */
export const PAIR_KINDS = {
  /** One fact, told twice. */
  same: 340,
  /** The two parties have changed places. */
  swapped: 32,
  /** Another person, company, team or country. */
  name: 32,
  /** Another number. */
  amount: 20,
  /** The opposite happened. */
  polarity: 26,
  /** Another day, month or quarter. */
  date: 21,
  /** Another city. */
  place: 16,
  /** Another event of the same two parties. */
  event: 13,
};

/** What the two sentences of a pair are to each other. */
export type PairKind = keyof typeof PAIR_KINDS;

/** One row: MRPC's columns, and how the pair was made. */
export interface Pair {
  /** A sentence. */
  sentence1: string;
  /** Another sentence. */
  sentence2: string;
  /** 1 if both tell the same fact, else 0. */
  label: 0 | 1;
  /** The row's place in its split. */
  idx: number;
  /** What the sentences are to each other. */
  kind: PairKind;
}

/** The rows of each split. */
export type Splits = Record<Side, Pair[]>;

/** What {@linkcode makePairs} gives. */
export interface MadePairs {
  /** The rows. */
  splits: Splits;
  /** Every fact that a sentence of a split tells, by its `factKey`. */
  facts: Record<Side, Map<string, Fact>>;
}

/** Rows of each split: multiples of 500. */
const SIZES: Record<Side, number> = { train: 3000, validation: 500, test: 500 };

/** The kinds of details that a kind of pair changes. */
const CHANGED: Partial<Record<PairKind, readonly Kind[]>> = {
  name: ["person", "company", "team", "country"],
  amount: ["money", "percent", "people", "count", "score", "votes"],
  date: ["day", "month", "quarter"],
  place: ["city"],
};

/** The seed of the files in `data/pairs`. */
export const SEED = 42;

/**
 * Makes all pairs. No sentence comes twice, and no fact is in two splits.
 *
 * @param seed Seed of every choice.
 * @returns The rows of each split, shuffled, and their facts.
 */
export function makePairs(seed: number): MadePairs {
  const random = new Random(seed);
  const sentences = new Set<string>();
  const facts = {
    train: new Map<string, Fact>(),
    validation: new Map<string, Fact>(),
    test: new Map<string, Fact>(),
  };

  function makePair(kind: PairKind, side: Side): [string, string] {
    for (;;) {
      const fact = drawFact(draw(FRAMES, random), side, random);
      const change = kind === "same"
        ? { other: fact }
        : changeFact(kind, fact, side, random);
      if (!change) continue;
      const { other, detail } = change;
      const told = tellTwice(fact, other, NEWS, random);
      // What was changed must be there to be read, in both sentences.
      if (detail && !told.every(({ details }) => details.has(detail))) continue;
      const keyed = [fact, other].map((fact) => [factKey(fact), fact] as const);
      const texts = told.map(({ text }) => text);
      const taken = Object.entries(facts).some(([name, known]) =>
        name !== side && keyed.some(([key]) => known.has(key))
      );
      if (taken || texts.some((text) => sentences.has(text))) continue;
      for (const [key, fact] of keyed) facts[side].set(key, fact);
      for (const text of texts) sentences.add(text);
      const [a, b] = random.permutation(2);
      return [texts[a!]!, texts[b!]!];
    }
  }

  function makeSplit(side: Side): Pair[] {
    const size = SIZES[side];
    const kinds = Object.entries(PAIR_KINDS).flatMap(([kind, of500]) =>
      Array<PairKind>(size * of500 / 500).fill(kind as PairKind)
    );
    const pairs = kinds.map((kind) => ({ kind, texts: makePair(kind, side) }));
    return Array.from(random.permutation(size), (from, idx) => {
      const { kind, texts: [sentence1, sentence2] } = pairs[from]!;
      const label = kind === "same" ? 1 : 0;
      return { sentence1, sentence2, label, idx, kind };
    });
  }

  const splits = {
    train: makeSplit("train"),
    validation: makeSplit("validation"),
    test: makeSplit("test"),
  };
  return { splits, facts };
}

/** Another fact than `fact`, and the detail in which it differs; nothing if the frame has no such detail. */
function changeFact(
  kind: Exclude<PairKind, "same">,
  fact: Fact,
  side: Side,
  random: Random,
): { other: Fact; detail?: string } | undefined {
  const { frame, telling, values } = fact;
  if (kind === "polarity") {
    if (frame.tellings.length < 2) return;
    return { other: { ...fact, telling: 1 - telling } };
  }
  if (kind === "swapped") {
    if (!parties(frame)) return;
    const swapped = { ...values, a: values.b!, b: values.a! };
    return { other: { ...fact, values: swapped } };
  }
  if (kind === "event") {
    const others = FRAMES.filter((other) =>
      other !== frame && parties(frame) && parties(other) === parties(frame)
    );
    if (others.length === 0) return;
    return { other: drawFact(draw(others, random), side, random, values) };
  }
  const details = Object.keys(frame.details)
    .filter((detail) => CHANGED[kind]!.includes(frame.details[detail]!));
  if (details.length === 0) return;
  const detail = draw(details, random);
  const detailKind = frame.details[detail]!;
  const value = drawValue(detailKind, side, random);
  const known = Object.entries(values)
    .map(([name, value]) => shortName(frame.details[name]!, value));
  if (known.includes(shortName(detailKind, value))) return;
  return { other: { ...fact, values: { ...values, [detail]: value } }, detail };
}

/** What the two parties are that could change places, if there are such. */
function parties({ details }: Frame): Kind | undefined {
  return "b" in details ? details.a : undefined;
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
    kind: pairs.map((pair) => pair.kind),
  };
  const labelNames = { label: ["not_equivalent", "equivalent"] };
  return writeArrow(new Dataset(columns, { labelNames }));
}

if (import.meta.main) {
  const folder = new URL("pairs/", import.meta.url);
  await Deno.mkdir(folder, { recursive: true });
  for (const [split, pairs] of Object.entries(makePairs(SEED).splits)) {
    await Deno.writeFile(new URL(`${split}.arrow`, folder), toArrow(pairs));
  }
}
