/**
 * XLM-RoBERTa: RoBERTa under another model type.
 *
 * @module
 */
import { size } from "../config_checks.ts";
import type { ConfigSpec } from "../config_spec.ts";
import { RobertaForSequenceClassification, RobertaModel } from "./roberta.ts";
import { RobertaConfig } from "./roberta_config.ts";

/** Sizes, dropout rates and labels of an XLM-RoBERTa. */
export class XLMRobertaConfig extends RobertaConfig {
  /** RoBERTa's settings and names; by default `vocabSize` is 30522, as in transformers. */
  static override readonly spec: ConfigSpec = {
    ...RobertaConfig.spec,
    modelType: "xlm-roberta",
    className: "XLMRobertaConfig",
    settings: { ...RobertaConfig.spec.settings, vocabSize: size(30522) },
  };
}

/** The encoder of XLM-RoBERTa, without a head: a {@linkcode RobertaModel}. */
export class XLMRobertaModel extends RobertaModel {
  /** The class in transformers. */
  static override readonly architecture: string = "XLMRobertaModel";
  /** The configuration class. */
  static override readonly configClass: typeof XLMRobertaConfig =
    XLMRobertaConfig;
}

/** XLM-RoBERTa with a classification head: a {@linkcode RobertaForSequenceClassification}. */
export class XLMRobertaForSequenceClassification
  extends RobertaForSequenceClassification {
  /** The class in transformers. */
  static override readonly architecture: string =
    "XLMRobertaForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof XLMRobertaConfig =
    XLMRobertaConfig;
}
