/**
 * The settings of `tokenizer_config.json` that win over `tokenizer.json`.
 *
 * transformers builds the tokenizers of BERT from the vocabulary and from the
 * settings of their class, whatever the rest of `tokenizer.json` says; other
 * tokenizers it reads from `tokenizer.json` as they are.
 *
 * Source: `BertTokenizer`, https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/bert/tokenization_bert.py
 *
 * @module
 */
import type { Component } from "./settings.ts";

/** Classes of transformers that are BERT's, with or without `Fast`. */
const BERT_CLASS =
  /^(?:(?:Conv|Distil|Mobile|Squeeze)?Bert|DPR(?:ContextEncoder|QuestionEncoder|Reader)|Electra|LayoutLM)Tokenizer(?:Fast)?$/;

/** The special tokens of `tokenizer_config.json`, and their names for BERT. */
const NAMED_TOKENS: Record<string, string | undefined> = {
  "bos_token": undefined,
  "eos_token": undefined,
  "unk_token": "[UNK]",
  "sep_token": "[SEP]",
  "pad_token": "[PAD]",
  "cls_token": "[CLS]",
  "mask_token": "[MASK]",
};

/** An added token as Python makes it, if nothing more is said. */
const PLAIN_TOKEN: Component = {
  "single_word": false,
  lstrip: false,
  rstrip: false,
  normalized: true,
  special: false,
};

/**
 * Returns whether transformers builds the tokenizer from the settings of a class
 * of BERT. Without a class it takes that of the model, which is BERT's for each
 * architecture here.
 *
 * @param content Contents of `tokenizer.json`.
 * @param config Contents of `tokenizer_config.json`.
 * @returns Whether it does.
 */
export function isBertClass(content: Component, config: Component): boolean {
  const model = (content.model ?? {}) as Component;
  const isWordPiece = model.type === "WordPiece" ||
    model.type === undefined && "max_input_chars_per_word" in model;
  const name = config.tokenizer_class ?? "BertTokenizer";
  return isWordPiece && BERT_CLASS.test(String(name));
}

/**
 * Returns `tokenizer.json` as transformers understands it.
 *
 * @param content Contents of `tokenizer.json`.
 * @param config Contents of `tokenizer_config.json`.
 * @param source The folder, for errors.
 * @returns Contents of a `tokenizer.json` that says all of it.
 * @throws {SyntaxError} If a setting has a value that no version of transformers reads.
 */
export function effectiveTokenizer(
  content: Component,
  config: Component,
  source: string,
): Component {
  const file = `${source}/tokenizer_config.json`;
  const isBert = isBertClass(content, config);
  const tokens = namedTokens(config, isBert);
  const addedTokens = addedTokensOf(content, config, tokens, isBert, file);
  if (!isBert) return { ...content, added_tokens: addedTokens };
  addedTokens.sort((a, b) => Number(a.id) - Number(b.id));
  const { vocab } = content.model as { vocab: Record<string, number> };
  const [cls, sep, unk] = ["cls_token", "sep_token", "unk_token"].map((key) => {
    const token = tokens[key];
    if (token !== undefined) return token;
    throw new SyntaxError(
      `Cannot use ${file}: ${key} must be a token, not ${
        JSON.stringify(config[key])
      }; correct it, or remove it for BERT's`,
    );
  }) as [string, string, string];
  return {
    ...content,
    added_tokens: addedTokens,
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: flag(config, "tokenize_chinese_chars", true, file),
      strip_accents: flag(config, "strip_accents", null, file),
      lowercase: flag(config, "do_lower_case", true, file),
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    post_processor: template(cls, sep, vocab),
    model: {
      type: "WordPiece",
      unk_token: unk,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab,
    },
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
  isBert: boolean,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(NAMED_TOKENS).map(([key, name]) => [
      key,
      tokenText(config[key]) ?? (isBert && !(key in config) ? name : undefined),
    ]),
  );
}

/** Added tokens of both files; a named token of the vocabulary is one, even if no list has it. */
function addedTokensOf(
  content: Component,
  config: Component,
  tokens: Record<string, string | undefined>,
  isBert: boolean,
  file: string,
): Component[] {
  const inConfig = config.added_tokens_decoder as
    | Record<string, Component>
    | undefined;
  const listed = new Map<unknown, Component>();
  if (!isBert || inConfig === undefined) {
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

/** The post-processor of BERT: `[CLS] A [SEP]`, `[CLS] A [SEP] B [SEP]`. */
function template(
  cls: string,
  sep: string,
  vocab: Record<string, number>,
): Component {
  const ids = { [cls]: vocab[cls], [sep]: vocab[sep] };
  const special = (id: string, type = 0) => ({
    SpecialToken: { id, "type_id": type },
  });
  const text = (id: string, type = 0) => ({
    Sequence: { id, "type_id": type },
  });
  const single = [special(cls), text("A"), special(sep)];
  return {
    type: "TemplateProcessing",
    single,
    pair: [...single, text("B", 1), special(sep, 1)],
    special_tokens: Object.fromEntries(
      Object.entries(ids).map(([token, id]) => [
        token,
        { id: token, ids: [id], tokens: [token] },
      ]),
    ),
  };
}
