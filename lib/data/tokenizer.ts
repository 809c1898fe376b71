/**
 * Tokenizes text as transformers does with the files of a checkpoint: the same
 * ids as those of Python's tokenizers library.
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import { INSPECT } from "../inspect.ts";
import type { FolderSource } from "../files/folder.ts";
import { openFolder } from "../files/open_folder.ts";
import { type FolderTarget, writeFile } from "../files/save_files.ts";
import { readText } from "./files.ts";
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
import { roomFor } from "./tokenizer/template.ts";
import {
  effectiveTokenizer,
  tokenText,
  withSpecialTokens,
} from "./tokenizer/tokenizer_class.ts";
import { classNameOf, classOf } from "./tokenizer/tokenizer_classes.ts";
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
  " or folder; name the folder of a model; download one of the Hugging Face Hub with deno task fetch --model OWNER/NAME";

/** Limit if `tokenizer_config.json` has none: the positions of BERT. */
const DEFAULT_MAX_LENGTH = 512;

/**
 * The tokenizer of a checkpoint. As in transformers,
 *
 * - for the classes of BERT, RoBERTa, XLM-RoBERTa, CamemBERT, ALBERT, MPNet and
 *   DeBERTa-v2, settings of `tokenizer_config.json`, such as `do_lower_case` and
 *   `add_prefix_space`, and their defaults win over `tokenizer.json`;
 * - without `token_type_ids` in `model_input_names` all token types are 0;
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
  #hasTokenTypes: boolean;
  #json: string;
  #configJson: string;

  private constructor(
    json: string,
    configJson: string | undefined,
    specialTokensJson: string | undefined,
    modelConfig: Record<string, unknown>,
    source: string,
  ) {
    const file = `${source}/${TOKENIZER_FILE}`;
    const content = parseObject(json, file);
    let config = parseObject(configJson ?? "{}", `${source}/${CONFIG_FILE}`);
    const className = classNameOf(modelConfig, config.tokenizer_class);
    if (className !== undefined) {
      config = { ...config, "tokenizer_class": className };
    }
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
    const tokenizerClass = classOf(content, config);
    const effective = effectiveTokenizer(
      content,
      config,
      tokenizerClass,
      source,
    );
    this.#pipeline = new Pipeline(effective, file);
    this.#cleansUp = config.clean_up_tokenization_spaces === true;
    this.modelMaxLength = Number.isSafeInteger(config.model_max_length)
      ? config.model_max_length as number
      : DEFAULT_MAX_LENGTH; // absent, or 1e30: transformers' value for "unknown"
    const named = (key: string) =>
      tokenText(config[key]) ?? tokenizerClass?.tokens[key];
    const padToken = named("pad_token") ?? "[PAD]";
    const padTokenId = this.#pipeline.idOf(padToken);
    if (padTokenId === undefined) {
      throw new SyntaxError(
        `Cannot use ${file}: it has no token "${padToken}" to pad with; name one as pad_token in ${CONFIG_FILE}`,
      );
    }
    this.padTokenId = padTokenId;
    this.maskTokenId = this.#pipeline.idOf(
      named("mask_token") ?? "[MASK]",
    );
    const { model_input_names: names } = config as Record<string, string[]>;
    this.#hasTokenTypes = names?.includes("token_type_ids") ??
      tokenizerClass?.hasTokenTypes ?? true;
    this.specialTokenIds = new Set(
      [...this.#pipeline.addedTokens.values()]
        .filter(({ isSpecial }) => isSpecial).map(({ id }) => id),
    );
    this.vocabSize = this.#pipeline.size;
    this.#json = tokenizerToSave(json, content, effective);
    this.#configJson = configToSave(configJson, config, tokenizerClass, {
      model_max_length: this.modelMaxLength,
      pad_token: padToken,
    });
  }

  /**
   * Loads the tokenizer of a model folder.
   *
   * @param source Path, URL or files of the folder, with `tokenizer.json` and optionally
   * `tokenizer_config.json`, `special_tokens_map.json` and a `config.json` with a
   * `tokenizer_class` or `model_type`.
   * @returns The tokenizer.
   * @throws {SyntaxError} If a file is not JSON, or does not describe a tokenizer.
   * @throws {RangeError} If padding or truncation is on the left.
   * @throws {Error} If there is no such folder or file, or it cannot be read.
   */
  static async fromPretrained(source: FolderSource): Promise<Tokenizer> {
    const folder = openFolder(source);
    await folder.list?.(IF_MISSING); // throws if there is no such folder
    const read = async (name: string) => {
      const file = await folder.find(name);
      return file && await readText(file);
    };
    const json = await read(TOKENIZER_FILE);
    if (json === undefined) {
      throw new Error(
        `Cannot read a tokenizer from ${folder.path}: it has no ${TOKENIZER_FILE}; transformers writes one with AutoTokenizer.from_pretrained(…).save_pretrained(…)`,
      );
    }
    return new Tokenizer(
      json,
      await read(CONFIG_FILE),
      await read(SPECIAL_TOKENS_FILE),
      parseObject(
        await read(MODEL_CONFIG_FILE) ?? "{}",
        folder.pathOf(MODEL_CONFIG_FILE),
      ),
      folder.path,
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
    return new Tokenizer(json, configJson, undefined, {}, ".");
  }

  /**
   * Encodes a text or a pair of texts, for BERT `[CLS] A [SEP]` or
   * `[CLS] A [SEP] B [SEP]`.
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
        tokenTypeIds.push(this.#hasTokenTypes ? type : 0);
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
   * @param target The folder, created if it does not exist, or an object that
   * receives the files, `{}`.
   * @param options The maximum length.
   * @throws {Error} If it cannot be written.
   */
  async savePretrained(
    target: FolderTarget,
    options: SaveTokenizerOptions = {},
  ): Promise<void> {
    checkOptions("save a tokenizer", options, SAVE_OPTIONS);
    const { modelMaxLength } = options;
    await writeFile(target, TOKENIZER_FILE, this.#json);
    const json = withMaxLength(this.#configJson, modelMaxLength);
    await writeFile(target, CONFIG_FILE, json);
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
