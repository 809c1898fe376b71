/**
 * CamemBERT: RoBERTa under another model type.
 *
 * @module
 */
import { size } from "../config_checks.ts";
import type { ConfigSpec } from "../config_spec.ts";
import { RobertaForSequenceClassification, RobertaModel } from "./roberta.ts";
import { RobertaConfig } from "./roberta_config.ts";

/** Sizes, dropout rates and labels of a CamemBERT. */
export class CamembertConfig extends RobertaConfig {
  /** RoBERTa's settings and names; by default `vocabSize` is 30522, as in transformers. */
  static override readonly spec: ConfigSpec = {
    ...RobertaConfig.spec,
    modelType: "camembert",
    className: "CamembertConfig",
    settings: { ...RobertaConfig.spec.settings, vocabSize: size(30522) },
  };
}

/** The encoder of CamemBERT, without a head: a {@linkcode RobertaModel}. */
export class CamembertModel extends RobertaModel {
  /** The class in transformers. */
  static override readonly architecture: string = "CamembertModel";
  /** The configuration class. */
  static override readonly configClass: typeof CamembertConfig =
    CamembertConfig;
}

/** CamemBERT with a classification head: a {@linkcode RobertaForSequenceClassification}. */
export class CamembertForSequenceClassification
  extends RobertaForSequenceClassification {
  /** The class in transformers. */
  static override readonly architecture: string =
    "CamembertForSequenceClassification";
  /** The configuration class. */
  static override readonly configClass: typeof CamembertConfig =
    CamembertConfig;
}
