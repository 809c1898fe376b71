/**
 * Normalizers of `tokenizer.json`: what is done with a text before it is split.
 *
 * Source: https://github.com/huggingface/tokenizers/tree/v0.23.1/tokenizers/src/normalizers
 *
 * @module
 */
import { byteCharacters } from "./byte_level.ts";
import { findMatches, toRegExp } from "./pattern.ts";
import { precompiled } from "./precompiled.ts";
import { booleanOf, type Component, textOf, typeOf } from "./settings.ts";
import {
  CHINESE,
  isAscii,
  lowerCase,
  MARK,
  NONSPACING_MARK,
  normalForm,
  OTHER,
  SPACE,
} from "./unicode.ts";

/** Normalizes a text. */
export type Normalizer = (text: string) => string;

const REMOVED_BY_BERT = new RegExp(`[${OTHER}]`, "gu");
const SPACES = new RegExp(`[${SPACE}]`, "gu");
const CHINESE_CHARACTERS = new RegExp(`[${CHINESE}]`, "gu");
const ACCENTS = new RegExp(`[${NONSPACING_MARK}]`, "gu");
const MARKS = new RegExp(`[${MARK}]`, "gu");
const LEADING_SPACE = new RegExp(`^[${SPACE}]+`, "u");
const TRAILING_SPACE = new RegExp(`[${SPACE}]+$`, "u");

/**
 * Makes a normalizer.
 *
 * @param component The normalizer in `tokenizer.json`, or null.
 * @param source The file, for errors.
 * @returns The normalizer.
 * @throws {SyntaxError} If it is not understood.
 */
export function readNormalizer(component: unknown, source: string): Normalizer {
  if (component === null || component === undefined) return (text) => text;
  const type = typeOf(component, "normalizer", source);
  const settings = component as Component;
  switch (type) {
    case "BertNormalizer":
      return bert(settings, source);
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return (text) => normalForm(text, type);
    case "Lowercase":
      return lowerCase;
    case "StripAccents":
      return (text) => text.replace(MARKS, "");
    case "Strip":
      return strip(settings, source);
    case "Nmt":
      return nmt;
    case "Precompiled":
      return precompiled(
        textOf(settings, "precompiled_charsmap", source),
        source,
      );
    case "Replace": {
      const pattern = toRegExp(settings.pattern, source);
      const content = textOf(settings, "content", source);
      return (text) => replaceAll(text, pattern, content);
    }
    case "Prepend": {
      const prefix = textOf(settings, "prepend", source);
      return (text) => text === "" ? "" : prefix + text;
    }
    case "ByteLevel":
      return byteCharacters;
    case "Sequence": {
      const { normalizers } = settings;
      if (!Array.isArray(normalizers)) break;
      const all = normalizers.map((each) => readNormalizer(each, source));
      return (text) => all.reduce((t, normalize) => normalize(t), text);
    }
  }
  throw new SyntaxError(
    `Cannot use ${source}: the normalizer ${type} is not supported`,
  );
}

/** BERT's normalizer, in the order of the library: accents, then lower case. */
function bert(settings: Component, source: string): Normalizer {
  const cleans = booleanOf(settings, "clean_text", source);
  const splitsChinese = booleanOf(settings, "handle_chinese_chars", source);
  const lowers = booleanOf(settings, "lowercase", source);
  const strips = settings.strip_accents === null ||
      settings.strip_accents === undefined
    ? lowers
    : booleanOf(settings, "strip_accents", source);
  return (text) => {
    if (cleans) text = text.replace(REMOVED_BY_BERT, "").replace(SPACES, " ");
    if (splitsChinese && !isAscii(text)) {
      text = text.replace(CHINESE_CHARACTERS, " $& ");
    }
    if (strips && !isAscii(text)) {
      text = normalForm(text, "NFD").replace(ACCENTS, "");
    }
    return lowers ? lowerCase(text) : text;
  };
}

function strip(settings: Component, source: string): Normalizer {
  const left = booleanOf(settings, "strip_left", source);
  const right = booleanOf(settings, "strip_right", source);
  return (text) => {
    if (left) text = text.replace(LEADING_SPACE, "");
    return right ? trimEnd(text) : text;
  };
}

/** Removes white space at the end; a regular expression alone would be quadratic. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && TRAILING_SPACE.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

function nmt(text: string): string {
  return text
    // deno-lint-ignore no-control-regex
    .replace(/[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/g, "")
    .replace(
      /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g,
      " ",
    );
}

function replaceAll(text: string, pattern: RegExp, content: string): string {
  let result = "";
  let end = 0;
  for (const [from, to] of findMatches(text, pattern)) {
    result += text.slice(end, from) + content;
    end = to;
  }
  return result + text.slice(end);
}
