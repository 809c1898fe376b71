/**
 * The configuration of a ModernBERT.
 *
 * @module
 */
import { dropoutRate, flag, size } from "../config_checks.ts";
import type { ConfigJson, ConfigSpec } from "../config_spec.ts";
import {
  type ConfigSettings,
  type ConfigValues,
  PretrainedConfig,
  type PretrainedConfigOptions,
} from "../pretrained_config.ts";
import {
  type LayerType,
  layerTypes,
  readLayerTypes,
  readRopeParameters,
  ropeParameters,
} from "./layer_types.ts";

/** Settings of a {@linkcode ModernBertConfig}, with transformers' defaults. */
export interface ModernBertConfigOptions extends PretrainedConfigOptions {
  /**
   * Rows of the word embeddings V.
   *
   * @default 50368
   */
  vocabSize?: number;
  /**
   * Size of a token's vector H.
   *
   * @default 768
   */
  hiddenSize?: number;
  /**
   * Inner size of the feed-forward block I.
   *
   * @default 1152
   */
  intermediateSize?: number;
  /**
   * Number of layers.
   *
   * @default 22
   */
  numHiddenLayers?: number;
  /**
   * Number of attention heads A; H is an even multiple of it.
   *
   * @default 12
   */
  numAttentionHeads?: number;
  /**
   * Activation of the feed-forward block: `gelu` (exact, with erf), `gelu_new` or
   * `gelu_pytorch_tanh` (the tanh approximation).
   *
   * @default "gelu"
   */
  hiddenActivation?: string;
  /**
   * Longest sequence.
   *
   * @default 8192
   */
  maxPositionEmbeddings?: number;
  /**
   * Standard deviation of initial weights.
   *
   * @default 0.02
   */
  initializerRange?: number;
  /**
   * Largest initial weight, in standard deviations.
   *
   * @default 2
   */
  initializerCutoffFactor?: number;
  /**
   * Added to the variance in LayerNorm.
   *
   * @default 1e-5
   */
  normEps?: number;
  /**
   * Whether LayerNorms have a shift.
   *
   * @default false
   */
  normBias?: boolean;
  /**
   * Id of the padding token, whose embedding gets no gradient; `null` for none.
   *
   * @default 50283
   */
  padTokenId?: number | null;
  /**
   * Distance from one layer of full attention to the next; the layers between have
   * local attention.
   *
   * @default 3
   */
  globalAttnEveryNLayers?: number;
  /**
   * Window of local attention in tokens: half of it on either side.
   *
   * @default 128
   */
  localAttention?: number;
  /**
   * Base of the rotary frequencies in layers of full attention.
   *
   * @default 160000
   */
  globalRopeTheta?: number;
  /**
   * Base of the rotary frequencies in layers of local attention.
   *
   * @default 10000
   */
  localRopeTheta?: number;
  /**
   * Whether the projections of attention have biases.
   *
   * @default false
   */
  attentionBias?: boolean;
  /**
   * Dropout of attention probabilities and of the attention block's output.
   *
   * @default 0
   */
  attentionDropout?: number;
  /**
   * Dropout of embeddings.
   *
   * @default 0
   */
  embeddingDropout?: number;
  /**
   * Whether the feed-forward block has biases.
   *
   * @default false
   */
  mlpBias?: boolean;
  /**
   * Dropout in the feed-forward block, after the gate.
   *
   * @default 0
   */
  mlpDropout?: number;
  /**
   * Vector of a row that a classifier reads: that of the first token, or the mean
   * of all tokens.
   *
   * @default "cls"
   */
  classifierPooling?: "cls" | "mean";
  /**
   * Dropout before the classifier.
   *
   * @default 0
   */
  classifierDropout?: number;
  /**
   * Whether the linear layer before the classifier has a bias.
   *
   * @default false
   */
  classifierBias?: boolean;
  /**
   * Activation before the classifier: `gelu`, `gelu_new`, `gelu_pytorch_tanh` or
   * `relu`.
   *
   * @default "gelu"
   */
  classifierActivation?: string;
}

