/**
 * The text that the embedded model is pretrained on: pairs of sentences about
 * one event, some of them edited so that they no longer belong together.
 *
 * @module
 */
import { FRAMES } from "./frames.ts";
import { makePairs, SEED } from "./make_pairs.ts";
import { draw } from "./names.ts";
import { TakenFacts } from "./taken_facts.ts";
import { drawFact, factKey, type Style, tellTwice } from "./tell.ts";
import { Random } from "../lib/random.ts";
import { edit } from "./edits.ts";

/** Two texts, and whether they still belong together. */
export interface TextPair {
  /** A text. */
  readonly sentence1: string;
  /** Another one. */
  readonly sentence2: string;
  /** 0 if neither was edited, else 1: transformers' numbers. */
  readonly nextSentenceLabel: 0 | 1;
}

/**
 * Makes pairs without end, none with a fact or a sentence of the embedded data.
 *
 * @param style What the sentences are like.
 * @param edited How many of the pairs are edited.
 * @param seed Seed of every choice.
 */
export function* pretrainingText(
  style: Style,
  edited: number,
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
  for (;;) {
    const fact = drawFact(draw(FRAMES, random), "train", random);
    if (facts.train.has(factKey(fact))) continue;
    const [{ text: first }, { text: second }] = tellTwice(
      fact,
      fact,
      style,
      random,
    );
    const nextSentenceLabel = random.nextFloat() < edited ? 1 : 0;
    const other = nextSentenceLabel ? edit(second, first, random) : second;
    if (other === undefined) continue;
    const texts = [first, other];
    if (texts.some((text) => sentences.has(text) || taken.areIn(text))) {
      continue;
    }
    const [a, b] = random.permutation(2);
    yield {
      sentence1: texts[a!]!,
      sentence2: texts[b!]!,
      nextSentenceLabel,
    };
  }
}
