/**
 * The configuration of a DeBERTa-v2 or DeBERTa-v3.
 *
 * @module
 */
import type { BertConfigOptions } from "../bert/bert_config.ts";
import { dropoutRate, flag, size } from "../config_checks.ts";
import type { ConfigJson, ConfigSpec } from "../config_spec.ts";
import {
  type ConfigSettings,
  type ConfigValues,
  PretrainedConfig,
} from "../pretrained_config.ts";

/**
 * Settings of a {@linkcode DebertaV2Config}: BERT's, with the defaults of
 * transformers: `vocabSize` is 128100, `hiddenSize` 1536, `numHiddenLayers` and
 * `numAttentionHeads` 24, `intermediateSize` 6144, `layerNormEps` 1e-7, and
 * `typeVocabSize` 0, for no token types.
 */
export interface DebertaV2ConfigOptions
  extends Omit<BertConfigOptions, "classifierDropout"> {
  /**
   * Size of an embedding.
   *
   * @default `hiddenSize`
   */
  embeddingSize?: number | null;
  /**
   * Whether attention depends on the distance of tokens.
   *
   * @default false
   */
  relativeAttention?: boolean;
  /**
   * Terms of attention that depend on distance: `c2p` (content to position) and
   * `p2c` (position to content), joined by `|`.
   *
   * @default ""
   */
  posAttType?: string;
  /**
   * Buckets of distances on either side, those beyond half of them logarithmic;
   * `null` for one bucket for each distance.
   *
   * @default null
   */
  positionBuckets?: number | null;
  /**
   * Distance from which all tokens are as far.
   *
   * @default `maxPositionEmbeddings`
   */
  maxRelativePositions?: number | null;
  /**
   * Whether positions are projected by the layers of queries and keys, instead of
   * by their own.
   *
   * @default false
   */
  shareAttKey?: boolean;
  /**
   * Normalisation of the embeddings of distances: `none` or `layer_norm`.
   *
   * @default "none"
   */
  normRelEbd?: string;
  /**
   * Whether embeddings of absolute positions are added to those of words.
   *
   * @default true
   */
  positionBiasedInput?: boolean;
  /**
   * Dropout before the linear layer of the pooler.
   *
   * @default 0
   */
  poolerDropout?: number;
  /**
   * Activation of the pooler.
   *
   * @default "gelu"
   */
  poolerHiddenAct?: string;
  /**
   * Dropout before the classifier.
   *
   * @default `hiddenDropoutProb`
   */
  clsDropout?: number | null;
}

const SETTINGS: ConfigSettings<DebertaV2ConfigOptions> = {
  vocabSize: size(128100),
  hiddenSize: size(1536),
  numHiddenLayers: size(24),
  numAttentionHeads: size(24),
  intermediateSize: size(6144),
  hiddenAct: { default: "gelu", range: "activation" },
  hiddenDropoutProb: dropoutRate(0.1),
  attentionProbsDropoutProb: dropoutRate(0.1),
  maxPositionEmbeddings: size(512),
  typeVocabSize: { default: 0, range: "count" },
  initializerRange: { default: 0.02, range: "deviation" },
  layerNormEps: { default: 1e-7, range: "epsilon" },
  padTokenId: { default: 0, range: "tokenId" },
  embeddingSize: { default: null, range: "size" },
  relativeAttention: flag(false),
  posAttType: {
    default: "",
    range: ["", "c2p", "p2c", "c2p|p2c", "p2c|c2p"],
  },
  positionBuckets: { default: null, range: "size" },
  maxRelativePositions: { default: null, range: "size" },
  shareAttKey: flag(false),
  normRelEbd: { default: "none", range: ["none", "layer_norm"] },
  positionBiasedInput: flag(true),
  poolerDropout: dropoutRate(0),
  poolerHiddenAct: { default: "gelu", range: "activation" },
  clsDropout: dropoutRate(null),
};

/** Keys of `config.json` in which a number below 1 stands for none. */
const MAY_BE_NEGATIVE = ["position_buckets", "max_relative_positions"];

/** One property for each setting of {@linkcode DebertaV2ConfigOptions}. */
export interface DebertaV2Config
  extends Readonly<ConfigValues<DebertaV2ConfigOptions>> {}

