/**
 * ModernBERT.
 *
 * @module
 */
export {
  ModernBertAttention,
  type ModernBertContext,
  ModernBertEmbeddings,
  ModernBertEncoderLayer,
  ModernBertMLP,
  ModernBertModel,
} from "./modernbert.ts";
export {
  ModernBertConfig,
  type ModernBertConfigOptions,
} from "./modernbert_config.ts";
export {
  ModernBertForSequenceClassification,
  ModernBertPredictionHead,
} from "./modernbert_for_sequence_classification.ts";
export { type LayerType } from "./layer_types.ts";
export { ModernBertLayerFactory } from "./layers.ts";
