/**
 * Corrupts a text, given nothing but lists of words: names, days, numbers and
 * opposites.
 *
 * @module
 */
import { draw, NAME_WORDS, NUMBER_WORDS, VALUES } from "./names.ts";
import type { Random } from "../lib/random.ts";

/** Words and phrases of opposite meaning. */
const OPPOSITES = [
  "rose|fell",
  "climbed|dropped",
  "increased|decreased",
  "grew|declined",
  "jumped|slid",
  "gained|lost",
  "rise|fall",
  "gain|drop",
  "increase|decrease",
  "grow|decline",
  "climb|slide",
  "up|down",
  "more|less",
  "approved|rejected",
  "backed|turned down",
  "agreed to|opposed",
  "in favor of|against",
  "guilty|not guilty",
  "convicted|acquitted",
  "injured|dead",
  "hurt|killed",
  "cut|add",
  "cutting|adding",
  "lay off|hire",
  "dismiss|take on",
  "reduce|increase",
  "filed|dropped",
  "brought|withdrew",
  "supply|stop supplying",
  "buy|stop buying",
  "lent|refused to lend",
  "gave|refused",
  "granted|denied",
  "got|did not get",
  "bought|did not buy",
  "sold|did not sell",
  "acquired|did not acquire",
  "took over|did not take over",
  "named|did not name",
  "appointed|did not appoint",
  "replaced|did not replace",
  "succeeded|did not succeed",
  "signed|did not sign",
  "joined|did not join",
  "moved|did not move",
  "traded|did not trade",
  "left|did not leave",
  "was|was not",
].map((pair) => pair.split("|") as [string, string]);

/** Lists of words that can replace each other. */
export const LISTS: readonly (readonly string[])[] = [
  ...Object.values(NAME_WORDS).flatMap(({ first, second }) => [first, second]),
  VALUES.country,
  VALUES.day,
  VALUES.month,
  VALUES.quarter,
  Object.values(NUMBER_WORDS),
];

const LIST_OF = new Map(
  LISTS.flatMap((list) => list.map((word) => [word, list] as const)),
);
const OPPOSITE = new Map(OPPOSITES.flatMap(([a, b]) => [[a, b], [b, a]]));

/** Makes a pattern of any of the words, with an optional word before or after it. */
function pattern(
  { first = [], words, second = [] }: {
    first?: readonly string[];
    words: readonly string[];
    second?: readonly string[];
  },
): RegExp {
  const any = (words: readonly string[]) => `(?:${words.join("|")})`;
  const before = first.length > 0 ? `(?:${any(first)} )?` : "";
  const after = second.length > 0 ? `(?: ${any(second)})?` : "";
  return new RegExp(`\\b${before}${any(words)}${after}\\b`, "g");
}

const { person, company, team } = NAME_WORDS;
/** Full and short names; two matches of one pattern can be swapped. */
const NAMES = [
  pattern({ first: person.first, words: person.second }),
  pattern({ words: company.first, second: company.second }),
  pattern({ first: team.first, words: team.second }),
  pattern({ words: VALUES.country }),
];
// Longer ones first: "was not" contains "was".
const PHRASES = pattern({
  words: [...OPPOSITE.keys()].sort((a, b) => b.length - a.length),
});

type Corruption = (
  text: string,
  other: string,
  random: Random,
) => string | undefined;

/**
 * Corrupts a text so that it is unlikely to still match the other text of its
 * pair: two names are swapped, a word that both texts have is replaced by another
 * of its list, or a word or phrase by its opposite.
 *
 * @param text The text.
 * @param other The other text of the pair.
 * @param random Random numbers.
 * @returns The corrupted text; `undefined` if the drawn corruption does not apply.
 */
export function corrupt(
  text: string,
  other: string,
  random: Random,
): string | undefined {
  const corruptions = [swapNames, replaceWord, replaceByOpposite];
  return draw<Corruption>(corruptions, random)(text, other, random);
}

const swapNames: Corruption = (text, _other, random) => {
  const found = NAMES.map((names) => [...text.matchAll(names)])
    .filter((names) => names.length === 2);
  if (found.length === 0) return;
  const [first, second] = draw(found, random);
  // The second one first, so that the index of the first stays valid.
  return replaceAt(replaceAt(text, second!, first![0]), first!, second![0]);
};

const replaceWord: Corruption = (text, other, random) => {
  const shared = new Set(other.match(/\w+/g));
  const found = [...text.matchAll(/\w+/g)].filter(([word]) =>
    shared.has(word) && (LIST_OF.has(word) || isNumber(word))
  );
  if (found.length === 0) return;
  const match = draw(found, random);
  const [word] = match;
  const list = LIST_OF.get(word);
  const replacement = list ? draw(list, random) : otherNumber(word, random);
  return replacement === word ? undefined : replaceAt(text, match, replacement);
};

const replaceByOpposite: Corruption = (text, _other, random) => {
  const found = [...text.matchAll(PHRASES)];
  if (found.length === 0) return;
  const match = draw(found, random);
  return replaceAt(text, match, OPPOSITE.get(match[0])!);
};

/** Tells whether a word consists of digits. */
function isNumber(word: string): boolean {
  return /^\d+$/.test(word);
}

/** Draws another number with as many digits, rounded to the same step. */
function otherNumber(number: string, random: Random): string {
  const step =
    [50, 10].find((step) => step <= +number && +number % step === 0) ?? 1;
  const from = Math.max(step, 10 ** (number.length - 1));
  const count = Math.floor((10 ** number.length - 1 - from) / step) + 1;
  return `${from + step * random.below(count)}`;
}

function replaceAt(
  text: string,
  { 0: old, index }: RegExpExecArray,
  replacement: string,
): string {
  return text.slice(0, index) + replacement + text.slice(index + old.length);
}
