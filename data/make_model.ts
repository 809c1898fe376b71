/**
 * Makes the model folder of the embedded default, except the weights, which
 * `deno task pretrain` adds: the configuration of a small BERT, and a WordPiece
 * tokenizer with a vocabulary learned from the pretraining text.
 *
 *     deno run --allow-write=data data/make_model.ts
 *
 * Writes `data/model/{config,tokenizer,tokenizer_config}.json`.
 *
 * @module
 */
import { BertConfig } from "../lib/models/bert/bert_config.ts";
import { learnWordPiece } from "./learn_wordpiece.ts";
import { INTACT, pretrainingText } from "./pretraining_text.ts";

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const LETTERS = [..."abcdefghijklmnopqrstuvwxyz0123456789"];
const PUNCTUATION = [..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"];
const MAX_LENGTH = 128;
const VOCAB_SIZE = 1280;
/** Number of pairs of texts that the vocabulary is learned from. */
const TEXTS = 20_000;
/** Seed of these texts. */
const SEED = 1;

/**
 * Makes the files of the folder.
 *
 * @returns The contents of the files by name.
 */
export function makeModel(): Record<string, string> {
  const texts = pretrainingText(INTACT, SEED).take(TEXTS)
    .flatMap(({ sentence1, sentence2 }) => [sentence1, sentence2]);
  // With every letter, also as a continuation, any English word can be tokenized.
  const characters = [
    ...PUNCTUATION,
    ...LETTERS,
    ...LETTERS.map((letter) => `##${letter}`),
  ];
  const vocabulary = [
    ...SPECIAL,
    ...learnWordPiece(texts, characters, VOCAB_SIZE - SPECIAL.length),
  ];
  const files = {
    "config.json": Object.fromEntries(
      Object.entries(config(vocabulary.length)).sort(),
    ),
    "tokenizer.json": tokenizer(vocabulary),
    "tokenizer_config.json": {
      tokenizer_class: "BertTokenizer",
      do_lower_case: true,
      model_max_length: MAX_LENGTH,
      pad_token: "[PAD]",
      unk_token: "[UNK]",
      cls_token: "[CLS]",
      sep_token: "[SEP]",
      mask_token: "[MASK]",
    },
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [
      name,
      JSON.stringify(content, null, 2) + "\n",
    ]),
  );
}

/** Makes the configuration: BERT-Tiny with two more layers and fewer tokens and positions. */
function config(vocabSize: number): Record<string, unknown> {
  return new BertConfig({
    vocabSize,
    hiddenSize: 128,
    numHiddenLayers: 4,
    numAttentionHeads: 4,
    intermediateSize: 384,
    maxPositionEmbeddings: MAX_LENGTH,
    initializerRange: 0.04,
    id2label: { 0: "not_equivalent", 1: "equivalent" },
  }).toJson("BertModel");
}

/** Makes `tokenizer.json` of the tokenizers library, configured as for bert-base-uncased. */
function tokenizer(vocabulary: readonly string[]): object {
  const special = (token: string, type: number) => ({
    SpecialToken: { id: token, type_id: type },
  });
  const sequence = (id: "A" | "B", type: number) => ({
    Sequence: { id, type_id: type },
  });
  const single = [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single,
      pair: [...single, sequence("B", 1), special("[SEP]", 1)],
      special_tokens: Object.fromEntries(
        ["[CLS]", "[SEP]"].map((token) => [
          token,
          { id: token, ids: [SPECIAL.indexOf(token)], tokens: [token] },
        ]),
      ),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    },
  };
}

if (import.meta.main) {
  const folder = new URL("model/", import.meta.url);
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(makeModel())) {
    await Deno.writeTextFile(new URL(name, folder), text);
  }
}
