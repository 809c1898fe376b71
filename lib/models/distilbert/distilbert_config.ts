/**
 * The configuration of a DistilBERT.
 *
 * @module
 */
import type { BertLayerConfig } from "../bert/bert.ts";
import { dropoutRate, size } from "../config_checks.ts";
import type { ConfigJson, ConfigSpec } from "../config_spec.ts";
import {
  type ConfigSettings,
  type ConfigValues,
  PretrainedConfig,
  type PretrainedConfigOptions,
} from "../pretrained_config.ts";

/** Settings of a {@linkcode DistilBertConfig}, with transformers' defaults. */
export interface DistilBertConfigOptions extends PretrainedConfigOptions {
  /**
   * Rows of the word embeddings V.
   *
   * @default 30522
   */
  vocabSize?: number;
  /**
   * Rows of the position embeddings: the longest sequence.
   *
   * @default 512
   */
  maxPositionEmbeddings?: number;
  /**
   * Number of layers.
   *
   * @default 6
   */
  nLayers?: number;
  /**
   * Number of attention heads A; H is a multiple of it.
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
   * Inner size of the feed-forward block I.
   *
   * @default 3072
   */
  hiddenDim?: number;
  /**
   * Dropout of embeddings and feed-forward blocks.
   *
   * @default 0.1
   */
  dropout?: number;
  /**
   * Dropout of attention probabilities.
   *
   * @default 0.1
   */
  attentionDropout?: number;
  /**
   * Activation: `gelu` (exact, with erf), `gelu_new` or `gelu_pytorch_tanh` (the
   * tanh approximation), or `relu`.
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
   * Id of the padding token, whose embedding gets no gradient; `null` for none.
   *
   * @default 0
   */
  padTokenId?: number | null;
}

const SETTINGS: ConfigSettings<DistilBertConfigOptions> = {
  vocabSize: size(30522),
  maxPositionEmbeddings: size(512),
  nLayers: size(6),
  nHeads: size(12),
  dim: size(768),
  hiddenDim: size(3072),
  dropout: dropoutRate(0.1),
  attentionDropout: dropoutRate(0.1),
  activation: { default: "gelu", range: "activation" },
  initializerRange: { default: 0.02, range: "deviation" },
  seqClassifDropout: dropoutRate(0.2),
  padTokenId: { default: 0, range: "tokenId" },
};

/** One property for each setting of {@linkcode DistilBertConfigOptions}, and BERT's names of them. */
export interface DistilBertConfig
  extends Readonly<ConfigValues<DistilBertConfigOptions>>, BertLayerConfig {
  /** Number of layers: `nLayers`. */
  readonly numHiddenLayers: number;
  /** Dropout before the classifier: `seqClassifDropout`. */
  readonly classifierDropout: number;
}

/**
 * Sizes, dropout rates and labels of a DistilBERT: one property for each setting
 * of {@linkcode DistilBertConfigOptions}. Of transformers' settings
 * `sinusoidal_pos_embds`, which only initialises positions, and those of other
 * tasks are kept but not used.
 */
export class DistilBertConfig extends PretrainedConfig {
  /** DistilBERT's settings and the names in its checkpoints. */
  static override readonly spec: ConfigSpec = {
    modelType: "distilbert",
    className: "DistilBertConfig",
    settings: SETTINGS,
    attributeMap: {
      hiddenSize: "dim",
      numHiddenLayers: "nLayers",
      numAttentionHeads: "nHeads",
      intermediateSize: "hiddenDim",
      hiddenAct: "activation",
      hiddenDropoutProb: "dropout",
      attentionProbsDropoutProb: "attentionDropout",
      classifierDropout: "seqClassifDropout",
    },
    loraTargets: ["q_lin", "v_lin"],
    baseModelPrefix: "distilbert",
    // The masked-LM head, and positions as a tensor.
    keysToIgnoreOnLoadUnexpected: [
      /^vocab_(transform|layer_norm|projector)\./,
      /position_ids$/,
    ],
  };

  /**
   * Makes a configuration.
   *
   * @param options Settings that differ from the defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} If a size is not a whole number from 1, H is not a multiple of A, or the activation is unknown.
   */
  constructor(options: DistilBertConfigOptions = {}, others: ConfigJson = {}) {
    super(options, others);
  }

  /** Added to the variance in LayerNorm: the same in every DistilBERT. */
  get layerNormEps(): number {
    return 1e-12;
  }
}
