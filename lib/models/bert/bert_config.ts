/**
 * The configuration of a BERT, as `config.json` has it.
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

/** Settings of a {@linkcode BertConfig}; all have transformers' defaults. */
export interface BertConfigOptions {
  /**
   * Rows of the table of words V.
   *
   * @default 30522
   */
  vocabSize?: number;
  /**
   * Size of a token's vector H.
   *
   * @default 768
   */
  hiddenSize?: number;
  /**
   * Layers.
   *
   * @default 12
   */
  numHiddenLayers?: number;
  /**
   * Attention heads A; H is a multiple of it.
   *
   * @default 12
   */
  numAttentionHeads?: number;
  /**
   * Size between the two linear layers of a block I.
   *
   * @default 3072
   */
  intermediateSize?: number;
  /**
   * The activation: `gelu`, with the exact error function; `gelu_new` and
   * `gelu_pytorch_tanh`, its approximation by tanh; or `relu`.
   *
   * @default "gelu"
   */
  hiddenAct?: string;
  /**
   * Dropout of embeddings, blocks and, unless `classifierDropout` says otherwise, the pooled output.
   *
   * @default 0.1
   */
  hiddenDropoutProb?: number;
  /**
   * Dropout of attention's probabilities.
   *
   * @default 0.1
   */
  attentionProbsDropoutProb?: number;
  /**
   * Positions, and so the longest row.
   *
   * @default 512
   */
  maxPositionEmbeddings?: number;
  /**
   * Kinds of tokens: 2 for pairs of texts.
   *
   * @default 2
   */
  typeVocabSize?: number;
  /**
   * Standard deviation of initial weights.
   *
   * @default 0.02
   */
  initializerRange?: number;
  /**
   * Added to the variance in layer normalisation.
   *
   * @default 1e-12
   */
  layerNormEps?: number;
  /**
   * Id of the padding token, whose embedding gets no gradient.
   *
   * @default 0
   */
  padTokenId?: number;
  /**
   * Dropout before the classifier.
   *
   * @default `hiddenDropoutProb`
   */
  classifierDropout?: number | null;
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

type Settings = Required<Omit<BertConfigOptions, "numLabels">>;

const DEFAULTS: Settings = {
  vocabSize: 30522,
  hiddenSize: 768,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  hiddenAct: "gelu",
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  maxPositionEmbeddings: 512,
  typeVocabSize: 2,
  initializerRange: 0.02,
  layerNormEps: 1e-12,
  padTokenId: 0,
  classifierDropout: null,
  id2label: { 0: "LABEL_0", 1: "LABEL_1" },
};

const TRAITS: ConfigTraits = {
  className: "BertConfig",
  modelType: "bert",
  title: "BERT",
  defaults: DEFAULTS,
  only: {
    "position_embedding_type": "absolute",
    "is_decoder": false,
    "add_cross_attention": false,
  },
  sizes: [
    "vocabSize",
    "hiddenSize",
    "numHiddenLayers",
    "numAttentionHeads",
    "intermediateSize",
    "maxPositionEmbeddings",
    "typeVocabSize",
    "numLabels",
  ],
  names: ["hiddenSize", "numAttentionHeads", "hiddenAct"],
};

/** Sizes and rates of a BERT. */
export class BertConfig {
  /** Rows of the table of words V. */
  readonly vocabSize: number;
  /** Size of a token's vector H. */
  readonly hiddenSize: number;
  /** Layers. */
  readonly numHiddenLayers: number;
  /** Attention heads A. */
  readonly numAttentionHeads: number;
  /** Size between the two linear layers of a block I. */
  readonly intermediateSize: number;
  /** The activation. */
  readonly hiddenAct: string;
  /** Dropout of embeddings and blocks. */
  readonly hiddenDropoutProb: number;
  /** Dropout of attention's probabilities. */
  readonly attentionProbsDropoutProb: number;
  /** Positions, and so the longest row. */
  readonly maxPositionEmbeddings: number;
  /** Kinds of tokens. */
  readonly typeVocabSize: number;
  /** Standard deviation of initial weights. */
  readonly initializerRange: number;
  /** Added to the variance in layer normalisation. */
  readonly layerNormEps: number;
  /** Id of the padding token. */
  readonly padTokenId: number;
  /** Dropout before the classifier; `null` for that of the blocks. */
  readonly classifierDropout: number | null;
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
    options: BertConfigOptions = {},
    others: Readonly<Record<string, unknown>> = {},
  ) {
    const settings = { ...DEFAULTS, ...options };
    const { numLabels } = options;
    if (numLabels !== undefined && options.id2label === undefined) {
      settings.id2label = numberedLabels(numLabels);
    }
    this.vocabSize = settings.vocabSize;
    this.hiddenSize = settings.hiddenSize;
    this.numHiddenLayers = settings.numHiddenLayers;
    this.numAttentionHeads = settings.numAttentionHeads;
    this.intermediateSize = settings.intermediateSize;
    this.hiddenAct = settings.hiddenAct;
    this.hiddenDropoutProb = settings.hiddenDropoutProb;
    this.attentionProbsDropoutProb = settings.attentionProbsDropoutProb;
    this.maxPositionEmbeddings = settings.maxPositionEmbeddings;
    this.typeVocabSize = settings.typeVocabSize;
    this.initializerRange = settings.initializerRange;
    this.layerNormEps = settings.layerNormEps;
    this.padTokenId = settings.padTokenId;
    this.classifierDropout = settings.classifierDropout;
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
   * @returns The configuration; keys that it does not know are kept for {@linkcode BertConfig.toJson}.
   * @throws {SyntaxError} If the file is of another architecture.
   * @throws {RangeError} As the constructor.
   */
  static fromJson(
    json: Readonly<Record<string, unknown>>,
    changes: BertConfigOptions = {},
    source = "config.json",
  ): BertConfig {
    return readConfig(
      json,
      TRAITS,
      changes,
      source,
      (options, others) => new BertConfig(options, others),
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
