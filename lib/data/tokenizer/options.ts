/**
 * Options and results of a tokenizer.
 *
 * @module
 */
import type { OptionNames } from "../../check_options.ts";

/** An encoded text or pair of texts of `S` tokens, unpadded. */
export interface Encoding {
  /** Token ids, `[S]`. */
  inputIds: number[];
  /** Token types: 0 for the first text, 1 for the second, `[S]`. */
  tokenTypeIds: number[];
  /** 1 for every token, `[S]`. */
  attentionMask: number[];
}

/** Options of `Tokenizer.encode`. */
export interface EncodeOptions {
  /**
   * Whether to truncate to `maxLength`.
   *
   * @default true if `maxLength` is given, else false
   */
  truncation?: boolean;
  /**
   * Most tokens of an encoding, including the special tokens.
   *
   * @default the tokenizer's `modelMaxLength`
   */
  maxLength?: number;
}

/** Names of {@linkcode EncodeOptions}. */
export const ENCODE_OPTIONS: OptionNames<EncodeOptions> = {
  truncation: true,
  maxLength: true,
};

/** Options of `Tokenizer.savePretrained`. */
export interface SaveTokenizerOptions {
  /**
   * `model_max_length` of the saved tokenizer: what a model was trained with.
   *
   * @default that of the files that were read
   */
  modelMaxLength?: number;
}

/** Names of {@linkcode SaveTokenizerOptions}. */
export const SAVE_OPTIONS: OptionNames<SaveTokenizerOptions> = {
  modelMaxLength: true,
};

/** Options of `Tokenizer.decode`. */
export interface DecodeOptions {
  /**
   * Whether to omit special tokens such as `[CLS]`, `[SEP]` and `[PAD]`.
   *
   * @default false
   */
  skipSpecialTokens?: boolean;
}

/** Names of {@linkcode DecodeOptions}. */
export const DECODE_OPTIONS: OptionNames<DecodeOptions> = {
  skipSpecialTokens: true,
};
