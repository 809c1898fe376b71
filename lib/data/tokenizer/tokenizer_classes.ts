/**
 * The tokenizer classes that transformers builds from the vocabulary and from
 * settings of `tokenizer_config.json`, whatever the rest of `tokenizer.json` says.
 *
 * Source: `tokenization_*.py` in https://github.com/huggingface/transformers/tree/v5.0.0/src/transformers/models
 *
 * @module
 */
import {
  bertTemplate,
  type ClassContext,
  lowercase,
  metaspace,
  precompiledOf,
  replace,
  robertaTemplate,
  sequence,
  template,
  type TokenizerClass,
  unigram,
} from "./class_parts.ts";
import type { Component } from "./settings.ts";

const BERT_TOKENS = {
  "unk_token": "[UNK]",
  "sep_token": "[SEP]",
  "pad_token": "[PAD]",
  "cls_token": "[CLS]",
  "mask_token": "[MASK]",
};

const ROBERTA_TOKENS = {
  "bos_token": "<s>",
  "eos_token": "</s>",
  "unk_token": "<unk>",
  "sep_token": "</s>",
  "pad_token": "<pad>",
  "cls_token": "<s>",
  "mask_token": "<mask>",
};

const BERT_SETTINGS = {
  "do_lower_case": true,
  "strip_accents": null,
  "tokenize_chinese_chars": true,
};

