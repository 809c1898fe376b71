/**
 * The configuration of an ELECTRA.
 *
 * @module
 */
import { BertConfig, type BertConfigOptions } from "../bert/bert_config.ts";
import { size } from "../config_checks.ts";
import type { ConfigJson, ConfigSpec } from "../config_spec.ts";

/**
 * Settings of an {@linkcode ElectraConfig}: BERT's, with the defaults of
 * ELECTRA-small: `hiddenSize` is 256, `numAttentionHeads` 4 and
 * `intermediateSize` 1024.
 */
export interface ElectraConfigOptions extends BertConfigOptions {
  /**
   * Size of an embedding E.
   *
   * @default 128
   */
  embeddingSize?: number;
}

/** The settings that BERT does not have. */
export interface ElectraConfig {
  /** Size of an embedding E. */
  readonly embeddingSize: number;
}

/**
 * Sizes, dropout rates and labels of an ELECTRA: one property for each setting of
 * {@linkcode ElectraConfigOptions}. Of transformers' settings those of other tasks,
 * such as `summary_type`, are kept but not used.
 */
export class ElectraConfig extends BertConfig {
  /** ELECTRA's settings and the names in its checkpoints. */
  static override readonly spec: ConfigSpec = {
    ...BertConfig.spec,
    modelType: "electra",
    className: "ElectraConfig",
    settings: {
      ...BertConfig.spec.settings,
      embeddingSize: size(128),
      hiddenSize: size(256),
      numAttentionHeads: size(4),
      intermediateSize: size(1024),
    },
    baseModelPrefix: "electra",
    // The heads of discriminators and generators, and positions as a tensor.
    keysToIgnoreOnLoadUnexpected: [
      /^discriminator_predictions\./,
      /^generator_(?:predictions|lm_head)\./,
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
  constructor(options: ElectraConfigOptions = {}, others: ConfigJson = {}) {
    super(options, others);
  }
}
