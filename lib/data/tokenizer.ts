/**
 * Tokenizes text as transformers does with the files of a checkpoint: the same
 * ids as those of Python's tokenizers library.
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import { INSPECT } from "../inspect.ts";
import { writeFile } from "../files.ts";
import { listFiles, readText } from "./files.ts";
import { parseObject } from "./json.ts";
import { cleanUp } from "./tokenizer/decoders.ts";
import {
  DECODE_OPTIONS,
  type DecodeOptions,
  ENCODE_OPTIONS,
  type EncodeOptions,
  type Encoding,
  SAVE_OPTIONS,
  type SaveTokenizerOptions,
} from "./tokenizer/options.ts";
import { Pipeline } from "./tokenizer/pipeline.ts";
import {
  configToSave,
  tokenizerToSave,
  withMaxLength,
} from "./tokenizer/saved.ts";
import type { TemplatePart } from "./tokenizer/template.ts";
import {
  effectiveTokenizer,
  tokenText,
  withSpecialTokens,
} from "./tokenizer/tokenizer_class.ts";
import { longestFirst } from "./truncation.ts";

export type {
  DecodeOptions,
  EncodeOptions,
  Encoding,
  SaveTokenizerOptions,
} from "./tokenizer/options.ts";

const TOKENIZER_FILE = "tokenizer.json";
const CONFIG_FILE = "tokenizer_config.json";
const SPECIAL_TOKENS_FILE = "special_tokens_map.json";
const MODEL_CONFIG_FILE = "config.json";

const IF_MISSING =
  "name the folder of a model; download one of the Hugging Face Hub with deno task fetch --model OWNER/NAME";

/** Limit if `tokenizer_config.json` has none: the positions of BERT. */
const DEFAULT_MAX_LENGTH = 512;

/**
 * The tokenizer of a checkpoint. As in transformers,
 *
 * - for the classes of BERT, `do_lower_case` (true if absent), `strip_accents`
 *   and `tokenize_chinese_chars` of `tokenizer_config.json` win over
 *   `tokenizer.json`;
 * - the padding and truncation settings of `tokenizer.json` are ignored: the
 *   collator pads, and `encode` truncates only on request.
 */
export class Tokenizer {
  /** Id of `[PAD]`. */
  readonly padTokenId: number;
  /** Token type of padding. */
  readonly padTokenTypeId = 0;
  /** Id of `[MASK]`, if any. */
  readonly maskTokenId: number | undefined;
  /** Ids of the special tokens, such as `[CLS]`, `[SEP]` and `[PAD]`. */
  readonly specialTokenIds: ReadonlySet<number>;
  /** Vocabulary size, including special tokens. */
  readonly vocabSize: number;
  /** Most tokens that the model accepts. */
  readonly modelMaxLength: number;
  #pipeline: Pipeline;
  #cleansUp: boolean;
  #json: string;
  #configJson: string;

