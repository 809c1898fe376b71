/**
 * DeBERTa-v2 and DeBERTa-v3.
 *
 * @module
 */
export { DebertaV2Model } from "./deberta_v2.ts";
export {
  DebertaV2Config,
  type DebertaV2ConfigOptions,
} from "./deberta_v2_config.ts";
export {
  ContextPooler,
  DebertaV2ForSequenceClassification,
} from "./deberta_v2_for_sequence_classification.ts";
export {
  DebertaV2Attention,
  type DebertaV2Context,
  DebertaV2Embeddings,
  DebertaV2Encoder,
  DebertaV2Layer,
  DisentangledSelfAttention,
} from "./deberta_v2.ts";
