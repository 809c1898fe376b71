/**
 * Recipe of `pretrain.ts`: its stages, and the words to mask.
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

/** A stage of the pretraining. */
export interface Stage {
  /** Composition of the text pairs. */
  readonly mix: Mix;
  /** Optimizer steps. */
  readonly steps: number;
  /** Fraction of the steps, at the end, over which the learning rate falls to 0. */
  readonly decay: number;
  /** Masking rate of a word. */
  readonly wordRate: number;
  /** Masking rate of a name, a day or a number. */
  readonly listedRate: number;
}

/** Learning rate of every stage after its warm-up. */
export const LEARNING_RATE = 1e-3;
/** Fraction of a stage's steps over which the learning rate rises. */
export const WARMUP = 0.04;

/**
 * The stages. First the model learns to copy a masked word from the other text,
 * which takes fewer steps if the texts are short, and to recognise mismatched
 * texts; then to recognise a text with three corruptions, and last one with a
 * single corruption, with fewer words masked.
 */
export const STAGES: readonly Stage[] = [
  {
    mix: { ...INTACT, style: SHORT, mismatched: 0.1 },
    steps: 1700,
    decay: 0,
    wordRate: 0.15,
    listedRate: 0.35,
  },
  {
    mix: { ...INTACT, style: BRIEF, corrupted: 0.5, corruptions: 3 },
    steps: 1500,
    decay: 0,
    wordRate: 0.1,
    listedRate: 0.2,
  },
  {
    mix: { ...INTACT, corrupted: 0.55, corruptions: 1 },
    steps: 5000,
    decay: 0.3,
    wordRate: 0.06,
    listedRate: 0.1,
  },
];

/**
 * Masks words in one text of each pair, so that the other stays readable. Names,
 * days and numbers are masked more often than other words, and one that is
 * replaced becomes another of its list.
 *
 * @param tokenizer Looks up the ids of words.
 * @param stage The stage, with its masking rates.
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
