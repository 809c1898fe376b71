/**
 * The configuration of an ALBERT.
 *
 * @module
 */
import { BertConfig, type BertConfigOptions } from "../bert/bert_config.ts";
import { dropoutRate, size } from "../config_checks.ts";
import type { ConfigJson, ConfigSpec } from "../config_spec.ts";

/**
 * Settings of an {@linkcode AlbertConfig}: BERT's, with the defaults of
 * ALBERT-xxlarge: `vocabSize` is 30000, `hiddenSize` 4096, `numAttentionHeads` 64,
 * `intermediateSize` 16384, `hiddenAct` `gelu_new`, and `hiddenDropoutProb` and
 * `attentionProbsDropoutProb` are 0.
 */
export interface AlbertConfigOptions
  extends Omit<BertConfigOptions, "classifierDropout"> {
  /**
   * Size of an embedding E.
   *
   * @default 128
   */
  embeddingSize?: number;
  /**
   * Number of groups; the layers of a group share their weights.
   *
   * @default 1
   */
  numHiddenGroups?: number;
  /**
   * Number of blocks in a layer.
   *
   * @default 1
   */
  innerGroupNum?: number;
  /**
   * Dropout before the classifier.
   *
   * @default 0.1
   */
  classifierDropoutProb?: number;
}

/** The settings that BERT does not have. */
export interface AlbertConfig extends
  Readonly<
    Required<Omit<AlbertConfigOptions, keyof BertConfigOptions>>
  > {}

const { classifierDropout: _, ...SHARED } = BertConfig.spec.settings;

/**
 * Sizes, dropout rates and labels of an ALBERT: one property for each setting of
 * {@linkcode AlbertConfigOptions}.
 */
export class AlbertConfig extends BertConfig {
  /** ALBERT's settings and the names in its checkpoints. */
  static override readonly spec: ConfigSpec = {
    ...BertConfig.spec,
    modelType: "albert",
    className: "AlbertConfig",
    settings: {
      ...SHARED,
      vocabSize: size(30000),
      embeddingSize: size(128),
      hiddenSize: size(4096),
      numHiddenGroups: size(1),
      numAttentionHeads: size(64),
      intermediateSize: size(16384),
      innerGroupNum: size(1),
      hiddenAct: { default: "gelu_new", range: "activation" },
      hiddenDropoutProb: dropoutRate(0),
      attentionProbsDropoutProb: dropoutRate(0),
      classifierDropoutProb: dropoutRate(0.1),
    },
    attributeMap: { classifierDropout: "classifierDropoutProb" },
    baseModelPrefix: "albert",
    // The masked-LM and sentence-order heads, and positions as a tensor.
    keysToIgnoreOnLoadUnexpected: [
      /^predictions\./,
      /^sop_classifier\./,
      /position_ids$/,
    ],
  };

  /**
   * Makes a configuration.
   *
   * @param options Settings that differ from the defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} As {@linkcode BertConfig}.
   */
  constructor(options: AlbertConfigOptions = {}, others: ConfigJson = {}) {
    super(options, others);
  }

  /** Group of a layer, from 0: the layers are divided evenly. */
  groupOf(layer: number): number {
    return Math.floor(layer / (this.numHiddenLayers / this.numHiddenGroups));
  }
}
