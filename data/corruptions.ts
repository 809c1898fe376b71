/**
 * A program that edits a text and knows nothing of it but lists of words: which
 * are names, days or numbers, and which are opposites.
 *
 * @module
 */
import { draw, NAME_WORDS, NUMBER_WORDS, VALUES } from "./names.ts";
import type { Random } from "../lib/random.ts";

/** Words and phrases that say the opposite of each other. */
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

/** Lists of words that may stand in each other's place. */
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

/** Any of some words, with another one before or behind it where there is one. */
function pattern(
  { first = [], words, second = [] }: {
    first?: readonly string[];
    words: readonly string[];
    second?: readonly string[];
  },
): RegExp {
  const any = (words: readonly string[]) => `(?:${words.join("|")})`;
  const before = first.length > 0 ? `(?:${any(first)} )?` : "";
  const behind = second.length > 0 ? `(?: ${any(second)})?` : "";
  return new RegExp(`\\b${before}${any(words)}${behind}\\b`, "g");
}

const { person, company, team } = NAME_WORDS;
/** Full and short names; two that one pattern finds could be exchanged. */
const NAMES = [
  pattern({ first: person.first, words: person.second }),
  pattern({ words: company.first, second: company.second }),
  pattern({ first: team.first, words: team.second }),
  pattern({ words: VALUES.country }),
];
// The longer ones first: "was not" holds "was".
const PHRASES = pattern({
  words: [...OPPOSITE.keys()].sort((a, b) => b.length - a.length),
});

type Edit = (text: string, other: string, random: Random) => string | undefined;

/**
 * Edits a text so that it is unlikely to belong to the other one any more: two
 * names change places, or one word that both texts have becomes another of its
 * list, or a word becomes its opposite.
 *
 * @param text The text.
 * @param other The text that it belongs to.
 * @param random Draws.
 * @returns The edited text; nothing if the edit that was drawn finds no place.
 */
export function edit(
  text: string,
  other: string,
  random: Random,
): string | undefined {
  const edits = [exchangeNames, replaceWord, replaceByOpposite];
  return draw<Edit>(edits, random)(text, other, random);
}

const exchangeNames: Edit = (text, _other, random) => {
  const found = NAMES.map((names) => [...text.matchAll(names)])
    .filter((names) => names.length === 2);
  if (found.length === 0) return;
  const [first, second] = draw(found, random);
  // From the back, so that the place before stays where it is.
  return replaceAt(replaceAt(text, second!, first![0]), first!, second![0]);
};

const replaceWord: Edit = (text, other, random) => {
  const shared = new Set(other.match(/\w+/g));
  const found = [...text.matchAll(/\w+/g)].filter(([word]) =>
    shared.has(word) && (LIST_OF.has(word) || isNumber(word))
  );
  if (found.length === 0) return;
  const place = draw(found, random);
  const [word] = place;
  const list = LIST_OF.get(word);
  const another = list ? draw(list, random) : otherNumber(word, random);
  return another === word ? undefined : replaceAt(text, place, another);
};

const replaceByOpposite: Edit = (text, _other, random) => {
  const found = [...text.matchAll(PHRASES)];
  if (found.length === 0) return;
  const place = draw(found, random);
  return replaceAt(text, place, OPPOSITE.get(place[0])!);
};

/** Whether a word consists of digits. */
function isNumber(word: string): boolean {
  return /^\d+$/.test(word);
}

/** Another number with as many digits, and as round as the first. */
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
  by: string,
): string {
  return text.slice(0, index) + by + text.slice(index + old.length);
}
