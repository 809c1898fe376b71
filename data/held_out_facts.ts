/**
 * Finds facts in texts, whoever wrote them.
 *
 * @module
 */
import { NUMBER_WORDS, SYNONYMS } from "./names.ts";
import type { Fact } from "./sentences.ts";

const DIGITS = new Map(
  Object.entries(NUMBER_WORDS).map(([digits, word]) => [word, digits]),
);

/** Facts that may not be told again. */
export class TakenFacts {
  /** What each fact consists of, under its first word. */
  readonly #facts = new Map<string, string[][]>();

  /** Takes facts. */
  constructor(facts: Iterable<Fact>) {
    for (const { values } of facts) {
      // A value with several spellings is left out: to find too much is no harm.
      const words = Object.values(values)
        .filter((value) => !(value in SYNONYMS)).flatMap(wordsOf);
      const [first] = words;
      const others = this.#facts.get(first!) ?? [];
      this.#facts.set(first!, [...others, words]);
    }
  }

  /** Whether a text has all words and numbers of a fact. */
  areIn(text: string): boolean {
    const words = new Set(wordsOf(text));
    return words.values().some((word) =>
      this.#facts.get(word)?.some((fact) =>
        fact.every((part) => words.has(part))
      )
    );
  }
}

/** Words in lower case, and numbers in digits. */
function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
  return words.map((word) => DIGITS.get(word) ?? word)
    .filter((word) => word !== "million");
}