const SETTINGS: ConfigSettings<ModernBertConfigOptions> = {
  vocabSize: size(50368),
  hiddenSize: size(768),
  intermediateSize: size(1152),
  numHiddenLayers: size(22),
  numAttentionHeads: size(12),
  hiddenActivation: {
    default: "gelu",
    range: ["gelu", "gelu_new", "gelu_pytorch_tanh"],
  },
  maxPositionEmbeddings: size(8192),
  initializerRange: { default: 0.02, range: "deviation" },
  initializerCutoffFactor: { default: 2, range: "epsilon" },
  normEps: { default: 1e-5, range: "epsilon" },
  normBias: flag(false),
  padTokenId: { default: 50283, range: "tokenId" },
  globalAttnEveryNLayers: size(3),
  localAttention: size(128),
  globalRopeTheta: { default: 160000, range: "epsilon" },
  localRopeTheta: { default: 10000, range: "epsilon" },
  attentionBias: flag(false),
  attentionDropout: dropoutRate(0),
  embeddingDropout: dropoutRate(0),
  mlpBias: flag(false),
  mlpDropout: dropoutRate(0),
  classifierPooling: { default: "cls", range: ["cls", "mean"] },
  classifierDropout: dropoutRate(0),
  classifierBias: flag(false),
  classifierActivation: { default: "gelu", range: "activation" },
};

/** One property for each setting of {@linkcode ModernBertConfigOptions}. */
export interface ModernBertConfig
  extends Readonly<ConfigValues<ModernBertConfigOptions>> {}

/**
 * Sizes, dropout rates and labels of a ModernBERT: one property for each setting
 * of {@linkcode ModernBertConfigOptions}; BERT's `hiddenDropoutProb` means both
 * `embeddingDropout` and `mlpDropout`. `layer_types` and `rope_parameters` of a
 * `config.json` replace the older keys of the same meaning; both are written. Those
 * of other tasks are kept but not used.
 */
export class ModernBertConfig extends PretrainedConfig {
  /** ModernBERT's settings and the names in its checkpoints. */
  static override readonly spec: ConfigSpec = {
    modelType: "modernbert",
    className: "ModernBertConfig",
    settings: SETTINGS,
    attributeMap: {
      hiddenAct: "hiddenActivation",
      hiddenDropoutProb: "mlpDropout",
      attentionProbsDropoutProb: "attentionDropout",
    },
    loraTargets: ["Wqkv"],
    baseModelPrefix: "model",
    // The output layer of the masked-LM head, whose other layers a classifier has too.
    keysToIgnoreOnLoadUnexpected: [/^decoder\./],
    upgrade: (json, source) => ({
      ...json,
      ...readLayerTypes(json, source),
      ...readRopeParameters(json, source),
    }),
  };

  /**
   * Makes a configuration.
   *
   * @param options Settings that differ from the defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} If a size is not a whole number from 1, H is not an even multiple of A, or a setting is out of range.
   */
  constructor(options: ModernBertConfigOptions = {}, others: ConfigJson = {}) {
    super(withEmbeddingDropout(options), others);
    if (this.headDim % 2 !== 0) {
      throw new RangeError(
        `Cannot make a ModernBertConfig: hiddenSize ${this.hiddenSize} gives each of ${this.numAttentionHeads} heads ${this.headDim} elements; rotary positions need an even number`,
      );
    }
  }

  /** Elements of an attention head D = H/A. */
  get headDim(): number {
    return this.hiddenSize / this.numAttentionHeads;
  }

  /** Attention of each layer. */
  get layerTypes(): readonly LayerType[] {
    return layerTypes(this.numHiddenLayers, this.globalAttnEveryNLayers);
  }

  /** Base of the rotary frequencies in layers of each type. */
  get ropeThetas(): Readonly<Record<LayerType, number>> {
    return {
      "full_attention": this.globalRopeTheta,
      "sliding_attention": this.localRopeTheta,
    };
  }

  /** The content of `config.json`, for transformers 5 and older. */
  override toJson(architecture: string): Record<string, unknown> {
    const json: Record<string, unknown> = {
      ...super.toJson(architecture),
      "layer_types": this.layerTypes,
      "rope_parameters": ropeParameters(this.ropeThetas),
    };
    // Transformers 5 takes no whole number here, and JSON would have 2 for 2.0: its default is left out.
    const cutoff = "initializer_cutoff_factor";
    if (json[cutoff] === 2) delete json[cutoff];
    else if (Number.isInteger(json[cutoff])) {
      json[cutoff] = json[cutoff] as number * (1 + Number.EPSILON);
    }
    return json;
  }
}

/** Adds the setting of embeddings to BERT's name, which stands for that of the feed-forward block. */
function withEmbeddingDropout(
  options: ModernBertConfigOptions & { readonly hiddenDropoutProb?: number },
): ModernBertConfigOptions {
  const { hiddenDropoutProb } = options;
  return hiddenDropoutProb === undefined
    ? options
    : { ...options, embeddingDropout: hiddenDropoutProb };
}
