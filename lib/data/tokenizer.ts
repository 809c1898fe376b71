/**
 * Tokenizes text as the `tokenizer.json` of a checkpoint describes, through
 * Hugging Face's tokenizer core for JavaScript.
 *
 * @module
 */
import { Tokenizer as Core } from "npm:@huggingface/tokenizers@0.2.0";
import { listFiles, readText, writeText } from "./files.ts";
import { parseObject } from "./json.ts";
import { longestFirst } from "./truncation.ts";

const TOKENIZER_FILE = "tokenizer.json";
const CONFIG_FILE = "tokenizer_config.json";

const IF_MISSING =
  "name the folder of a model; download one of the Hugging Face Hub with deno task fetch --model OWNER/NAME";

/** Limit if `tokenizer_config.json` has none: the positions of BERT. */
const DEFAULT_MAX_LENGTH = 512;

/** An encoded text or pair of texts of `S` tokens, unpadded. */
export interface Encoding {
  /** Token ids, `[S]`. */
  inputIds: number[];
  /** Token types: 0 for the first text, 1 for the second, `[S]`. */
  tokenTypeIds: number[];
  /** 1 for every token, `[S]`. */
  attentionMask: number[];
}

/** Options of {@linkcode Tokenizer.encode}. */
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

/** Options of {@linkcode Tokenizer.decode}. */
export interface DecodeOptions {
  /**
   * Whether to omit special tokens such as `[CLS]`, `[SEP]` and `[PAD]`.
   *
   * @default false
   */
  skipSpecialTokens?: boolean;
}

/**
 * The tokenizer of a checkpoint. As in transformers, the padding and truncation
 * settings of `tokenizer.json` are ignored: the collator pads, and `encode`
 * truncates only on request.
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
  #core: Core;
  #cleanUpSpaces: boolean;
  #single: TemplatePart[];
  #pair: TemplatePart[];
  #json: string;
  #configJson: string;

  private constructor(
    json: string,
    configJson: string | undefined,
    source: string,
  ) {
    const config = parseObject(configJson ?? "{}", `${source}/${CONFIG_FILE}`);
    const content = parseObject(json, `${source}/${TOKENIZER_FILE}`);
    for (const key of ["padding_side", "truncation_side"]) {
      if ((config[key] ?? "right") !== "right") {
        throw new RangeError(
          `Cannot use ${source}/${CONFIG_FILE}: ${key} is ${
            JSON.stringify(config[key])
          }, but only "right" is supported`,
        );
      }
    }
    try {
      this.#core = new Core(content, config);
    } catch (cause) {
      throw new SyntaxError(
        `Cannot read ${source}/${TOKENIZER_FILE}: it does not describe a tokenizer (${
          (cause as Error).message
        }); copy or download it again`,
        { cause },
      );
    }
    this.#single = readTemplate(
      this.#core,
      false,
      `${source}/${TOKENIZER_FILE}`,
    );
    this.#pair = readTemplate(this.#core, true, `${source}/${TOKENIZER_FILE}`);
    this.#cleanUpSpaces = config.clean_up_tokenization_spaces === true;
    this.#json = json;
    this.modelMaxLength = Number.isSafeInteger(config.model_max_length)
      ? config.model_max_length as number
      : DEFAULT_MAX_LENGTH; // absent, or 1e30: transformers' value for "unknown"
    const padToken = tokenText(config.pad_token) ?? "[PAD]";
    const padTokenId = this.#core.token_to_id(padToken);
    if (padTokenId === undefined) {
      throw new SyntaxError(
        `Cannot use ${source}/${TOKENIZER_FILE}: it has no token "${padToken}" to pad with; name one as pad_token in ${CONFIG_FILE}`,
      );
    }
    this.padTokenId = padTokenId;
    this.maskTokenId = this.#core.token_to_id(
      tokenText(config.mask_token) ?? "[MASK]",
    );
    this.specialTokenIds = new Set(
      [...this.#core.get_added_tokens_decoder().values()]
        .filter(({ special }) => special).map(({ id }) => id),
    );
    this.vocabSize = this.#core.get_vocab().size;
    this.#configJson = configJson ?? JSON.stringify(
      {
        tokenizer_class: "BertTokenizer",
        model_max_length: this.modelMaxLength,
        pad_token: padToken,
      },
      null,
      2,
    );
  }

  /**
   * Loads the tokenizer of a model folder.
   *
   * @param folder The folder, with `tokenizer.json` and optionally `tokenizer_config.json`.
   * @returns The tokenizer.
   * @throws {SyntaxError} If a file is not JSON, or does not describe a tokenizer.
   * @throws {RangeError} If padding or truncation is on the left.
   * @throws {Error} If there is no such folder or file, or it cannot be read.
   */
  static async fromPretrained(folder: string): Promise<Tokenizer> {
    const files = await listFiles(folder, IF_MISSING);
    if (!files.includes(TOKENIZER_FILE)) {
      throw new Error(
        `Cannot read a tokenizer from ${folder}: it has no ${TOKENIZER_FILE}; transformers writes one with AutoTokenizer.from_pretrained(…).save_pretrained(…)`,
      );
    }
    return new Tokenizer(
      await readText(`${folder}/${TOKENIZER_FILE}`),
      files.includes(CONFIG_FILE)
        ? await readText(`${folder}/${CONFIG_FILE}`)
        : undefined,
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
    return new Tokenizer(json, configJson, ".");
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
   * @throws {TypeError} If a text is not a string.
   * @throws {RangeError} If `maxLength` is less than the number of special tokens.
   */
  encode(
    text: string,
    textPair?: string,
    options: EncodeOptions = {},
  ): Encoding {
    let first = this.#ids(text);
    let second = textPair === undefined ? [] : this.#ids(textPair);
    const template = textPair === undefined ? this.#single : this.#pair;
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
   */
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    if (ids.length === 0) return "";
    return this.#core.decode(Array.from(ids), {
      skip_special_tokens: options.skipSpecialTokens ?? false,
      clean_up_tokenization_spaces: this.#cleanUpSpaces,
    });
  }

  /**
   * Saves `tokenizer.json` and `tokenizer_config.json`, byte for byte as they
   * were read; without a `tokenizer_config.json` a minimal one is written.
   *
   * @param folder The folder; created if it does not exist.
   * @throws {Error} If it cannot be written.
   */
  async savePretrained(folder: string): Promise<void> {
    await writeText(folder, TOKENIZER_FILE, this.#json);
    await writeText(folder, CONFIG_FILE, this.#configJson);
  }

  /** Tokenizes a text, without special tokens. */
  #ids(text: string): number[] {
    if (typeof text !== "string") {
      throw new TypeError(
        `Cannot encode ${JSON.stringify(text)}: texts must be strings`,
      );
    }
    return this.#core.encode(text, { add_special_tokens: false }).ids;
  }
}

