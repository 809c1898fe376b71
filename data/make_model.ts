/**
 * Makes the model folder of the embedded default: a small BERT without weights,
 * and a WordPiece tokenizer whose words are those of the generated pairs.
 *
 *     deno run --allow-write=data data/make_model.ts
 *
 * Writes `data/model/{config,tokenizer,tokenizer_config}.json`.
 *
 * @module
 */
import { makePairs, SEED } from "./make_pairs.ts";

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const LETTERS = [..."abcdefghijklmnopqrstuvwxyz0123456789"];
const PUNCTUATION = [..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"];
const MAX_LENGTH = 128;

/**
 * Makes the files of the folder.
 *
 * @returns The text of each file by its name.
 */
export function makeModel(): Record<string, string> {
  const words = Object.values(makePairs(SEED)).flat()
    .flatMap(({ sentence1, sentence2 }) => [sentence1, sentence2])
    .flatMap((sentence) => sentence.toLowerCase().match(/[a-z0-9]+/g) ?? []);
  // With the letters, also within a word, every other English word has a spelling.
  const vocabulary = new Set([
    ...SPECIAL,
    ...PUNCTUATION,
    ...LETTERS,
    ...LETTERS.map((letter) => `##${letter}`),
    ...words.sort(),
  ]);
  const files = {
    "config.json": config(vocabulary.size),
    "tokenizer.json": tokenizer([...vocabulary]),
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

/** BERT-Tiny's sizes, with fewer words and positions. */
function config(vocabSize: number): object {
  return {
    architectures: ["BertForSequenceClassification"],
    model_type: "bert",
    vocab_size: vocabSize,
    hidden_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 512,
    max_position_embeddings: MAX_LENGTH,
    type_vocab_size: 2,
    hidden_act: "gelu",
    hidden_dropout_prob: 0.1,
    attention_probs_dropout_prob: 0.1,
    initializer_range: 0.02,
    layer_norm_eps: 1e-12,
    pad_token_id: SPECIAL.indexOf("[PAD]"),
    id2label: { 0: "not_equivalent", 1: "equivalent" },
    label2id: { not_equivalent: 0, equivalent: 1 },
  };
}

/** What the tokenizers library reads, set up as for bert-base-uncased. */
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
