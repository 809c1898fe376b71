/**
 * MPNet.
 *
 * @module
 */
export {
  MPNetAttention,
  type MPNetContext,
  MPNetEncoder,
  MPNetLayer,
  MPNetModel,
  MPNetSelfAttention,
} from "./mpnet.ts";
export { MPNetConfig, type MPNetConfigOptions } from "./mpnet_config.ts";
export { MPNetForSequenceClassification } from "./mpnet_for_sequence_classification.ts";