/** A part of an encoding: a special token, or a whole text. */
interface TemplatePart {
  id: number | "first" | "second";
  type: number;
}

/** Reads the template by which the post-processor adds special tokens. */
function readTemplate(
  core: Core,
  isPair: boolean,
  source: string,
): TemplatePart[] {
  const processed = core.post_processor?.post_process(
    ["first"],
    isPair ? ["second"] : null,
  );
  if (!processed?.token_type_ids) {
    throw new SyntaxError(
      `Cannot use ${source}: it has no post_processor that adds special tokens such as [CLS] and [SEP]`,
    );
  }
  const { tokens, token_type_ids: types } = processed;
  return tokens.map((token, i) => {
    const id = token === "first" || token === "second"
      ? token
      : core.token_to_id(token);
    if (id !== undefined) return { id, type: types[i]! };
    throw new SyntaxError(
      `Cannot use ${source}: the token ${token} of its post_processor is not in the vocabulary`,
    );
  });
}

/** Returns the number of tokens left for the texts. */
function roomFor(maxLength: number, template: TemplatePart[]): number {
  const special = template.filter(({ id }) => typeof id === "number").length;
  if (!Number.isInteger(maxLength) || maxLength < special) {
    throw new RangeError(
      `Cannot truncate to ${maxLength} tokens: maxLength must be a whole number from ${special}, the number of special tokens`,
    );
  }
  return maxLength - special;
}

/** Reads a token of `tokenizer_config.json`: its text, or an object with its text. */
function tokenText(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  const { content } = (token ?? {}) as { content?: unknown };
  return typeof content === "string" ? content : undefined;
}
