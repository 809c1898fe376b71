/**
 * A fine-tuned classifier in use: from texts to labels and scores.
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import type { FolderSource } from "../files/folder.ts";
import { openFolder } from "../files/open_folder.ts";
import { Tokenizer } from "../data/tokenizer.ts";
import type { Device } from "../gpu/device.ts";
import { requestDevice } from "../gpu/request_device.ts";
import {
  AutoConfig,
  AutoModelForSequenceClassification,
} from "../models/auto.ts";
import type { PretrainedConfig } from "../models/pretrained_config.ts";
import type { ForSequenceClassification } from "../models/sequence_classification.ts";
import { BatchQueue } from "./batch_queue.ts";
import {
  OPTIONS,
  type PredictOptions,
  readPredictOptions,
  type TextClassificationOutputs,
  type TextClassifierOptions,
} from "./classifier_options.ts";
import { LabelScorer, type TextClassificationOutput } from "./label_scores.ts";
import { isListOfTexts, type TextPair, toTexts } from "./text_pair.ts";

/**
 * A model with its tokenizer, that labels texts as the text-classification pipeline
 * of transformers does. `using` frees it.
 *
 * @example Label a text, and several
 * ```ts ignore
 * using classifier = await TextClassifier.fromPretrained("runs/first/model");
 * const [best] = await classifier.predict("The food was great.");
 * console.log(best); // { label: "positive", score: 0.98 }
 * const all = await classifier.predict(["Great.", "Awful."], { topK: null });
 * ```
 */
export class TextClassifier implements Disposable {
  /** The model. */
  readonly model: ForSequenceClassification;
  /** The tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Tokens after which a text or pair is truncated. */
  readonly maxLength: number;
  readonly #device: Device;
  readonly #ownsDevice: boolean;
  readonly #scorer: LabelScorer;
  readonly #queue: BatchQueue;

  private constructor(
    model: ForSequenceClassification,
    tokenizer: Tokenizer,
    { device, isOwn }: { device: Device; isOwn: boolean },
    maxLength: number,
    scorer: LabelScorer,
  ) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
    this.#device = device;
    this.#ownsDevice = isOwn;
    this.#scorer = scorer;
    this.#queue = new BatchQueue({ model, tokenizer, device, maxLength });
  }

  /**
   * Loads a model folder, with a warning if it lacks weights, as those of the head of a
   * model that was not fine-tuned.
   *
   * @param source Path, URL or files of the folder: `config.json`, `model.safetensors` and `tokenizer.json`.
   * @param options Device and truncation.
   * @returns The classifier.
   * @throws {TypeError} If an option has an unknown name, or the device is none.
   * @throws {RangeError} If `maxLength` is more than the model takes, or `thresholds` of `config.json` do not fit its labels.
   * @throws {SyntaxError} If a file is invalid or truncated, or the model of an unknown type.
   * @throws {Error} If a file is missing, or there is no device.
   */
  static async fromPretrained(
    source: FolderSource,
    options: TextClassifierOptions = {},
  ): Promise<TextClassifier> {
    checkOptions("load a classifier", options, OPTIONS, "{ device }");
    const tokenizer = await Tokenizer.fromPretrained(source);
    const config = await AutoConfig.fromPretrained(source);
    const scorer = new LabelScorer(
      config,
      openFolder(source).pathOf("config.json"),
    );
    const maxLength = checkedMaxLength(options.maxLength, tokenizer, config);
    const device = options.device ?? await requestDevice({ tuning: "none" });
    const isOwn = options.device === undefined;
    try {
      const model = await AutoModelForSequenceClassification.fromPretrained(
        source,
        { device },
      );
      // deno-lint-ignore no-console -- as in transformers, the model is returned nonetheless
      if (model.loadReport) console.warn(model.loadReport);
      return new TextClassifier(
        model,
        tokenizer,
        { device, isOwn },
        maxLength,
        scorer,
      );
    } catch (error) {
      if (isOwn) device.destroy();
      throw error;
    }
  }

  /** Names of the labels by number. */
  get labels(): readonly string[] {
    return this.#scorer.labels;
  }

  /** Number of texts and pairs that were truncated so far. */
  get truncated(): number {
    return this.#queue.truncated;
  }

  /**
   * Labels a text or a pair of texts.
   *
   * @param text The text.
   * @param options Number of labels, batch size, signal.
   * @returns The labels with their scores, the best first: one unless `topK` says otherwise.
   * @throws {TypeError} If the text is none, or an option has an unknown name.
   * @throws {RangeError} If an option has another value, or a token is outside the vocabulary of the model.
   * @throws {Error} If the classifier is disposed, the weights are broken, or the device fails.
   */
  predict(
    text: string | TextPair,
    options?: PredictOptions,
  ): Promise<TextClassificationOutput[]>;
  /**
   * Labels several texts or pairs of texts.
   *
   * Calls may overlap: while a batch runs, the texts of all calls wait for the next
   * ones, which they share. Inside a call the longest texts come first; the results are
   * in the order of the texts.
   *
   * @param texts The texts.
   * @param options Number of labels, batch size, signal.
   * @returns For each text its label and score, or a list of these where `topK` is not 1.
   * @throws {TypeError} If a text is none, with its index.
   */
  predict<K extends number | null = 1>(
    texts: readonly (string | TextPair)[],
    options?: PredictOptions<K>,
  ): Promise<TextClassificationOutputs<K>>;
  /** Labels one text or several. */
  async predict(
    input: string | TextPair | readonly (string | TextPair)[],
    options: PredictOptions = {},
  ): Promise<TextClassificationOutput[] | TextClassificationOutput[][]> {
    const { topK, batchSize, functionToApply, signal } = readPredictOptions(
      options,
    );
    const isOne = !isListOfTexts(input);
    const texts = toTexts(isOne ? [input] : input, isOne);
    const logits = await this.#queue.logits(texts, batchSize, signal);
    const outputs = logits.map((row) =>
      this.#scorer.score(row, topK, functionToApply)
    );
    return isOne || topK === 1 ? outputs.flat() : outputs;
  }

  /**
   * Frees the memory of the model, and the device if it is its own. Calls that were
   * not answered reject.
   */
  [Symbol.dispose](): void {
    if (this.#queue.isClosed) return;
    this.#queue.close();
    if (this.#ownsDevice) return this.#device.destroy();
    const buffers = [...this.model.parameters()]
      .map(({ flatBuffer }) => flatBuffer.storage);
    for (const buffer of new Set(buffers)) this.#device.release(buffer);
  }
}

/** The given maximum, or that of tokenizer and model. */
function checkedMaxLength(
  given: number | undefined,
  tokenizer: Tokenizer,
  { maxSeqLength }: PretrainedConfig,
): number {
  if (given === undefined) {
    return Math.min(tokenizer.modelMaxLength, maxSeqLength);
  }
  tokenizer.encode("", "", { maxLength: given }); // throws if it is too short for any text
  if (given <= maxSeqLength) return given;
  throw new RangeError(
    `Cannot load a classifier: maxLength is ${given}, and the model takes ${maxSeqLength} tokens; give at most that`,
  );
}