  private constructor(
    json: string,
    configJson: string | undefined,
    specialTokensJson: string | undefined,
    tokenizerClass: unknown,
    source: string,
  ) {
    const file = `${source}/${TOKENIZER_FILE}`;
    const content = parseObject(json, file);
    let config: Record<string, unknown> = {
      ...tokenizerClass !== undefined && { "tokenizer_class": tokenizerClass },
      ...parseObject(configJson ?? "{}", `${source}/${CONFIG_FILE}`),
    };
    if (!("added_tokens_decoder" in config)) {
      const special = parseObject(
        specialTokensJson ?? "{}",
        `${source}/${SPECIAL_TOKENS_FILE}`,
      );
      config = withSpecialTokens(config, special);
    }
    for (const key of ["padding_side", "truncation_side"]) {
      if ((config[key] ?? "right") !== "right") {
        throw new RangeError(
          `Cannot use ${source}/${CONFIG_FILE}: ${key} is ${
            JSON.stringify(config[key])
          }, but only "right" is supported`,
        );
      }
    }
    const effective = effectiveTokenizer(content, config, source);
    this.#pipeline = new Pipeline(effective, file);
    this.#cleansUp = config.clean_up_tokenization_spaces === true;
    this.modelMaxLength = Number.isSafeInteger(config.model_max_length)
      ? config.model_max_length as number
      : DEFAULT_MAX_LENGTH; // absent, or 1e30: transformers' value for "unknown"
    const padToken = tokenText(config.pad_token) ?? "[PAD]";
    const padTokenId = this.#pipeline.idOf(padToken);
    if (padTokenId === undefined) {
      throw new SyntaxError(
        `Cannot use ${file}: it has no token "${padToken}" to pad with; name one as pad_token in ${CONFIG_FILE}`,
      );
    }
    this.padTokenId = padTokenId;
    this.maskTokenId = this.#pipeline.idOf(
      tokenText(config.mask_token) ?? "[MASK]",
    );
    this.specialTokenIds = new Set(
      [...this.#pipeline.addedTokens.values()]
        .filter(({ isSpecial }) => isSpecial).map(({ id }) => id),
    );
    this.vocabSize = this.#pipeline.size;
    this.#json = tokenizerToSave(json, content, effective);
    this.#configJson = configToSave(configJson, content, config, {
      model_max_length: this.modelMaxLength,
      pad_token: padToken,
    });
  }

  /**
   * Loads the tokenizer of a model folder.
   *
   * @param folder The folder, with `tokenizer.json` and optionally
   * `tokenizer_config.json`, `special_tokens_map.json` and a `config.json` with a
   * `tokenizer_class`.
   * @returns The tokenizer.
   * @throws {SyntaxError} If a file is not JSON, or does not describe a tokenizer.
   * @throws {RangeError} If padding or truncation is on the left.
   * @throws {Error} If there is no such folder or file, or it cannot be read.
   */
  static async fromPretrained(folder: string): Promise<Tokenizer> {
    const files = await listFiles(folder, IF_MISSING);
    const read = async (name: string) =>
      files.includes(name) ? await readText(`${folder}/${name}`) : undefined;
    if (!files.includes(TOKENIZER_FILE)) {
      throw new Error(
        `Cannot read a tokenizer from ${folder}: it has no ${TOKENIZER_FILE}; transformers writes one with AutoTokenizer.from_pretrained(…).save_pretrained(…)`,
      );
    }
    return new Tokenizer(
      await readText(`${folder}/${TOKENIZER_FILE}`),
      await read(CONFIG_FILE),
      await read(SPECIAL_TOKENS_FILE),
      parseObject(
        await read(MODEL_CONFIG_FILE) ?? "{}",
        `${folder}/${MODEL_CONFIG_FILE}`,
      ).tokenizer_class ?? undefined,
      folder,
    );
  }

  /**
   * Makes a tokenizer from the contents of its files.
   *
   * @param json Contents of `tokenizer.json`.
   * @param configJson Contents of `tokenizer_config.json`, if any.
   * @returns The tokenizer.
   * @throws {SyntaxError} If a text is not JSON, or does not describe a tokenizer.
   * @throws {RangeError} If padding or truncation is on the left.
   */
  static fromJson(json: string, configJson?: string): Tokenizer {
    return new Tokenizer(json, configJson, undefined, undefined, ".");
  }

  /**
   * Encodes a text or a pair of texts: `[CLS] A [SEP]` or `[CLS] A [SEP] B [SEP]`.
   *
   * Truncation is transformers' `longest_first`: the longer text is truncated
   * first, on the right, and both to half if both are too long.
   *
   * @param text The text, or the first text of a pair.
   * @param textPair The second text of a pair; it may be empty.
   * @param options Whether and where to truncate.
   * @returns Token ids, token types and attention mask, all of one length.
   * @throws {TypeError} If a text is not a string, or an option has an unknown name.
   * @throws {RangeError} If `maxLength` is less than the number of special tokens.
   */
  encode(
    text: string,
    textPair?: string,
    options: EncodeOptions = {},
  ): Encoding {
    checkOptions("encode a text", options, ENCODE_OPTIONS);
    let first = this.#ids(text);
    let second = textPair === undefined ? [] : this.#ids(textPair);
    const { single, pair } = this.#pipeline.templates;
    const template = textPair === undefined ? single : pair;
    const { maxLength, truncation = maxLength !== undefined } = options;
    if (truncation) {
      const room = roomFor(maxLength ?? this.modelMaxLength, template);
      const [a, b] = longestFirst(first.length, second.length, room);
      first = first.slice(0, a);
      second = second.slice(0, b);
    }
    const inputIds: number[] = [];
    const tokenTypeIds: number[] = [];
    for (const { id, type } of template) {
      const ids = id === "first" ? first : id === "second" ? second : [id];
      for (const id of ids) {
        inputIds.push(id);
        tokenTypeIds.push(type);
      }
    }
    return { inputIds, tokenTypeIds, attentionMask: inputIds.map(() => 1) };
  }

  /**
   * Decodes token ids to text.
   *
   * @param ids Token ids.
   * @param options Which tokens to omit.
   * @returns The text, normalized: in lower case if the tokenizer is uncased.
   * @throws {TypeError} If an option has an unknown name.
   */
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    checkOptions("decode tokens", options, DECODE_OPTIONS);
    const text = this.#pipeline.decode(
      Array.from(ids),
      options.skipSpecialTokens ? this.specialTokenIds : new Set(),
    );
    return this.#cleansUp ? cleanUp(text) : text;
  }

  /**
   * Saves `tokenizer.json` and `tokenizer_config.json`, byte for byte as they
   * were read, if they say how the text is tokenized and do not contradict each
   * other. Otherwise they are written so that they do, and that transformers
   * gives the same ids. A given `modelMaxLength` replaces another one.
   *
   * @param folder The folder; created if it does not exist.
   * @param options The maximum length.
   * @throws {Error} If it cannot be written.
   */
  async savePretrained(
    folder: string,
    options: SaveTokenizerOptions = {},
  ): Promise<void> {
    checkOptions("save a tokenizer", options, SAVE_OPTIONS);
    const { modelMaxLength } = options;
    await writeFile(folder, TOKENIZER_FILE, this.#json);
    const json = withMaxLength(this.#configJson, modelMaxLength);
    await writeFile(folder, CONFIG_FILE, json);
  }

  /** Sizes, for `console.log`. */
  [INSPECT](): string {
    return `Tokenizer { vocabSize: ${this.vocabSize}, modelMaxLength: ${this.modelMaxLength} }`;
  }

  /** Tokenizes a text, without special tokens. */
  #ids(text: string): number[] {
    if (typeof text !== "string") {
      throw new TypeError(
        `Cannot encode ${JSON.stringify(text)}: texts must be strings${
          ["boolean", "object"].includes(typeof text)
            ? "; encode(text, undefined, { truncation: true }) encodes one, with options"
            : ""
        }`,
      );
    }
    return this.#pipeline.encode(text);
  }
}

/** Returns the number of tokens left for the texts. */
function roomFor(maxLength: number, template: readonly TemplatePart[]): number {
  const special = template.filter(({ id }) => typeof id === "number").length;
  if (!Number.isInteger(maxLength) || maxLength < special) {
    throw new RangeError(
      `Cannot truncate to ${maxLength} tokens: maxLength must be a whole number from ${special}, the number of special tokens`,
    );
  }
  return maxLength - special;
}
