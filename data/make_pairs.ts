/**
 * Makes the sentence pairs of the embedded default: facts first, then sentences
 * that report them. The same seed gives the same files, byte for byte.
 *
 *     deno run --allow-write=data data/make_pairs.ts
 *
 * Writes `data/pairs/{train,validation,test}.arrow`.
 *
 * @module
 */
import { writeArrow } from "../lib/data/write_arrow.ts";
import { Dataset } from "../lib/data/dataset.ts";
import { Random } from "../lib/random.ts";
import type { Frame } from "./frame.ts";
import { FRAMES } from "./frames.ts";
import {
  type DetailType,
  draw,
  drawValue,
  shortName,
  type SplitName,
} from "./names.ts";
import {
  drawFact,
  type Fact,
  factKey,
  NEWS,
  writeSentencePair,
} from "./sentences.ts";

/** Kinds of pairs, by how the sentences differ, and their number in 500 pairs. */
export const PAIR_KINDS = {
  /** Two sentences about one fact. */
  same: 340,
  /** The two parties are swapped. */
  swapped: 32,
  /** Another person, company, team or country. */
  name: 32,
  /** Another number. */
  amount: 20,
  /** The opposite event. */
  polarity: 26,
  /** Another day, month or quarter. */
  date: 21,
  /** Another city. */
  place: 16,
  /** Another event of the same two parties. */
  event: 13,
};

/** Kind of a pair. */
export type PairKind = keyof typeof PAIR_KINDS;

/** A row: the columns of MRPC, and the kind of the pair. */
export interface Pair {
  /** First sentence. */
  sentence1: string;
  /** Second sentence. */
  sentence2: string;
  /** 1 if both report the same fact, else 0. */
  label: 0 | 1;
  /** Index of the row in its split. */
  idx: number;
  /** Kind of the pair. */
  kind: PairKind;
}

/** The rows of each split. */
export type Splits = Record<SplitName, Pair[]>;

/** Result of {@linkcode makePairs}. */
export interface PairsAndFacts {
  /** The rows. */
  splits: Splits;
  /** The facts that the sentences of a split report, by `factKey`. */
  facts: Record<SplitName, Map<string, Fact>>;
}

/** Rows of each split: multiples of 500. */
const SIZES: Record<SplitName, number> = {
  train: 3000,
  validation: 500,
  test: 500,
};

/** Types of the details that differ in a kind of pair. */
const CHANGED_TYPES: Partial<Record<PairKind, readonly DetailType[]>> = {
  name: ["person", "company", "team", "country"],
  amount: ["money", "percent", "people", "count", "score", "votes"],
  date: ["day", "month", "quarter"],
  place: ["city"],
};

/** The seed of the files in `data/pairs`. */
export const SEED = 42;

/**
 * Makes all pairs. No sentence is repeated, and no fact is in two splits.
 *
 * @param seed Seed of all random choices.
 * @returns The rows of each split, shuffled, and their facts.
 */
export function makePairs(seed: number): PairsAndFacts {
  const random = new Random(seed);
  const sentences = new Set<string>();
  const facts = {
    train: new Map<string, Fact>(),
    validation: new Map<string, Fact>(),
    test: new Map<string, Fact>(),
  };

  function makePair(kind: PairKind, split: SplitName): [string, string] {
    for (;;) {
      const fact = drawFact(draw(FRAMES, random), split, random);
      const change = kind === "same"
        ? { other: fact }
        : changeFact(kind, fact, split, random);
      if (!change) continue;
      const { other, detail } = change;
      const pair = writeSentencePair(fact, other, NEWS, random);
      // Both sentences must name the changed detail.
      if (detail && !pair.every(({ details }) => details.has(detail))) continue;
      const keyed = [fact, other].map((fact) => [factKey(fact), fact] as const);
      const texts = pair.map(({ text }) => text);
      const isInOther = Object.entries(facts).some(([name, known]) =>
        name !== split && keyed.some(([key]) => known.has(key))
      );
      if (isInOther || texts.some((text) => sentences.has(text))) continue;
      for (const [key, fact] of keyed) facts[split].set(key, fact);
      for (const text of texts) sentences.add(text);
      const [a, b] = random.permutation(2);
      return [texts[a!]!, texts[b!]!];
    }
  }

  function makeSplit(split: SplitName): Pair[] {
    const size = SIZES[split];
    const kinds = Object.entries(PAIR_KINDS).flatMap(([kind, of500]) =>
      Array<PairKind>(size * of500 / 500).fill(kind as PairKind)
    );
    const pairs = kinds.map((kind) => ({ kind, texts: makePair(kind, split) }));
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

/** Changes a fact; returns the new one and the changed detail, or `undefined` if the frame has no such detail. */
function changeFact(
  kind: Exclude<PairKind, "same">,
  fact: Fact,
  split: SplitName,
  random: Random,
): { other: Fact; detail?: string } | undefined {
  const { frame, polarity, values } = fact;
  if (kind === "polarity") {
    if (frame.templates.length < 2) return;
    return { other: { ...fact, polarity: 1 - polarity } };
  }
  if (kind === "swapped") {
    if (!partyType(frame)) return;
    const swapped = { ...values, a: values.b!, b: values.a! };
    return { other: { ...fact, values: swapped } };
  }
  if (kind === "event") {
    const others = FRAMES.filter((other) =>
      other !== frame && partyType(frame) &&
      partyType(other) === partyType(frame)
    );
    if (others.length === 0) return;
    return { other: drawFact(draw(others, random), split, random, values) };
  }
  const details = Object.keys(frame.details)
    .filter((detail) => CHANGED_TYPES[kind]!.includes(frame.details[detail]!));
  if (details.length === 0) return;
  const detail = draw(details, random);
  const type = frame.details[detail]!;
  const value = drawValue(type, split, random);
  const known = Object.entries(values)
    .map(([name, value]) => shortName(frame.details[name]!, value));
  if (known.includes(shortName(type, value))) return;
  return { other: { ...fact, values: { ...values, [detail]: value } }, detail };
}

/** Returns the type of the two parties that could be swapped, if the frame has two. */
function partyType({ details }: Frame): DetailType | undefined {
  return "b" in details ? details.a : undefined;
}

/**
 * Writes pairs as an Arrow file with the class names of MRPC.
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
