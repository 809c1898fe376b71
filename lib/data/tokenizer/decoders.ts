/**
 * Decoders of `tokenizer.json`: how tokens become text again.
 *
 * Source: https://github.com/huggingface/tokenizers/tree/v0.23.1/tokenizers/src/decoders
 *
 * @module
 */
import { tokenBytes } from "./byte_level.ts";
import { findMatches, toRegExp } from "./pattern.ts";
import { booleanOf, type Component, textOf, typeOf } from "./settings.ts";

/** Turns tokens into parts of a text. */
export type Decoder = (tokens: string[]) => string[];

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Makes a decoder.
 *
 * @param component The decoder in `tokenizer.json`, or null.
 * @param source The file, for errors.
 * @returns The decoder; without one, tokens are joined by spaces.
 * @throws {SyntaxError} If it is not understood.
 */
export function readDecoder(component: unknown, source: string): Decoder {
  if (component === null || component === undefined) {
    return (tokens) => [tokens.join(" ")];
  }
  const type = typeOf(component, "decoder", source);
  const settings = component as Component;
  switch (type) {
    case "WordPiece":
      return wordPiece(settings, source);
    case "ByteLevel":
      return (tokens) => [
        UTF8.decode(
          Uint8Array.from(
            tokens.flatMap((t) => [...Array.from(tokenBytes(t))]),
          ),
        ),
      ];
    case "Metaspace":
      return metaspace(settings, source);
    case "BPEDecoder": {
      const suffix = textOf(settings, "suffix", source);
      return (tokens) =>
        tokens.map((token, i) =>
          token.replaceAll(suffix, i === tokens.length - 1 ? "" : " ")
        );
    }
    case "Replace": {
      const pattern = toRegExp(settings.pattern, source);
      const content = textOf(settings, "content", source);
      return (tokens) =>
        tokens.map((token) => {
          let [result, last] = ["", 0];
          for (const [start, end] of findMatches(token, pattern)) {
            result += token.slice(last, start) + content;
            last = end;
          }
          return result + token.slice(last);
        });
    }
    case "Fuse":
      return (tokens) => [tokens.join("")];
    case "Strip":
      return strip(settings, source);
    case "ByteFallback":
      return byteFallback;
    case "Sequence": {
      const { decoders } = settings;
      if (!Array.isArray(decoders)) break;
      const all = decoders.map((each) => readDecoder(each, source));
      return (tokens) => all.reduce((t, decode) => decode(t), tokens);
    }
  }
  throw new SyntaxError(
    `Cannot use ${source}: the decoder ${type} is not supported`,
  );
}

/**
 * Removes spaces before punctuation and contractions, as transformers does.
 *
 * @param text The text.
 * @returns The text without them.
 */
export function cleanUp(text: string): string {
  return text.replaceAll(" .", ".").replaceAll(" ?", "?").replaceAll(" !", "!")
    .replaceAll(" ,", ",").replaceAll(" ' ", "'").replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m").replaceAll(" 's", "'s").replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re");
}

function wordPiece(settings: Component, source: string): Decoder {
  const prefix = textOf(settings, "prefix", source);
  const cleansUp = booleanOf(settings, "cleanup", source);
  return (tokens) =>
    tokens.map((token, i) => {
      const text = i === 0
        ? token
        : token.startsWith(prefix)
        ? token.slice(prefix.length)
        : ` ${token}`;
      return cleansUp ? cleanUp(text.replaceAll(" do not", " don't")) : text;
    });
}

function metaspace(settings: Component, source: string): Decoder {
  const mark = textOf(settings, "replacement", source);
  const adds = booleanOf(settings, "add_prefix_space", source, true);
  const prepends = adds && settings.prepend_scheme !== "never";
  return (tokens) =>
    tokens.map((token, i) =>
      token.replaceAll(mark, i === 0 && prepends ? "" : " ")
    );
}

function strip(settings: Component, source: string): Decoder {
  const content = textOf(settings, "content", source);
  const [start, stop] = [Number(settings.start), Number(settings.stop)];
  return (tokens) =>
    tokens.map((token) => {
      const chars = Array.from(token);
      let from = 0;
      while (from < start && chars[from] === content) from++;
      let to = chars.length;
      while (
        chars.length - to < stop && to > from && chars[to - 1] === content
      ) to--;
      return chars.slice(from, to).join("");
    });
}

/** Joins tokens such as `<0x61>` to text; bytes that are none become � each. */
function byteFallback(tokens: string[]): string[] {
  const result: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      result.push(STRICT_UTF8.decode(Uint8Array.from(bytes)));
    } catch {
      result.push(...bytes.map(() => "\ufffd"));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const hex = /^<0x([\da-fA-F]{2})>$/.exec(token)?.[1];
    if (hex !== undefined) {
      bytes.push(parseInt(hex, 16));
      continue;
    }
    flush();
    result.push(token);
  }
  flush();
  return result;
}
