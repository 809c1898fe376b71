/**
 * Pre-tokenizers of `tokenizer.json`: how a normalized text is split into words.
 *
 * Source: https://github.com/huggingface/tokenizers/tree/v0.23.1/tokenizers/src/pre_tokenizers
 *
 * @module
 */
import { byteCharacters } from "./byte_level.ts";
import { findMatches, toRegExp } from "./pattern.ts";
import {
  booleanOf,
  type Component,
  textOf,
  typeOf,
  wrong,
} from "./settings.ts";
import { behaviorOf, type Piece, split } from "./split.ts";
import {
  LETTER,
  NUMBER,
  NUMERIC,
  PUNCTUATION,
  SPACE,
  WORD,
} from "./unicode.ts";

/** Splits pieces of a text further. */
export type PreTokenizer = (pieces: Piece[]) => Piece[];

const SPACE_CHARACTER = new RegExp(`[${SPACE}]`, "gu");
const PUNCTUATION_CHARACTER = new RegExp(`[${PUNCTUATION}]`, "gu");
const NUMERIC_CHARACTER = new RegExp(`[${NUMERIC}]`, "gu");
const NO_WORD = new RegExp(`[${SPACE}]+`, "gu");
const WORDS = new RegExp(`[${WORD}]+|[^${WORD}${SPACE}]+`, "gu");

/** Words of GPT-2: contractions, letters, digits, other characters, white space. */
const GPT2 = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?[${LETTER}]+| ?[${NUMBER}]+| ?[^${SPACE}${LETTER}${NUMBER}]+|[${SPACE}]+(?![^${SPACE}])|[${SPACE}]+`,
  "gu",
);

/**
 * Makes a pre-tokenizer.
 *
 * @param component The pre-tokenizer in `tokenizer.json`, or null.
 * @param source The file, for errors.
 * @returns The pre-tokenizer.
 * @throws {SyntaxError} If it is not understood.
 */
export function readPreTokenizer(
  component: unknown,
  source: string,
): PreTokenizer {
  if (component === null || component === undefined) return (pieces) => pieces;
  const type = typeOf(component, "pre_tokenizer", source);
  const settings = component as Component;
  const each = (cut: (piece: Piece) => Piece[]): PreTokenizer => (pieces) =>
    pieces.flatMap(cut).filter(({ text }) => text !== "");
  const at = (pattern: RegExp, behavior: string) =>
    each((piece) => split(piece, findMatches(piece.text, pattern), behavior));
  switch (type) {
    case "BertPreTokenizer": {
      const spaces = at(SPACE_CHARACTER, "Removed");
      const punctuation = at(PUNCTUATION_CHARACTER, "Isolated");
      return (pieces) => punctuation(spaces(pieces));
    }
    case "Whitespace":
      return each((piece) =>
        split(piece, findMatches(piece.text, WORDS), "Removed", true)
      );
    case "WhitespaceSplit":
      return at(NO_WORD, "Removed");
    case "Punctuation":
      return at(
        PUNCTUATION_CHARACTER,
        behaviorOf(settings, source, "Isolated"),
      );
    case "Digits":
      return at(
        NUMERIC_CHARACTER,
        booleanOf(settings, "individual_digits", source)
          ? "Isolated"
          : "Contiguous",
      );
    case "CharDelimiterSplit":
    case "Delimiter":
      return at(
        toRegExp({ String: settings.delimiter }, source),
        "Removed",
      );
    case "Split": {
      const pattern = toRegExp(settings.pattern, source);
      const behavior = behaviorOf(settings, source);
      const isInverted = booleanOf(settings, "invert", source);
      return each((piece) =>
        split(piece, findMatches(piece.text, pattern), behavior, isInverted)
      );
    }
    case "ByteLevel":
      return each(byteLevel(settings, source));
    case "Metaspace":
      return each(metaspace(settings, source));
    case "Sequence": {
      const { pretokenizers } = settings;
      if (!Array.isArray(pretokenizers)) break;
      const all = pretokenizers.map((one) => readPreTokenizer(one, source));
      return (pieces) => all.reduce((p, preTokenize) => preTokenize(p), pieces);
    }
  }
  throw new SyntaxError(
    `Cannot use ${source}: the pre_tokenizer ${type} is not supported`,
  );
}

function byteLevel(settings: Component, source: string) {
  const addsSpace = booleanOf(settings, "add_prefix_space", source);
  const usesRegex = booleanOf(settings, "use_regex", source, true);
  return ({ text, isFirst }: Piece): Piece[] => {
    if (addsSpace && !text.startsWith(" ")) text = ` ${text}`;
    const words = usesRegex ? text.match(GPT2) ?? [] : [text];
    return words.map((word, i) => ({
      text: byteCharacters(word),
      isFirst: isFirst && i === 0,
    }));
  };
}

function metaspace(settings: Component, source: string) {
  const mark = textOf(settings, "replacement", source);
  if (Array.from(mark).length !== 1) {
    throw wrong(settings, "replacement", "one character", source);
  }
  const adds = booleanOf(settings, "add_prefix_space", source, true);
  const scheme = settings.prepend_scheme ?? (adds ? "always" : "never");
  if (
    !["always", "first", "never"].includes(scheme as string) ||
    (!adds && scheme !== "never")
  ) {
    throw wrong(
      settings,
      "prepend_scheme",
      adds
        ? "always, first or never"
        : "never, since add_prefix_space is false",
      source,
    );
  }
  const splits = booleanOf(settings, "split", source, true);
  const marks = toRegExp({ String: mark }, source);
  return ({ text, isFirst }: Piece): Piece[] => {
    text = text.replaceAll(" ", mark);
    const prepends = scheme === "always" || scheme === "first" && isFirst;
    if (prepends && !text.startsWith(mark)) text = mark + text;
    const piece = { text, isFirst };
    return splits
      ? split(piece, findMatches(text, marks), "MergedWithNext")
      : [piece];
  };
}
