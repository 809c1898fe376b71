/**
 * DistilBERT.
 *
 * @module
 */
export {
  DistilBertModel,
  DistilBertTransformer,
  DistilBertTransformerBlock,
} from "./distilbert.ts";
export {
  DistilBertConfig,
  type DistilBertConfigOptions,
} from "./distilbert_config.ts";
export { DistilBertForSequenceClassification } from "./distilbert_for_sequence_classification.ts";