/**
 * Sizes, dropout rates and labels of a DeBERTa-v2 or DeBERTa-v3: one property for
 * each setting of {@linkcode DebertaV2ConfigOptions}. The convolution of the
 * largest DeBERTa-v2 is not supported. Settings of other tasks are kept but not
 * used.
 */
export class DebertaV2Config extends PretrainedConfig {
  /** DeBERTa's settings and the names in its checkpoints. */
  static override readonly spec: ConfigSpec = {
    modelType: "deberta-v2",
    className: "DebertaV2Config",
    settings: SETTINGS,
    attributeMap: { classifierDropout: "clsDropout" },
    fixed: { "conv_kernel_size": 0 },
    loraTargets: ["query_proj", "value_proj"],
    baseModelPrefix: "deberta",
    // The heads of pre-training, and positions that it alone may have used.
    keysToIgnoreOnLoadUnexpected: [
      /^(?:cls|lm_predictions|mask_predictions)\./,
      /position_(?:ids$|embeddings\.)/,
    ],
    upgrade,
  };

  /**
   * Makes a configuration.
   *
   * @param options Settings that differ from the defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} If a size is not a whole number from 1, H is not a multiple of A, the buckets of distances do not fit the greatest distance, or a setting is out of range.
   */
  constructor(options: DebertaV2ConfigOptions = {}, others: ConfigJson = {}) {
    super(options, others);
    const { hiddenSize, numAttentionHeads } = this;
    for (
      const [key, expected] of [
        ["pooler_hidden_size", hiddenSize],
        ["attention_head_size", hiddenSize / numAttentionHeads],
      ] as const
    ) {
      if ((this.other(key) ?? expected) !== expected) {
        throw new RangeError(
          `Cannot make a DebertaV2Config: ${key} is ${
            this.other(key)
          }, and only ${expected} is supported where hiddenSize is ${hiddenSize} and numAttentionHeads ${numAttentionHeads}`,
        );
      }
    }
    const { positionBuckets, maxRelativePositions } = this;
    if (!this.relativeAttention || positionBuckets === null) return;
    const middle = Math.floor(positionBuckets / 2);
    const greatest = maxRelativePositions ?? this.maxPositionEmbeddings;
    if (middle < 1 || greatest < middle + 2) {
      throw new RangeError(
        `Cannot make a DebertaV2Config: positionBuckets is ${positionBuckets} and the greatest distance ${greatest}; there must be at least 2 buckets, and a greatest distance of at least 2 more than half of them`,
      );
    }
  }

  /** Terms of attention that depend on distance. */
  get attentionTypes(): readonly ("c2p" | "p2c")[] {
    if (!this.relativeAttention) return [];
    return this.#types;
  }

  /** Factor of all scores: 1 / √(D · (1 + number of terms)). */
  get attentionScale(): number {
    const { hiddenSize, numAttentionHeads } = this;
    const width = hiddenSize / numAttentionHeads;
    return 1 / Math.sqrt(width * (1 + this.#types.length));
  }

  get #types() {
    return (["c2p", "p2c"] as const)
      .filter((type) => this.posAttType.includes(type));
  }

  /** The content of `config.json`. */
  override toJson(architecture: string): Record<string, unknown> {
    const { embeddingSize, hiddenSize } = this;
    return {
      ...super.toJson(architecture),
      "pos_att_type": this.posAttType.split("|").filter((type) => type !== ""),
      "embedding_size": embeddingSize ?? hiddenSize,
      "position_buckets": this.positionBuckets ?? -1,
      "max_relative_positions": this.maxRelativePositions ?? -1,
    };
  }
}

/** Reads lists of terms, other spellings, and numbers that stand for none. */
function upgrade(json: ConfigJson): ConfigJson {
  const upgraded: Record<string, unknown> = { ...json };
  const types = json.pos_att_type;
  if (types === null) upgraded.pos_att_type = "";
  if (Array.isArray(types)) upgraded.pos_att_type = types.join("|");
  for (const key of ["pos_att_type", "norm_rel_ebd"]) {
    const value = upgraded[key];
    if (typeof value !== "string") continue;
    upgraded[key] = value.toLowerCase().replaceAll(/\s/g, "");
  }
  for (const key of MAY_BE_NEGATIVE) {
    if (Number(json[key]) < 1) upgraded[key] = null;
  }
  return upgraded;
}
