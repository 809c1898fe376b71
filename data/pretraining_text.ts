/**
 * The text that the embedded model is pretrained on: pairs of sentences about
 * one event, some of which are corrupted or mismatched.
 *
 * @module
 */
import { FRAMES } from "./frames.ts";
import { makePairs, SEED } from "./make_pairs.ts";
import { draw } from "./names.ts";
import { HeldOutFacts } from "./held_out_facts.ts";
import {
  drawFact,
  factKey,
  NEWS,
  type Style,
  writeSentencePair,
} from "./sentences.ts";
import { Random } from "../lib/random.ts";
import { corrupt } from "./corruptions.ts";

/** Two texts, and whether they match. */
export interface TextPair {
  /** First text. */
  readonly sentence1: string;
  /** Second text. */
  readonly sentence2: string;
  /** Next-sentence label, as in transformers: 0 if the texts match, else 1. */
  readonly nextSentenceLabel: 0 | 1;
}

/** Composition of the text. */
export interface Mix {
  /** Style of the sentences. */
  readonly style: Style;
  /** Share of pairs with a text of another pair, as in BERT's next-sentence prediction. */
  readonly mismatched: number;
  /** Share of pairs with a corrupted text. */
  readonly corrupted: number;
  /** Number of corruptions of such a text. */
  readonly corruptions: number;
}

/** Matching pairs only. */
export const INTACT: Mix = {
  style: NEWS,
  mismatched: 0,
  corrupted: 0,
  corruptions: 0,
};

/** Number of recent pairs from which the text of a mismatched pair is drawn. */
const RECENT = 50;

/**
 * Generates pairs endlessly, none with a fact or a sentence of the embedded pairs.
 *
 * @param mix Composition of the text.
 * @param seed Seed of all random choices.
 */
export function* pretrainingText(
  { style, mismatched, corrupted, corruptions }: Mix,
  seed: number,
): Generator<TextPair, never> {
  const { splits, facts } = makePairs(SEED);
  const heldOut = new HeldOutFacts([
    ...facts.validation.values(),
    ...facts.test.values(),
  ]);
  const sentences = new Set(
    Object.values(splits).flat().flatMap((row) => [
      row.sentence1,
      row.sentence2,
    ]),
  );
  const random = new Random(seed);
  const recent: string[] = [];
  for (;;) {
    const fact = drawFact(draw(FRAMES, random), "train", random);
    if (facts.train.has(factKey(fact))) continue;
    const [{ text: first }, { text: second }] = writeSentencePair(
      fact,
      fact,
      style,
      random,
    );
    const share = random.nextFloat();
    const other = share < corrupted
      ? corruptTimes(corruptions, second, first, random)
      : share < corrupted + mismatched
      ? recent[random.below(Math.max(1, recent.length))]
      : second;
    recent.push(second);
    if (recent.length > RECENT) recent.shift();
    if (other === undefined) continue;
    const texts = [first, other];
    if (texts.some((text) => sentences.has(text) || heldOut.appearIn(text))) {
      continue;
    }
    const [a, b] = random.permutation(2);
    yield {
      sentence1: texts[a!]!,
      sentence2: texts[b!]!,
      nextSentenceLabel: share < corrupted + mismatched ? 1 : 0,
    };
  }
}

/** Corrupts a text several times; `undefined` if no corruption applied. */
function corruptTimes(
  times: number,
  text: string,
  other: string,
  random: Random,
): string | undefined {
  let corrupted: string | undefined;
  for (let time = 0; time < times; time++) {
    corrupted = corrupt(corrupted ?? text, other, random) ?? corrupted;
  }
  return corrupted;
}
