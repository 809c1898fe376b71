/**
 * From text to token ids, as `tokenizer.json` of a checkpoint says, through
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

/** Where `tokenizer_config.json` gives no limit: the positions of BERT. */
const DEFAULT_MAX_LENGTH = 512;

/** A text or a pair of texts as a model takes it, unpadded; `S` tokens. */
export interface Encoding {
  /** Token ids, `[S]`. */
  inputIds: number[];
  /** 0 for the first text and 1 for the second, `[S]`. */
  tokenTypeIds: number[];
  /** 1 for every token, `[S]`. */
  attentionMask: number[];
}

/** How {@linkcode Tokenizer.encode} treats texts that are too long. */
export interface EncodeOptions {
  /**
   * Whether to cut what is longer than `maxLength`.
   *
   * @default true where `maxLength` is given, else false
   */
  truncation?: boolean;
  /**
   * The most tokens to give, those that mark start and end included.
   *
   * @default the tokenizer's `modelMaxLength`
   */
  maxLength?: number;
}

/** How {@linkcode Tokenizer.decode} writes. */
export interface DecodeOptions {
  /**
   * Whether to leave out `[CLS]`, `[SEP]`, `[PAD]` and their like.
   *
   * @default false
   */
  skipSpecialTokens?: boolean;
}

/**
 * The tokenizer of a checkpoint. Padding and truncation that `tokenizer.json`
 * asks for by itself are off, as in transformers: padding is the collator's
 * work, and `encode` cuts only what it is told to.
 */
export class Tokenizer {
  /** Fills the shorter rows of a batch. */
  readonly padTokenId: number;
  /** Type id of a padding token. */
  readonly padTokenTypeId = 0;
  /** Hides a word that is to be found, if there is such a token. */
  readonly maskTokenId: number | undefined;
  /** Ids of `[CLS]`, `[SEP]`, `[PAD]` and their like. */
  readonly specialTokenIds: ReadonlySet<number>;
  /** How many tokens there are. */
  readonly vocabSize: number;
  /** The most tokens that the model takes. */
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
          }, and only "right" is supported`,
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
      : DEFAULT_MAX_LENGTH; // absent, or 1e30: what transformers writes for "not known"
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
   * Reads the tokenizer of a model folder.
   *
   * @param folder Holds `tokenizer.json`, and `tokenizer_config.json` or not.
   * @returns The tokenizer.
   * @throws {SyntaxError} If a file is not JSON, or describes no tokenizer.
   * @throws {RangeError} If it asks for padding or truncation on the left.
   * @throws {Error} If there is no such folder or file, or it may not be read.
   */
  static async fromPretrained(folder: string): Promise<Tokenizer> {
    const files = await listFiles(folder);
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
   * Makes a tokenizer of files that were already read.
   *
   * @param json The text of `tokenizer.json`.
   * @param configJson The text of `tokenizer_config.json`, where there is one.
   * @returns The tokenizer.
   * @throws {SyntaxError} If a text is not JSON, or describes no tokenizer.
   * @throws {RangeError} If it asks for padding or truncation on the left.
   */
  static fromJson(json: string, configJson?: string): Tokenizer {
    return new Tokenizer(json, configJson, ".");
  }

  /**
   * Encodes a text or a pair of texts: `[CLS] A [SEP]` or `[CLS] A [SEP] B [SEP]`.
   *
   * Truncation is transformers' `longest_first`: the longer text is cut first,
   * on the right, and both to half where both are too long.
   *
   * @param text The text, or the first of the pair.
   * @param textPair The second of the pair; an empty text counts as one.
   * @param options Whether and where to cut.
   * @returns The ids, the types and the mask, of one length.
   * @throws {TypeError} If a text is not a string.
   * @throws {RangeError} If `maxLength` leaves no room beside the special tokens.
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
   * Writes ids as text.
   *
   * @param ids Token ids.
   * @param options What to leave out.
   * @returns The text. It is the normalised one, lower case where the tokenizer lowers it.
   */
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    if (ids.length === 0) return "";
    return this.#core.decode(Array.from(ids), {
      skip_special_tokens: options.skipSpecialTokens ?? false,
      clean_up_tokenization_spaces: this.#cleanUpSpaces,
    });
  }

  /**
   * Writes `tokenizer.json` and `tokenizer_config.json`, byte for byte as they
   * were read; a `tokenizer_config.json` is made where there was none.
   *
   * @param folder Where to; made where there is none.
   * @throws {Error} If it may not be written.
   */
  async savePretrained(folder: string): Promise<void> {
    await writeText(folder, TOKENIZER_FILE, this.#json);
    await writeText(folder, CONFIG_FILE, this.#configJson);
  }

  /** The ids of a text, without special tokens. */
  #ids(text: string): number[] {
    if (typeof text !== "string") {
      throw new TypeError(
        `Cannot encode ${JSON.stringify(text)}: a text must be a string`,
      );
    }
    return this.#core.encode(text, { add_special_tokens: false }).ids;
  }
}

/** What stands at a place of an encoding: a special token, or a whole text. */
interface TemplatePart {
  id: number | "first" | "second";
  type: number;
}

/** Where the post-processor puts special tokens around the texts. */
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
      `Cannot use ${source}: it has no post_processor that puts tokens such as [CLS] and [SEP] around a text`,
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

/** Tokens that are left for the texts. */
function roomFor(maxLength: number, template: TemplatePart[]): number {
  const special = template.filter(({ id }) => typeof id === "number").length;
  if (!Number.isInteger(maxLength) || maxLength < special) {
    throw new RangeError(
      `Cannot cut a text to ${maxLength} tokens: maxLength must be a whole number from ${special}, the special tokens alone`,
    );
  }
  return maxLength - special;
}

/** A token in `tokenizer_config.json`: its text, or an object that has it. */
function tokenText(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  const { content } = (token ?? {}) as { content?: unknown };
  return typeof content === "string" ? content : undefined;
}
