/**
 * Finds facts in texts, however they are worded.
 *
 * @module
 */
import { NUMBER_WORDS, SYNONYMS } from "./names.ts";
import type { Fact } from "./sentences.ts";

const DIGITS = new Map(
  Object.entries(NUMBER_WORDS).map(([digits, word]) => [word, digits]),
);

/** Facts of the held-out splits, which must not appear in the pretraining text. */
export class HeldOutFacts {
  /** Words of each fact, by its first word. */
  readonly #facts = new Map<string, string[][]>();

  /** Makes a set of facts. */
  constructor(facts: Iterable<Fact>) {
    for (const { values } of facts) {
      // A value with synonyms is left out: finding too many facts does no harm.
      const words = Object.values(values)
        .filter((value) => !(value in SYNONYMS)).flatMap(wordsOf);
      const [first] = words;
      const others = this.#facts.get(first!) ?? [];
      this.#facts.set(first!, [...others, words]);
    }
  }

  /** Tells whether a text contains all words and numbers of any of the facts. */
  appearIn(text: string): boolean {
    const words = new Set(wordsOf(text));
    return words.values().some((word) =>
      this.#facts.get(word)?.some((fact) =>
        fact.every((part) => words.has(part))
      )
    );
  }
}

/** Splits a text into words in lower case, with numbers in digits. */
function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
  return words.map((word) => DIGITS.get(word) ?? word)
    .filter((word) => word !== "million");
}
