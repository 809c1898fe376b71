/**
 * RoBERTa, XLM-RoBERTa and CamemBERT.
 *
 * @module
 */
export {
  CamembertConfig,
  CamembertForSequenceClassification,
  CamembertModel,
} from "./camembert.ts";
export { RobertaForSequenceClassification, RobertaModel } from "./roberta.ts";
export { RobertaConfig, type RobertaConfigOptions } from "./roberta_config.ts";
export {
  XLMRobertaConfig,
  XLMRobertaForSequenceClassification,
  XLMRobertaModel,
} from "./xlm_roberta.ts";
