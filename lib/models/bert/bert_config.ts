/**
 * The configuration of a BERT.
 *
 * @module
 */
import { dropoutRate, size } from "../config_checks.ts";
import type { ConfigJson, ConfigSpec } from "../config_spec.ts";
import {
  type ConfigSettings,
  type ConfigValues,
  PretrainedConfig,
  type PretrainedConfigOptions,
} from "../pretrained_config.ts";

/** Settings of a {@linkcode BertConfig}, with transformers' defaults. */
export interface BertConfigOptions extends PretrainedConfigOptions {
  /**
   * Rows of the word embeddings V.
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
   * Number of layers.
   *
   * @default 12
   */
  numHiddenLayers?: number;
  /**
   * Number of attention heads A; H is a multiple of it.
   *
   * @default 12
   */
  numAttentionHeads?: number;
  /**
   * Inner size of the feed-forward block I.
   *
   * @default 3072
   */
  intermediateSize?: number;
  /**
   * Activation: `gelu` (exact, with erf), `gelu_new` or `gelu_pytorch_tanh` (the
   * tanh approximation), or `relu`.
   *
   * @default "gelu"
   */
  hiddenAct?: string;
  /**
   * Dropout of embeddings and blocks, and of the pooled output unless `classifierDropout` is given.
   *
   * @default 0.1
   */
  hiddenDropoutProb?: number;
  /**
   * Dropout of attention probabilities.
   *
   * @default 0.1
   */
  attentionProbsDropoutProb?: number;
  /**
   * Rows of the position embeddings: the longest sequence.
   *
   * @default 512
   */
  maxPositionEmbeddings?: number;
  /**
   * Rows of the token-type embeddings: 2 for pairs of texts.
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
   * Added to the variance in LayerNorm.
   *
   * @default 1e-12
   */
  layerNormEps?: number;
  /**
   * Id of the padding token, whose embedding gets no gradient; `null` for none.
   *
   * @default 0
   */
  padTokenId?: number | null;
  /**
   * Dropout before the classifier.
   *
   * @default `hiddenDropoutProb`
   */
  classifierDropout?: number | null;
}

const SETTINGS: ConfigSettings<BertConfigOptions> = {
  vocabSize: size(30522),
  hiddenSize: size(768),
  numHiddenLayers: size(12),
  numAttentionHeads: size(12),
  intermediateSize: size(3072),
  hiddenAct: { default: "gelu", range: "activation" },
  hiddenDropoutProb: dropoutRate(0.1),
  attentionProbsDropoutProb: dropoutRate(0.1),
  maxPositionEmbeddings: size(512),
  typeVocabSize: size(2),
  initializerRange: { default: 0.02, range: "deviation" },
  layerNormEps: { default: 1e-12, range: "epsilon" },
  padTokenId: { default: 0, range: "tokenId" },
  classifierDropout: dropoutRate(null),
};

/** One property for each setting of {@linkcode BertConfigOptions}. */
export interface BertConfig extends Readonly<ConfigValues<BertConfigOptions>> {}

/**
 * Sizes, dropout rates and labels of a BERT: one property for each setting of
 * {@linkcode BertConfigOptions}. {@linkcode PretrainedConfig.fromJson} reads a
 * `config.json`, {@linkcode PretrainedConfig.toJson} writes one.
 */
export class BertConfig extends PretrainedConfig {
  /** BERT's settings and the names in its checkpoints. */
  static override readonly spec: ConfigSpec = {
    modelType: "bert",
    className: "BertConfig",
    settings: SETTINGS,
    fixed: {
      "position_embedding_type": "absolute",
      "is_decoder": false,
      "add_cross_attention": false,
    },
    loraTargets: ["query", "value"],
    baseModelPrefix: "bert",
    // Heads of other tasks, and positions as a tensor.
    keysToIgnoreOnLoadUnexpected: [/^cls\./, /position_ids$/],
  };

  /**
   * Makes a configuration.
   *
   * @param options Settings that differ from the defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} If a size is not a whole number from 1, H is not a multiple of A, or the activation is unknown.
   */
  constructor(options: BertConfigOptions = {}, others: ConfigJson = {}) {
    super(options, others);
  }
}
