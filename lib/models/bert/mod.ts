/**
 * BERT.
 *
 * @module
 */
export {
  BertAttention,
  BertEncoder,
  BertIntermediate,
  BertLayer,
  type BertLayerConfig,
  BertModel,
  type BertModelOptions,
  type BertModelOutput,
  BertPooler,
  BertResidualOutput,
  BertSelfAttention,
} from "./bert.ts";
export { BertConfig, type BertConfigOptions } from "./bert_config.ts";
export { BertEmbeddings, type BertEmbeddingsConfig } from "./embeddings.ts";
export { BertForMaskedLM, BertOnlyMLMHead } from "./bert_for_masked_lm.ts";
export {
  BertForPreTraining,
  type BertForPreTrainingOutput,
  BertPreTrainingHeads,
} from "./bert_for_pre_training.ts";
export { BertForSequenceClassification } from "./bert_for_sequence_classification.ts";
export {
  BertLMPredictionHead,
  BertPredictionHeadTransform,
} from "./bert_lm_head.ts";
