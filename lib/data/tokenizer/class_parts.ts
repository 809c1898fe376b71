/**
 * Tokenizer classes of transformers, and the parts of `tokenizer.json` that they are
 * built of.
 *
 * @module
 */
import type { Component } from "./settings.ts";

/** Settings and tokens that a class is built from. */
export interface ClassContext {
  /** Contents of `tokenizer.json`. */
  readonly content: Component;
  /** Returns a setting that is on or off; null is one where that is the default. */
  readonly flag: (key: string) => boolean | null;
  /** Returns the text of a named token, such as `cls_token`. */
  readonly token: (key: string) => string;
  /** Returns the id of a token. */
  readonly idOf: (token: string) => number | undefined;
}

/** A class of transformers. */
export interface TokenizerClass {
  /** Its names, without `Fast`. */
  readonly names: RegExp;
  /** Type of the model in `tokenizer.json`; a file with another is used as it is. */
  readonly model: "BPE" | "Unigram" | "WordPiece";
  /** The special tokens of `tokenizer_config.json`, and their defaults. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Settings of `tokenizer_config.json` and their defaults. */
  readonly settings: Readonly<Record<string, boolean | null>>;
  /** Whether models of the class have token types. */
  readonly hasTokenTypes: boolean;
  /** `model_input_names` of saved files, where programs disagree on its default. */
  readonly inputNames?: readonly string[];
  /** Returns the parts of `tokenizer.json` that the class replaces. */
  readonly build: (context: ClassContext) => Component;
}

/** Converts to lower case. */
export const lowercase: Component = { type: "Lowercase" };

/** Several normalizers or pre-tokenizers in order. */
export function sequence(key: string, parts: readonly unknown[]): Component {
  return { type: "Sequence", [key]: parts };
}

/** Replaces a text or what a regular expression matches. */
export function replace(pattern: Component, content: string): Component {
  return { type: "Replace", pattern, content };
}

/** Marks spaces, and the start of all texts, of the first one, or of none. */
export function metaspace(scheme: "always" | "first" | "never"): Component {
  return {
    type: "Metaspace",
    replacement: "▁",
    prepend_scheme: scheme,
    split: true,
  };
}

/** The pieces of a file, with another unknown one. */
export function unigram(content: Component, unknown: number): Component {
  const { vocab } = content.model as Component;
  return { type: "Unigram", unk_id: unknown, vocab, byte_fallback: false };
}

/** The first map of characters of SentencePiece among a file's normalizers. */
export function precompiledOf(
  { normalizer }: Component,
): Component | undefined {
  const { normalizers = [normalizer] } = (normalizer ?? {}) as Component;
  return (normalizers as (Component | undefined)[])
    .find((each) => each?.type === "Precompiled");
}

/**
 * A template of special tokens.
 *
 * @param single Special tokens and `A`, of a single text.
 * @param pair Those and `B`, of a pair; what comes from B on has `typeOfB`.
 * @param idOf Ids of the special tokens.
 * @param typeOfB Token type of the second text.
 * @returns The post-processor.
 */
export function template(
  single: readonly string[],
  pair: readonly string[],
  idOf: ClassContext["idOf"],
  typeOfB = 0,
): Component {
  const parts = (names: readonly string[]) =>
    names.map((id, i) => {
      const type = names.slice(0, i + 1).includes("B") ? typeOfB : 0;
      return id === "A" || id === "B"
        ? { Sequence: { id, "type_id": type } }
        : { SpecialToken: { id, "type_id": type } };
    });
  const special = new Set(pair.filter((id) => id !== "A" && id !== "B"));
  return {
    type: "TemplateProcessing",
    single: parts(single),
    pair: parts(pair),
    special_tokens: Object.fromEntries(
      Array.from(
        special,
        (id) => [id, { id, ids: [idOf(id)], tokens: [id] }],
      ),
    ),
  };
}

/** `[CLS] A [SEP]`, `[CLS] A [SEP] B [SEP]`. */
export function bertTemplate({ token, idOf }: ClassContext): Component {
  const [cls, sep] = [token("cls_token"), token("sep_token")];
  const single = [cls, "A", sep];
  return template(single, [...single, "B", sep], idOf, 1);
}

/** `<s> A </s>`, `<s> A </s></s> B </s>`. */
export function robertaTemplate(
  { token, idOf }: ClassContext,
  addsSpace: boolean | null,
): Component {
  const [cls, sep] = [token("cls_token"), token("sep_token")];
  return {
    type: "RobertaProcessing",
    sep: [sep, idOf(sep)],
    cls: [cls, idOf(cls)],
    trim_offsets: true,
    add_prefix_space: addsSpace,
  };
}
