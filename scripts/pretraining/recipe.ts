/**
 * How `pretrain.ts` trains: its stages, and which words are masked.
 *
 * @module
 */
import { LISTS } from "../../data/corruptions.ts";
import { INTACT, type Mix } from "../../data/pretraining_text.ts";
import { BRIEF, SHORT } from "../../data/sentences.ts";
import type {
  LanguageModelingCollatorOptions,
  Random,
  Tokenizer,
} from "../../mod.ts";

/** A part of the pretraining. */
export interface Stage {
  /** What its pairs are like. */
  readonly mix: Mix;
  /** Optimizer steps. */
  readonly steps: number;
  /** The share of them, at the end, over which the rate falls to 0. */
  readonly decay: number;
  /** How often a word is to be found. */
  readonly wordRate: number;
  /** How often a name, a day or a number is. */
  readonly listedRate: number;
}

/** The rate of every stage after its warm-up. */
export const LEARNING_RATE = 1e-3;
/** The share of a stage's steps over which its rate rises. */
export const WARMUP = 0.04;

/**
 * First to find a word in the other text, which is learned sooner where texts
 * are short, and to tell a text of the pair from one of another; then to tell
 * where a text was edited in several places, and at last in one, with more left
 * to read.
 */
export const STAGES: readonly Stage[] = [
  {
    mix: { ...INTACT, style: SHORT, foreign: 0.1 },
    steps: 1700,
    decay: 0,
    wordRate: 0.15,
    listedRate: 0.35,
  },
  {
    mix: { ...INTACT, style: BRIEF, edited: 0.5, edits: 3 },
    steps: 1500,
    decay: 0,
    wordRate: 0.1,
    listedRate: 0.2,
  },
  {
    mix: { ...INTACT, edited: 0.55, edits: 1 },
    steps: 5000,
    decay: 0.3,
    wordRate: 0.06,
    listedRate: 0.1,
  },
];

/**
 * Masks one text of each pair, so that the other one can be read; names, days
 * and numbers more often than the rest, and where one is replaced, by another
 * of its list.
 *
 * @param tokenizer Gives the ids of words.
 * @param stage How often.
 * @returns Options of the collator.
 */
export function masking(
  tokenizer: Tokenizer,
  { wordRate, listedRate }: Stage,
): LanguageModelingCollatorOptions {
  const numbers = Array.from({ length: 1000 }, (_, number) => `${number}`);
  const listOf = new Map<number, number[]>();
  for (const list of [numbers, ...LISTS]) {
    const ids = list.map((word) => tokenizer.encode(word).inputIds)
      .filter((ids) => ids.length === 3) // one token between [CLS] and [SEP]
      .map((ids) => ids[1]!);
    for (const id of ids) listOf.set(id, ids);
  }
  const anyWord = (random: Random) => random.below(tokenizer.vocabSize);
  return {
    segments: "one",
    maskRate: (id) => listOf.has(id) ? listedRate : wordRate,
    replaceWith: (id, random) => {
      const list = listOf.get(id);
      return list ? list[random.below(list.length)]! : anyWord(random);
    },
  };
}
