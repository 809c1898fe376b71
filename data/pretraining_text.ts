/**
 * The text that the embedded model is pretrained on: pairs of sentences about
 * one event, some of them changed so that they no longer belong together.
 *
 * @module
 */
import { FRAMES } from "./frames.ts";
import { makePairs, SEED } from "./make_pairs.ts";
import { draw } from "./names.ts";
import { TakenFacts } from "./held_out_facts.ts";
import { drawFact, factKey, NEWS, type Style, tellTwice } from "./sentences.ts";
import { Random } from "../lib/random.ts";
import { edit } from "./corruptions.ts";

/** Two texts, and whether they still belong together. */
export interface TextPair {
  /** A text. */
  readonly sentence1: string;
  /** Another one. */
  readonly sentence2: string;
  /** 0 if they do, else 1: transformers' numbers. */
  readonly nextSentenceLabel: 0 | 1;
}

/** What pairs are like. */
export interface Mix {
  /** What the sentences are like. */
  readonly style: Style;
  /** How many of the pairs have a text of another pair: BERT's own objective. */
  readonly foreign: number;
  /** How many have a text that was edited. */
  readonly edited: number;
  /** How often such a text is edited. */
  readonly edits: number;
}

/** Pairs that all belong together. */
export const INTACT: Mix = { style: NEWS, foreign: 0, edited: 0, edits: 0 };

/** Pairs back of which a text may be put into another. */
const RECENT = 50;

/**
 * Makes pairs without end, none with a fact or a sentence of the embedded data.
 *
 * @param mix What they are like.
 * @param seed Seed of every choice.
 */
export function* pretrainingText(
  { style, foreign, edited, edits }: Mix,
  seed: number,
): Generator<TextPair, never> {
  const { splits, facts } = makePairs(SEED);
  const taken = new TakenFacts([
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
    const [{ text: first }, { text: second }] = tellTwice(
      fact,
      fact,
      style,
      random,
    );
    const share = random.nextFloat();
    const other = share < edited
      ? editTimes(edits, second, first, random)
      : share < edited + foreign
      ? recent[random.below(Math.max(1, recent.length))]
      : second;
    recent.push(second);
    if (recent.length > RECENT) recent.shift();
    if (other === undefined) continue;
    const texts = [first, other];
    if (texts.some((text) => sentences.has(text) || taken.areIn(text))) {
      continue;
    }
    const [a, b] = random.permutation(2);
    yield {
      sentence1: texts[a!]!,
      sentence2: texts[b!]!,
      nextSentenceLabel: share < edited + foreign ? 1 : 0,
    };
  }
}

/** Edits a text some times; nothing if none of the edits found a place. */
function editTimes(
  times: number,
  text: string,
  other: string,
  random: Random,
): string | undefined {
  let edited: string | undefined;
  for (let time = 0; time < times; time++) {
    edited = edit(edited ?? text, other, random) ?? edited;
  }
  return edited;
}