/** Normalizer, words and pieces of BERT. */
function wordPiece({ content, flag, token }: ClassContext): Component {
  const { vocab } = content.model as Component;
  return {
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: flag("tokenize_chinese_chars"),
      strip_accents: flag("strip_accents"),
      lowercase: flag("do_lower_case"),
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: token("unk_token"),
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}

/** Words and pieces of SentencePiece. */
function pieces({ content, flag }: ClassContext, unknown: number): Component {
  const space = metaspace(flag("add_prefix_space") ? "always" : "never");
  return {
    pre_tokenizer: sequence("pretokenizers", [
      { type: "WhitespaceSplit" },
      space,
    ]),
    decoder: space,
    model: unigram(content, unknown),
  };
}

const XLM_ROBERTA: TokenizerClass = {
  names: /^XLMRobertaTokenizer$/,
  model: "Unigram",
  tokens: ROBERTA_TOKENS,
  settings: { "add_prefix_space": true },
  hasTokenTypes: false,
  build(context) {
    const { content, token } = context;
    const [bos, eos] = [token("bos_token"), token("eos_token")];
    return {
      ...pieces(context, 3),
      normalizer: precompiledOf(content) ?? null,
      post_processor: template(
        [bos, "A", eos],
        [bos, "A", eos, eos, "B", eos],
        context.idOf,
      ),
    };
  },
};

/** All classes. */
const CLASSES: readonly TokenizerClass[] = [
  {
    names:
      /^(?:(?:Conv|Distil|Mobile|Squeeze)?Bert|DPR(?:ContextEncoder|QuestionEncoder|Reader)|Electra|LayoutLM)Tokenizer$/,
    model: "WordPiece",
    tokens: BERT_TOKENS,
    settings: BERT_SETTINGS,
    hasTokenTypes: true,
    build: (context) => ({
      ...wordPiece(context),
      post_processor: bertTemplate(context),
    }),
  },
  {
    names: /^MPNetTokenizer$/,
    model: "WordPiece",
    tokens: { ...ROBERTA_TOKENS, "unk_token": "[UNK]" },
    settings: BERT_SETTINGS,
    hasTokenTypes: false,
    build: (context) => ({
      ...wordPiece(context),
      post_processor: robertaTemplate(context, false),
    }),
  },
  {
    names: /^RobertaTokenizer$/,
    model: "BPE",
    tokens: ROBERTA_TOKENS,
    settings: { "add_prefix_space": false },
    hasTokenTypes: false,
    build(context) {
      const { content, flag } = context;
      const { vocab, merges } = content.model as Component;
      const addsSpace = flag("add_prefix_space");
      const bytes = {
        type: "ByteLevel",
        "trim_offsets": true,
        "use_regex": true,
      };
      return {
        normalizer: null,
        pre_tokenizer: { ...bytes, add_prefix_space: addsSpace },
        decoder: { ...bytes, add_prefix_space: true },
        post_processor: robertaTemplate(context, addsSpace),
        model: {
          type: "BPE",
          dropout: null,
          unk_token: null,
          continuing_subword_prefix: "",
          end_of_word_suffix: "",
          fuse_unk: false,
          byte_fallback: false,
          ignore_merges: false,
          vocab,
          merges,
        },
      };
    },
  },
  XLM_ROBERTA,
  {
    ...XLM_ROBERTA,
    names: /^CamembertTokenizer$/,
    build(context) {
      const { content, token } = context;
      const { vocab } = content.model as { vocab: [string, number][] };
      const unk = token("unk_token");
      const unknown = vocab.findIndex(([text]) => text === unk);
      return {
        ...XLM_ROBERTA.build(context),
        model: unigram(content, Math.max(0, unknown)),
      };
    },
  },
  {
    names: /^AlbertTokenizer$/,
    model: "Unigram",
    tokens: {
      ...BERT_TOKENS,
      "bos_token": "[CLS]",
      "eos_token": "[SEP]",
      "unk_token": "<unk>",
      "pad_token": "<pad>",
    },
    settings: {
      "do_lower_case": true,
      "keep_accents": false,
      "add_prefix_space": true,
    },
    hasTokenTypes: true,
    // As ALBERT was trained; transformers 5 leaves them out unless told.
    inputNames: ["input_ids", "token_type_ids", "attention_mask"],
    build(context) {
      const { content, flag } = context;
      const accents = flag("keep_accents")
        ? []
        : [{ type: "NFKD" }, { type: "StripAccents" }];
      return {
        ...pieces(context, 1),
        normalizer: sequence("normalizers", [
          replace({ String: "``" }, '"'),
          replace({ String: "''" }, '"'),
          ...accents,
          ...flag("do_lower_case") ? [lowercase] : [],
          ...[precompiledOf(content) ?? []].flat(),
        ]),
        post_processor: content.post_processor ?? bertTemplate(context),
      };
    },
  },
  {
    names: /^DebertaV2Tokenizer$/,
    model: "Unigram",
    tokens: { ...BERT_TOKENS, "bos_token": "[CLS]", "eos_token": "[SEP]" },
    settings: {
      "do_lower_case": false,
      "split_by_punct": false,
      "add_prefix_space": true,
    },
    hasTokenTypes: true,
    build(context) {
      const { content, flag, token } = context;
      const { vocab } = content.model as { vocab: [string, number][] };
      const unk = token("unk_token");
      const unknown = vocab.findIndex(([text, score]) =>
        text === unk && score === 0
      );
      const space = metaspace(flag("add_prefix_space") ? "always" : "first");
      return {
        normalizer: sequence("normalizers", [
          ...flag("do_lower_case") ? [lowercase] : [],
          replace({ Regex: "\\s{2,}|[\\n\\r\\t]" }, " "),
          { type: "NFC" },
          { type: "Strip", strip_left: false, strip_right: true },
        ]),
        pre_tokenizer: sequence("pretokenizers", [
          ...flag("split_by_punct")
            ? [{ type: "Punctuation", behavior: "Isolated" }]
            : [],
          space,
        ]),
        decoder: space,
        post_processor: bertTemplate(context),
        model: unigram(content, unknown < 0 ? 1 : unknown),
      };
    },
  },
];

/** Class of a model whose files name none, by `model_type`; BERT's for the others. */
const CLASS_OF_MODEL: Readonly<Record<string, string>> = {
  "albert": "AlbertTokenizer",
  "camembert": "CamembertTokenizer",
  "deberta-v2": "DebertaV2Tokenizer",
  "mpnet": "MPNetTokenizer",
  "roberta": "RobertaTokenizer",
  "xlm-roberta": "XLMRobertaTokenizer",
};

/** The class of a tokenizer that `tokenizer.json` describes alone. */
export const PLAIN_CLASS = "PreTrainedTokenizerFast";

/**
 * Returns the class of a model's tokenizer: that of the files, or of its type.
 *
 * @param config Contents of `config.json`.
 * @param named `tokenizer_class` of `tokenizer_config.json`.
 * @returns The name, if there is one.
 */
export function classNameOf(config: Component, named: unknown): unknown {
  const { model_type: type, tokenizer_class: ofModel } = config;
  // Checkpoints of ModernBERT name a class that is not theirs.
  if (type === "modernbert") return PLAIN_CLASS;
  return named ?? ofModel ?? CLASS_OF_MODEL[String(type)];
}

/**
 * Finds the class that a tokenizer is built with.
 *
 * @param content Contents of `tokenizer.json`.
 * @param config Contents of `tokenizer_config.json`; without a class it is BERT's.
 * @returns The class; undefined if the file is used as it is.
 */
export function classOf(
  content: Component,
  config: Component,
): TokenizerClass | undefined {
  const model = (content.model ?? {}) as Component;
  const type = model.type ??
    ("max_input_chars_per_word" in model ? "WordPiece" : undefined);
  const name = String(config.tokenizer_class ?? "BertTokenizer")
    .replace(/Fast$/, "");
  return CLASSES.find((each) => each.model === type && each.names.test(name));
}
