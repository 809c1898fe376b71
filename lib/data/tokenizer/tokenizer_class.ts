/**
 * The settings of `tokenizer_config.json` that win over `tokenizer.json`.
 *
 * transformers builds the tokenizers of some classes from the vocabulary and from
 * the settings of the class, whatever the rest of `tokenizer.json` says; other
 * tokenizers it reads from `tokenizer.json` as they are.
 *
 * @module
 */
import type { TokenizerClass } from "./class_parts.ts";
import type { Component } from "./settings.ts";

/** The special tokens of `tokenizer_config.json`. */
const NAMED_TOKENS = [
  "bos_token",
  "eos_token",
  "unk_token",
  "sep_token",
  "pad_token",
  "cls_token",
  "mask_token",
];

/** An added token as Python makes it, if nothing more is said. */
const PLAIN_TOKEN: Component = {
  "single_word": false,
  lstrip: false,
  rstrip: false,
  normalized: true,
  special: false,
};

/**
 * Returns `tokenizer.json` as transformers understands it.
 *
 * @param content Contents of `tokenizer.json`.
 * @param config Contents of `tokenizer_config.json`.
 * @param tokenizerClass The class that it is built with, if any.
 * @param source The folder, for errors.
 * @returns Contents of a `tokenizer.json` that says all of it.
 * @throws {SyntaxError} If a setting has a value that no version of transformers reads.
 */
export function effectiveTokenizer(
  content: Component,
  config: Component,
  tokenizerClass: TokenizerClass | undefined,
  source: string,
): Component {
  const file = `${source}/tokenizer_config.json`;
  const isBuilt = tokenizerClass !== undefined;
  const tokens = namedTokens(config, tokenizerClass?.tokens ?? {});
  const addedTokens = addedTokensOf(content, config, tokens, isBuilt, file);
  if (!isBuilt) return { ...content, added_tokens: addedTokens };
  addedTokens.sort((a, b) => Number(a.id) - Number(b.id));
  const { settings, build } = tokenizerClass;
  return {
    ...content,
    added_tokens: addedTokens,
    ...build({
      content,
      flag: (key) => flag(config, key, settings[key]!, file),
      token(key) {
        const token = tokens[key];
        if (token !== undefined) return token;
        throw new SyntaxError(
          `Cannot use ${file}: ${key} must be a token, not ${
            JSON.stringify(config[key])
          }; correct it, or remove it for the default of the class`,
        );
      },
      idOf: (token) =>
        addedTokens.find(({ content }) => content === token)?.id as
          | number
          | undefined,
    }),
  };
}

/**
 * Returns the text of a token of `tokenizer_config.json`.
 *
 * @param token Its text, or an object with its text.
 * @returns The text, if there is one.
 */
export function tokenText(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  const { content } = (token ?? {}) as { content?: unknown };
  return typeof content === "string" ? content : undefined;
}

/**
 * Adds the tokens of `special_tokens_map.json`, which win as in transformers.
 *
 * @param config Contents of `tokenizer_config.json`.
 * @param special Contents of `special_tokens_map.json`.
 * @returns The contents together; `config` itself if it has the same tokens.
 */
export function withSpecialTokens(
  config: Component,
  special: Component,
): Component {
  const others = Object.entries(special).filter(([key, token]) =>
    tokenText(token) === undefined ||
    tokenText(token) !== tokenText(config[key])
  ).map(([key, token]) => [
    key,
    typeof token === "object" && tokenText(token) !== undefined
      ? { __type: "AddedToken", ...token } // as tokenizer_config.json has it
      : token,
  ]);
  return others.length === 0
    ? config
    : { ...config, ...Object.fromEntries(others) };
}

/** A setting that is true, false or, where that is its default, null. */
function flag(
  config: Component,
  key: string,
  otherwise: boolean | null,
  file: string,
): boolean | null {
  const value = config[key];
  if (value === undefined) return otherwise;
  if (typeof value === "boolean" || value === otherwise) {
    return value as boolean | null;
  }
  throw new SyntaxError(
    `Cannot use ${file}: ${key} must be true${
      otherwise === null ? ", false or null" : " or false"
    }, not ${JSON.stringify(value)}; correct it`,
  );
}

function namedTokens(
  config: Component,
  defaults: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    NAMED_TOKENS.map((key) => [
      key,
      tokenText(config[key]) ?? (key in config ? undefined : defaults[key]),
    ]),
  );
}

/** Added tokens of both files; a named token of the vocabulary is one, even if no list has it. */
function addedTokensOf(
  content: Component,
  config: Component,
  tokens: Record<string, string | undefined>,
  isBuilt: boolean,
  file: string,
): Component[] {
  const inConfig = config.added_tokens_decoder as
    | Record<string, Component>
    | undefined;
  const listed = new Map<unknown, Component>();
  if (!isBuilt || inConfig === undefined) {
    for (const token of (content.added_tokens ?? []) as Component[]) {
      listed.set(token.content, token);
    }
  }
  for (const [id, token] of Object.entries(inConfig ?? {})) {
    listed.set(token.content, {
      ...PLAIN_TOKEN,
      ...token,
      id: Number(id),
    });
  }
  const ids = (content.model as Component | undefined)?.vocab;
  const idOf = (token: string) =>
    Array.isArray(ids)
      ? indexOrUndefined(ids.findIndex(([text]) => text === token))
      : (ids as Record<string, number> | undefined)?.[token];
  const add = (token: unknown): boolean => {
    const text = tokenText(token);
    if (text === undefined || listed.has(text)) return true;
    const id = idOf(text);
    if (id === undefined) return false;
    const { __type: _, ...flags } = typeof token === "object"
      ? token as Component
      : {};
    listed.set(text, {
      ...PLAIN_TOKEN,
      normalized: false,
      ...flags,
      content: text,
      id,
      special: true,
    });
    return true;
  };
  for (const [key, text] of Object.entries(tokens)) add(config[key] ?? text);
  for (const key of ["extra_special_tokens", "additional_special_tokens"]) {
    const more = config[key];
    for (const token of Array.isArray(more) ? more : []) {
      if (add(token)) continue;
      throw new SyntaxError(
        `Cannot use ${file}: ${key} has ${
          JSON.stringify(tokenText(token))
        }, which is not in the vocabulary; remove it`,
      );
    }
  }
  return [...listed.values()];
}

function indexOrUndefined(index: number): number | undefined {
  return index < 0 ? undefined : index;
}
