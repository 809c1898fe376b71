/**
 * Characters and sets of characters in regular expressions of Oniguruma, as
 * JavaScript has them.
 *
 * @module
 */
import { LETTER, NUMBER, SPACE, WORD } from "./unicode.ts";

/** General categories, which both languages name in the same way. */
const CATEGORY =
  /^(?:[MPSZC]|L[ulmot]|M[nce]|N[dlo]|P[cdseifo]|S[mcko]|Z[slp]|C[cfo])$/;
const SCRIPT =
  /^(?:Arabic|Armenian|Bengali|Cyrillic|Devanagari|Ethiopic|Georgian|Greek|Gujarati|Gurmukhi|Han|Hangul|Hebrew|Hiragana|Kannada|Katakana|Khmer|Lao|Latin|Malayalam|Mongolian|Myanmar|Oriya|Sinhala|Tamil|Telugu|Thai|Tibetan)$/;

/** Escapes for sets of characters, to be put into `[…]`. */
export const SETS: Record<string, string> = {
  s: SPACE,
  d: "\\p{Nd}",
  h: "0-9a-fA-F",
  w: WORD.replace("\\u{200c}-\\u{200d}", ""), // no joiners
};

/** Escapes for control characters. */
export const CONTROL: Record<string, string> = {
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  a: "\x07",
  e: "\x1b",
};

/**
 * Returns the source of a regular expression for a text.
 *
 * @param text The text.
 * @returns Each character as `\u{…}`.
 */
export function literal(text: string): string {
  return Array.from(text, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)
    .join("");
}

/** Reason that a regular expression is refused. */
export class Problem extends Error {}

/**
 * Returns the error for what is not supported.
 *
 * @param part The part of the regular expression.
 * @returns The error.
 */
export function unsupported(part: string): Problem {
  return new Problem(`has "${part}", which is not supported; write it without`);
}

/**
 * Returns the characters that a letter matches if case is ignored, to be put into `[…]`.
 *
 * @param letter The letter, of ASCII.
 * @returns The characters.
 */
export function eachCase(letter: string): string {
  if (letter > "\x7f") throw unsupported(`(?i:${letter})`);
  const lower = letter.toLowerCase();
  const third = lower === "s" ? "ſ" : lower === "k" ? "\u212a" : "";
  return literal(lower + letter.toUpperCase() + third);
}

/**
 * Returns the characters with a property, to be put into `[…]`.
 *
 * @param name The property.
 * @returns The characters, or undefined if the property is not known.
 */
export function propertySet(name: string): string | undefined {
  if (name === "L") return LETTER;
  if (name === "N") return NUMBER;
  if (CATEGORY.test(name)) return `\\p{${name}}`;
  return SCRIPT.test(name) ? `\\p{Script=${name}}` : undefined;
}
