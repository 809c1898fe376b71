/**
 * The configuration of a DistilBERT, as `config.json` has it.
 *
 * @module
 */
import {
  checkConfig,
  type ConfigJson,
  type ConfigTraits,
  numberedLabels,
  readConfig,
  writeConfig,
} from "../pretrained_config.ts";

/** Settings of a {@linkcode DistilBertConfig}; all have transformers' defaults. */
export interface DistilBertConfigOptions {
  /**
   * Rows of the table of words V.
   *
   * @default 30522
   */
  vocabSize?: number;
  /**
   * Positions, and so the longest row.
   *
   * @default 512
   */
  maxPositionEmbeddings?: number;
  /**
   * Layers.
   *
   * @default 6
   */
  nLayers?: number;
  /**
   * Attention heads A; H is a multiple of it.
   *
   * @default 12
   */
  nHeads?: number;
  /**
   * Size of a token's vector H.
   *
   * @default 768
   */
  dim?: number;
  /**
   * Size between the two linear layers of a block I.
   *
   * @default 3072
   */
  hiddenDim?: number;
  /**
   * Dropout of embeddings and linear blocks.
   *
   * @default 0.1
   */
  dropout?: number;
  /**
   * Dropout of attention's probabilities.
   *
   * @default 0.1
   */
  attentionDropout?: number;
  /**
   * The activation: `gelu`, with the exact error function; `gelu_new` and
   * `gelu_pytorch_tanh`, its approximation by tanh; or `relu`.
   *
   * @default "gelu"
   */
  activation?: string;
  /**
   * Standard deviation of initial weights.
   *
   * @default 0.02
   */
  initializerRange?: number;
  /**
   * Dropout before the classifier.
   *
   * @default 0.2
   */
  seqClassifDropout?: number;
  /**
   * Id of the padding token, whose embedding gets no gradient.
   *
   * @default 0
   */
  padTokenId?: number;
  /**
   * Names of the labels by number; as many as there are labels.
   *
   * @default LABEL_0, LABEL_1
   */
  id2label?: Readonly<Record<number, string>>;
  /**
   * Number of labels; 1 is regression.
   *
   * @default As many as `id2label` has.
   */
  numLabels?: number;
}

const DEFAULTS: Required<Omit<DistilBertConfigOptions, "numLabels">> = {
  vocabSize: 30522,
  maxPositionEmbeddings: 512,
  nLayers: 6,
  nHeads: 12,
  dim: 768,
  hiddenDim: 3072,
  dropout: 0.1,
  attentionDropout: 0.1,
  activation: "gelu",
  initializerRange: 0.02,
  seqClassifDropout: 0.2,
  padTokenId: 0,
  id2label: { 0: "LABEL_0", 1: "LABEL_1" },
};

const TRAITS: ConfigTraits = {
  className: "DistilBertConfig",
  modelType: "distilbert",
  title: "DistilBERT",
  defaults: DEFAULTS,
  only: {},
  sizes: [
    "vocabSize",
    "maxPositionEmbeddings",
    "nLayers",
    "nHeads",
    "dim",
    "hiddenDim",
    "numLabels",
  ],
  names: ["dim", "nHeads", "activation"],
};

/**
 * Sizes and rates of a DistilBERT. Of transformers' settings
 * `sinusoidal_pos_embds`, which only says how positions begin, and those of
 * other tasks are kept but not used.
 */
export class DistilBertConfig {
  /** Rows of the table of words V. */
  readonly vocabSize: number;
  /** Positions, and so the longest row. */
  readonly maxPositionEmbeddings: number;
  /** Layers. */
  readonly nLayers: number;
  /** Attention heads A. */
  readonly nHeads: number;
  /** Size of a token's vector H. */
  readonly dim: number;
  /** Size between the two linear layers of a block I. */
  readonly hiddenDim: number;
  /** Dropout of embeddings and linear blocks. */
  readonly dropout: number;
  /** Dropout of attention's probabilities. */
  readonly attentionDropout: number;
  /** The activation. */
  readonly activation: string;
  /** Standard deviation of initial weights. */
  readonly initializerRange: number;
  /** Dropout before the classifier. */
  readonly seqClassifDropout: number;
  /** Id of the padding token. */
  readonly padTokenId: number;
  /** Names of the labels by number. */
  readonly id2label: Readonly<Record<number, string>>;
  /** What else `config.json` held; kept when it is written again. */
  readonly #others: ConfigJson;

  /**
   * Makes a configuration.
   *
   * @param options Whatever differs from transformers' defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} If a size is not a whole number from 1, H is no multiple of A, or the activation is unknown.
   */
  constructor(
    options: DistilBertConfigOptions = {},
    others: Readonly<Record<string, unknown>> = {},
  ) {
    const settings = { ...DEFAULTS, ...options };
    const { numLabels } = options;
    if (numLabels !== undefined && options.id2label === undefined) {
      settings.id2label = numberedLabels(numLabels);
    }
    this.vocabSize = settings.vocabSize;
    this.maxPositionEmbeddings = settings.maxPositionEmbeddings;
    this.nLayers = settings.nLayers;
    this.nHeads = settings.nHeads;
    this.dim = settings.dim;
    this.hiddenDim = settings.hiddenDim;
    this.dropout = settings.dropout;
    this.attentionDropout = settings.attentionDropout;
    this.activation = settings.activation;
    this.initializerRange = settings.initializerRange;
    this.seqClassifDropout = settings.seqClassifDropout;
    this.padTokenId = settings.padTokenId;
    this.id2label = settings.id2label;
    this.#others = others;
    checkConfig(this, TRAITS, numLabels);
  }

  /** Number of labels; 1 is regression. */
  get numLabels(): number {
    return Object.keys(this.id2label).length;
  }

  /**
   * Reads what `config.json` holds.
   *
   * @param json Its content.
   * @param changes Settings that replace those of the file.
   * @param source Where it was read from, for errors.
   * @returns The configuration; keys that it does not know are kept for {@linkcode DistilBertConfig.toJson}.
   * @throws {SyntaxError} If the file is of another architecture.
   * @throws {RangeError} As the constructor.
   */
  static fromJson(
    json: Readonly<Record<string, unknown>>,
    changes: DistilBertConfigOptions = {},
    source = "config.json",
  ): DistilBertConfig {
    return readConfig(
      json,
      TRAITS,
      changes,
      source,
      (options, others) => new DistilBertConfig(options, others),
    );
  }

  /**
   * Gives the content of `config.json` for a model of this configuration.
   *
   * @param architecture The model's class in transformers.
   * @returns The content.
   */
  toJson(architecture: string): Record<string, unknown> {
    return writeConfig(this, TRAITS, this.#others, architecture);
  }
}
