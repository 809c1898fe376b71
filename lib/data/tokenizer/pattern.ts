/**
 * Patterns of `tokenizer.json`: texts, or regular expressions.
 *
 * @module
 */
import { translate } from "./oniguruma.ts";
import { literal } from "./oniguruma_sets.ts";

/**
 * Reads a pattern of `tokenizer.json`.
 *
 * @param pattern The pattern: `{ String }` or `{ Regex }`.
 * @param source The file, for errors.
 * @returns A regular expression with the flags g and u.
 * @throws {SyntaxError} If it is not understood, or may take forever.
 */
export function toRegExp(pattern: unknown, source: string): RegExp {
  const { String: text, Regex: regex } = (pattern ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof text === "string" && text !== "") {
    return new RegExp(literal(text), "gu");
  }
  if (typeof regex !== "string" || regex === "") {
    throw new SyntaxError(
      `Cannot use ${source}: the pattern ${
        JSON.stringify(pattern)
      } is neither a text ({"String": …}) nor a regular expression ({"Regex": …})`,
    );
  }
  return new RegExp(translate(regex, source), "gu");
}

/**
 * Finds the matches of a pattern as the tokenizers library does: an empty match
 * does not directly follow another match.
 *
 * @param text The text.
 * @param pattern A regular expression with the flag g.
 * @returns Start and end of each match, in UTF-16 units.
 */
export function findMatches(
  text: string,
  pattern: RegExp,
): [start: number, end: number][] {
  const found: [number, number][] = [];
  let last = -1;
  pattern.lastIndex = 0;
  for (let m = pattern.exec(text); m !== null; m = pattern.exec(text)) {
    const end = m.index + m[0].length;
    if (isInsidePair(text, m.index)) { // V8 15 finds empty matches there
      pattern.lastIndex = m.index + 1;
    } else if (m[0] !== "" || last !== end) {
      found.push([m.index, end]);
      last = end;
    } else {
      if (end === text.length) break;
      pattern.lastIndex = end + (text.codePointAt(end)! > 0xffff ? 2 : 1);
    }
  }
  return found;
}

/** Returns whether a place is between both halves of a surrogate pair. */
function isInsidePair(text: string, at: number): boolean {
  return at > 0 && text.codePointAt(at - 1)! > 0xffff;
}
