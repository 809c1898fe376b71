/**
 * The configuration of an MPNet.
 *
 * @module
 */
import { BertConfig, type BertConfigOptions } from "../bert/bert_config.ts";
import { size } from "../config_checks.ts";
import type { ConfigJson, ConfigSpec } from "../config_spec.ts";
import { type ConfigValues, PretrainedConfig } from "../pretrained_config.ts";

/** Rows of the table of distances that the model uses, whatever its size. */
const BUCKETS = 32;
/** Id of the padding token, from which positions are counted. */
const PADDING = 1;

/**
 * Settings of an {@linkcode MPNetConfig}: BERT's without token types, with two other
 * defaults: `vocabSize` is 30527 and `padTokenId` 1. `maxPositionEmbeddings` counts
 * the positions up to that of the padding token, which no other token has.
 */
export interface MPNetConfigOptions
  extends Omit<BertConfigOptions, "typeVocabSize"> {
  /**
   * Rows of the table of distances; the first 32 are used.
   *
   * @default 32
   */
  relativeAttentionNumBuckets?: number;
}

const { typeVocabSize: _none, ...BERT_SETTINGS } = BertConfig.spec.settings;

/** One property for each setting of {@linkcode MPNetConfigOptions}. */
export interface MPNetConfig
  extends Readonly<ConfigValues<MPNetConfigOptions>> {}

/**
 * Sizes, dropout rates and labels of an MPNet: one property for each setting of
 * {@linkcode MPNetConfigOptions}.
 */
export class MPNetConfig extends PretrainedConfig {
  /** MPNet's settings and the names in its checkpoints. */
  static override readonly spec: ConfigSpec = {
    modelType: "mpnet",
    className: "MPNetConfig",
    settings: {
      ...BERT_SETTINGS,
      vocabSize: size(30527),
      padTokenId: { default: PADDING, range: "tokenId" },
      relativeAttentionNumBuckets: size(BUCKETS),
    },
    loraTargets: ["q", "v"],
    baseModelPrefix: "mpnet",
    // The masked-LM head, the pooler that no classifier has, and positions as a tensor.
    keysToIgnoreOnLoadUnexpected: [
      /^lm_head\./,
      /^(?:mpnet\.)?pooler\./,
      /position_ids$/,
    ],
  };

  /**
   * Makes a configuration.
   *
   * @param options Settings that differ from the defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} As {@linkcode BertConfig}; or if `padTokenId` is not 1, there are fewer than 32 buckets, or no position after that of padding.
   */
  constructor(options: MPNetConfigOptions = {}, others: ConfigJson = {}) {
    super(options, others);
    const { padTokenId, relativeAttentionNumBuckets: buckets } = this;
    const refuse = (reason: string): never => {
      throw new RangeError(`Cannot make an MPNetConfig: ${reason}`);
    };
    if (padTokenId !== PADDING) {
      refuse(`padTokenId is ${padTokenId}, and MPNet pads with ${PADDING}`);
    }
    if (buckets < BUCKETS) {
      refuse(
        `relativeAttentionNumBuckets is ${buckets}, and distances have ${BUCKETS} buckets`,
      );
    }
    if (this.maxSeqLength < 1) {
      refuse(
        `maxPositionEmbeddings is ${this.maxPositionEmbeddings}, and positions begin at ${
          PADDING + 1
        }`,
      );
    }
  }

  /** Id of the padding token, from which positions are counted. */
  get positionPaddingIdx(): number {
    return PADDING;
  }

  /** Most tokens of a row: the positions after that of the padding token. */
  override get maxSeqLength(): number {
    return this.maxPositionEmbeddings - PADDING - 1;
  }
}

const log = (x: number) => Math.fround(Math.log(x));

/**
 * Returns the bucket of a distance, as in T5: 8 for the smallest distances on either
 * side, 8 by the logarithms of those up to 128. Computed in f32, as in transformers.
 *
 * @param distance Query minus key.
 * @returns The row of the table, below 32.
 */
export function relativePositionBucket(distance: number): number {
  const [side, exact, greatest] = [BUCKETS / 2, BUCKETS / 4, 128];
  const far = Math.abs(distance);
  const first = distance < 0 ? side : 0;
  if (far < exact) return first + far;
  const share = Math.fround(log(far / exact) / log(greatest / exact));
  const bucket = exact + Math.floor(Math.fround(share * (side - exact)));
  return first + Math.min(bucket, side - 1);
}
