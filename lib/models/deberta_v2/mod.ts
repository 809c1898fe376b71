/**
 * DeBERTa-v2 and DeBERTa-v3.
 *
 * @module
 */
export {
  type DebertaV2Context,
  DisentangledSelfAttention,
} from "./attention.ts";
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
  DebertaV2Embeddings,
  DebertaV2Encoder,
  DebertaV2Layer,
  DebertaV2Model,
} from "./deberta_v2.ts";
