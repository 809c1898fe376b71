/**
 * The configuration of a RoBERTa.
 *
 * @module
 */
import { BertConfig, type BertConfigOptions } from "../bert/bert_config.ts";
import { size } from "../config_checks.ts";
import type { ConfigJson, ConfigSpec } from "../config_spec.ts";

/**
 * Settings of a {@linkcode RobertaConfig}: BERT's, with two other defaults:
 * `vocabSize` is 50265 and `padTokenId` 1. `maxPositionEmbeddings` counts the
 * positions up to that of the padding token, which no other token has.
 */
export interface RobertaConfigOptions extends BertConfigOptions {}

/**
 * Sizes, dropout rates and labels of a RoBERTa: one property for each setting of
 * {@linkcode RobertaConfigOptions}.
 */
export class RobertaConfig extends BertConfig {
  /** RoBERTa's settings and the names in its checkpoints. */
  static override readonly spec: ConfigSpec = {
    ...BertConfig.spec,
    modelType: "roberta",
    className: "RobertaConfig",
    settings: {
      ...BertConfig.spec.settings,
      vocabSize: size(50265),
      padTokenId: { default: 1, range: "tokenId" },
    },
    baseModelPrefix: "roberta",
    // The masked-LM head, the pooler that no classifier has, and positions as a tensor.
    keysToIgnoreOnLoadUnexpected: [
      /^lm_head\./,
      /^(?:roberta\.)?pooler\./,
      /position_ids$/,
    ],
  };

  /**
   * Makes a configuration.
   *
   * @param options Settings that differ from the defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} As {@linkcode BertConfig}, or if there is no padding token or no position after it.
   */
  constructor(options: RobertaConfigOptions = {}, others: ConfigJson = {}) {
    super(options, others);
    const { padTokenId, maxPositionEmbeddings } = this;
    if (padTokenId === null || this.maxSeqLength < 1) {
      throw new RangeError(
        `Cannot make a RobertaConfig: maxPositionEmbeddings is ${maxPositionEmbeddings} and padTokenId ${padTokenId}, and positions begin at padTokenId + 1`,
      );
    }
  }

  /** Id of the padding token, from which positions are counted. */
  get positionPaddingIdx(): number {
    return this.padTokenId!;
  }

  /** Most tokens of a row: the positions after that of the padding token. */
  override get maxSeqLength(): number {
    return this.maxPositionEmbeddings - this.positionPaddingIdx - 1;
  }
}
