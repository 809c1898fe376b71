/**
 * Unicode as the tokenizers library has it, whatever version the engine has:
 * character classes, normal forms and lower case.
 *
 * Source: https://github.com/huggingface/tokenizers/tree/v0.23.1/tokenizers/src
 *
 * @module
 */
import * as tables from "./unicode_tables.ts";

/** White space, `White_Space` of Unicode, to be put into `[…]`. */
export const SPACE =
  "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** Characters that BERT's cleaning removes, to be put into `[…]`. */
export const OTHER: string = characterClass(tables.OTHER);
/** Characters that BERT removes as accents. */
export const NONSPACING_MARK: string = characterClass(tables.NONSPACING_MARK);
/** Characters that `StripAccents` removes. */
export const MARK: string = characterClass(tables.MARK);
/** Punctuation of BERT. */
export const PUNCTUATION: string = characterClass(tables.PUNCTUATION);
/** Digits of `Digits`. */
export const NUMERIC: string = characterClass(tables.NUMERIC);
/** `\p{L}` of regular expressions. */
export const LETTER: string = characterClass(tables.LETTER);
/** `\p{N}` of regular expressions. */
export const NUMBER: string = characterClass(tables.NUMBER);
/** `\w` of `Whitespace` and of added tokens. */
export const WORD: string = characterClass(tables.WORD);

/** Chinese characters of BERT: the blocks that the library names, with their gap. */
export const CHINESE =
  "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2b81f}\\u{2b920}-\\u{2ceaf}\\u{2f800}-\\u{2fa1f}";

/**
 * Characters that are younger than the library's normal forms, of Unicode 9:
 * marks that it does not order, and characters that it does not decompose.
 */
const UNKNOWN_TO_NORMAL_FORMS = new RegExp(
  `((?![${MARK}])\\p{M}|[\\u32ff\\ua7f1-\\ua7f4\\uab69\\u{105c9}\\u{105e4}\\u{10781}-\\u{10785}\\u{10787}-\\u{107b0}\\u{107b2}-\\u{107ba}\\u{11383}\\u{11385}\\u{1138e}\\u{11391}\\u{113c5}\\u{113c7}\\u{113c8}\\u{11938}\\u{16121}-\\u{16128}\\u{16d68}-\\u{16d6a}\\u{1ccd6}-\\u{1ccf9}\\u{1e030}-\\u{1e06d}\\u{1f16c}\\u{1fbf0}-\\u{1fbf9}])`,
  "u",
);

/**
 * Normalizes text to a form of Unicode.
 *
 * A character that the library does not know is a starter without a
 * decomposition: the text on both sides is normalized by itself.
 *
 * @param text The text.
 * @param form The form.
 * @returns The normalized text.
 */
export function normalForm(
  text: string,
  form: "NFC" | "NFD" | "NFKC" | "NFKD",
): string {
  if (isAscii(text)) return text;
  return text.split(UNKNOWN_TO_NORMAL_FORMS)
    .map((part, i) => i % 2 === 0 ? part.normalize(form) : part).join("");
}

/** Letters of Unicode 17, which some engines do not have: first, last, distance to lower case. */
const YOUNG_CAPITALS = [
  [0xa7ce, 0xa7ce, 1],
  [0xa7d2, 0xa7d2, 1],
  [0xa7d4, 0xa7d4, 1],
  [0x16ea0, 0x16eb8, 27],
] as const;

const YOUNG_CAPITAL = /[\ua7ce\ua7d2\ua7d4\u{16ea0}-\u{16eb8}]/gu;

/**
 * Converts text to lower case, each character by itself: unlike `toLowerCase()`,
 * a capital sigma at the end of a word becomes σ.
 *
 * @param text The text.
 * @returns The text in lower case.
 */
export function lowerCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text.replaceAll("Σ", "σ").replace(YOUNG_CAPITAL, (letter) => {
    const code = letter.codePointAt(0)!;
    const [, , distance] = YOUNG_CAPITALS.find(([first, last]) =>
      code >= first && code <= last
    )!;
    return String.fromCodePoint(code + distance);
  }).toLowerCase();
}

/**
 * Returns whether all characters are of ASCII.
 *
 * @param text The text.
 * @returns Whether they are.
 */
export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** Writes the ranges of a table as `\u{…}-\u{…}`. */
function characterClass(table: string): string {
  let code = 0;
  let ranges = "";
  const numbers = table.trim().split(/\s/).map((word) => parseInt(word, 36));
  for (let i = 0; i < numbers.length; i += 2) {
    const first = code + numbers[i]!;
    const last = first + numbers[i + 1]!;
    ranges += last === first
      ? escaped(first)
      : `${escaped(first)}-${escaped(last)}`;
    code = last + 1;
  }
  return ranges;
}

function escaped(code: number): string {
  return `\\u{${code.toString(16)}}`;
}
