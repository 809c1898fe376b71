/**
 * Added tokens: those that are found in a text before it is split into words.
 *
 * Source: https://github.com/huggingface/tokenizers/blob/v0.23.1/tokenizers/src/tokenizer/added_vocabulary.rs
 *
 * @module
 */
import type { Normalizer } from "./normalizers.ts";
import { literal } from "./oniguruma_sets.ts";
import { findMatches } from "./pattern.ts";
import { booleanOf, type Component, textOf } from "./settings.ts";
import type { Piece } from "./split.ts";
import { SPACE, WORD } from "./unicode.ts";

// V8 15 does not find a character beyond U+FFFF with "[…]$".
const ENDS_WITH_WORD = new RegExp(`[${WORD}](?![^])`, "u");
const STARTS_WITH_WORD = new RegExp(`^[${WORD}]`, "u");
const SPACE_CHARACTER = new RegExp(`[${SPACE}]`, "u");

/** An added token, as `tokenizer.json` has it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Whether it is found as a whole word only. */
  readonly isSingleWord: boolean;
  /** Whether it takes the white space before it. */
  readonly stripsLeft: boolean;
  /** Whether it takes the white space after it. */
  readonly stripsRight: boolean;
  /** Whether it is normalized, and found in the normalized text. */
  readonly isNormalized: boolean;
  readonly isSpecial: boolean;
}

/** A part of a text: an added token, or a piece to tokenize. */
export type Section = { readonly id: number } | Piece;

/**
 * Reads added tokens. As in the library, a token that the model has keeps its
 * id, and the others follow each other after the vocabulary.
 *
 * @param list The `added_tokens` of `tokenizer.json`.
 * @param vocabulary Ids of the model's tokens.
 * @param source The file, for errors.
 * @returns The added tokens by content.
 * @throws {SyntaxError} If a token has another id than the library would give it.
 */
export function readAddedTokens(
  list: unknown,
  vocabulary: ReadonlyMap<string, number>,
  source: string,
): Map<string, AddedToken> {
  const tokens = new Map<string, AddedToken>();
  const settings = (list ?? []) as Component[];
  if (!Array.isArray(settings)) {
    throw new SyntaxError(
      `Cannot use ${source}: added_tokens must be a list of tokens`,
    );
  }
  let next = vocabulary.size;
  for (const token of settings) {
    const named = { type: "added_tokens", ...token };
    const content = textOf(named, "content", source);
    if (content === "") continue;
    const id = vocabulary.get(content) ?? tokens.get(content)?.id ?? next++;
    if ((token.id ?? id) !== id) {
      throw new SyntaxError(
        `Cannot use ${source}: the added token ${
          JSON.stringify(content)
        } says id ${token.id}, there or in added_tokens_decoder of tokenizer_config.json, but the library gives it ${id}; correct it, or save the tokenizer with transformers again`,
      );
    }
    const flag = (key: string, otherwise = false) =>
      booleanOf(named, key, source, otherwise);
    const isSpecial = flag("special");
    tokens.set(content, {
      id,
      content,
      isSingleWord: flag("single_word"),
      stripsLeft: flag("lstrip"),
      stripsRight: flag("rstrip"),
      isNormalized: flag("normalized", !isSpecial),
      isSpecial,
    });
  }
  return tokens;
}

/** Finds added tokens in texts. */
export class AddedTokenSplitter {
  /** Text by which a decoder knows a token: its normalized one. */
  readonly texts: ReadonlyMap<number, string>;
  #plain: Finder;
  #normalized: Finder;
  #normalize: Normalizer;
  #tracksStart: boolean;

  /**
   * @param tokens The added tokens.
   * @param normalize The normalizer.
   * @param tracksStart Whether it matters if a normalizer removes the start of the text.
   * @param source The file, for errors.
   */
  constructor(
    tokens: Iterable<AddedToken>,
    normalize: Normalizer,
    tracksStart: boolean,
    source: string,
  ) {
    const plain = new Map<string, AddedToken>();
    const normalized = new Map<string, AddedToken>();
    for (const token of tokens) {
      const text = token.isNormalized
        ? normalize(token.content)
        : token.content;
      const found = token.isNormalized ? normalized : plain;
      const other = found.get(text);
      if (text === "" || other !== undefined) {
        throw new SyntaxError(
          `Cannot use ${source}: the added token ${
            JSON.stringify(token.content)
          } becomes ${
            other
              ? `the same text as ${JSON.stringify(other.content)}`
              : "nothing"
          } when it is normalized; remove it`,
        );
      }
      found.set(text, token);
    }
    this.#plain = new Finder(plain);
    this.#normalized = new Finder(normalized);
    this.#normalize = normalize;
    this.#tracksStart = tracksStart;
    this.texts = new Map(
      [...plain, ...normalized].map(([text, { id }]) => [id, text]),
    );
  }

  /**
   * Splits a text at added tokens, and normalizes the rest.
   *
   * @param text The text.
   * @returns Ids of added tokens, and pieces between them.
   */
  split(text: string): Section[] {
    return this.#plain.split({ text, isFirst: true }).flatMap((section) => {
      if ("id" in section) return [section];
      const normalized = this.#normalize(section.text);
      const isFirst = section.isFirst &&
        (!this.#tracksStart || this.#keepsStart(section.text));
      return this.#normalized.split({ text: normalized, isFirst });
    });
  }

  /** Returns whether the normalizer keeps white space at the start of a text. */
  #keepsStart(text: string): boolean {
    return !SPACE_CHARACTER.test(text[0]!) ||
      this.#normalize(`${text[0]}a`) !== this.#normalize("a");
  }
}

/** Finds tokens: the first one in a text, and of those at one place the longest. */
class Finder {
  #tokens: ReadonlyMap<string, AddedToken>;
  #pattern: RegExp | undefined;

  constructor(tokens: ReadonlyMap<string, AddedToken>) {
    this.#tokens = tokens;
    const texts = [...tokens.keys()].sort((a, b) => b.length - a.length);
    this.#pattern = texts.length === 0
      ? undefined
      : new RegExp(texts.map(literal).join("|"), "gu");
  }

  split(piece: Piece): Section[] {
    const { text, isFirst } = piece;
    if (text === "") return [];
    if (this.#pattern === undefined) return [piece];
    const sections: Section[] = [];
    let last = 0;
    const add = (end: number) => {
      if (end <= last) return;
      sections.push({
        text: text.slice(last, end),
        isFirst: isFirst && last === 0,
      });
    };
    for (let [start, end] of findMatches(text, this.#pattern)) {
      const token = this.#tokens.get(text.slice(start, end))!;
      if (
        token.isSingleWord &&
        (ENDS_WITH_WORD.test(text.slice(Math.max(0, start - 2), start)) ||
          STARTS_WITH_WORD.test(text.slice(end, end + 2)))
      ) continue;
      if (token.stripsLeft) {
        while (start > last && SPACE_CHARACTER.test(text[start - 1]!)) start--;
      }
      if (token.stripsRight) {
        while (end < text.length && SPACE_CHARACTER.test(text[end]!)) end++;
      }
      add(start);
      sections.push({ id: token.id });
      last = end;
    }
    add(text.length);
    return sections;
  }
}
