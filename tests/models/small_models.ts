import {
  AlbertConfig,
  AlbertForSequenceClassification,
  type Batch,
  BertConfig,
  BertForMaskedLM,
  BertForSequenceClassification,
  DebertaV2Config,
  DebertaV2ForSequenceClassification,
  DistilBertConfig,
  DistilBertForSequenceClassification,
  ElectraConfig,
  ElectraForSequenceClassification,
  HostTensor,
  type LabelledBatch,
  type ModelOptions,
  ModernBertConfig,
  ModernBertForSequenceClassification,
  MPNetConfig,
  MPNetForSequenceClassification,
  type PreTrainedModel,
  RobertaConfig,
  RobertaForSequenceClassification,
  type Tensor,
} from "../../mod.ts";

/** Sizes of the models. */
export const SIZES = {
  vocabSize: 51,
  hiddenSize: 24,
  numHiddenLayers: 3,
  numAttentionHeads: 2,
  intermediateSize: 40,
  maxPositionEmbeddings: 16,
  numLabels: 3,
};
const NONE = -100;
const WORDS = HostTensor.from([
  [NONE, 6, NONE, 8, 9, NONE, 3],
  [3, NONE, 5, NONE, NONE, NONE, NONE],
]);

/** A model whose loss is differentiated. */
export type Trained = PreTrainedModel & {
  forward(batch: LabelledBatch): { readonly loss: Tensor };
};

/** Each architecture, with dropout and with tensors that layers share, if it has any. */
export const MODELS: Readonly<
  Record<string, (options: ModelOptions) => Trained>
> = {
  bert: (options) =>
    BertForSequenceClassification.fromConfig(new BertConfig(SIZES), options),
  "bert for masked words": (options) =>
    BertForMaskedLM.fromConfig(new BertConfig(SIZES), options),
  distilbert: (options) =>
    DistilBertForSequenceClassification.fromConfig(
      new DistilBertConfig(SIZES),
      options,
    ),
  roberta: (options) =>
    RobertaForSequenceClassification.fromConfig(
      new RobertaConfig(SIZES),
      options,
    ),
  electra: (options) =>
    ElectraForSequenceClassification.fromConfig(
      new ElectraConfig({ ...SIZES, embeddingSize: 16 }),
      options,
    ),
  // Group 0, 0, 0, 1, 1, 1 of two blocks each: weights are shared within and between layers.
  albert: (options) =>
    AlbertForSequenceClassification.fromConfig(
      new AlbertConfig({
        ...SIZES,
        embeddingSize: 16,
        numHiddenLayers: 6,
        numHiddenGroups: 2,
        innerGroupNum: 2,
        hiddenDropoutProb: 0.1,
        attentionProbsDropoutProb: 0.1,
      }),
      options,
    ),
  mpnet: (options) =>
    MPNetForSequenceClassification.fromConfig(new MPNetConfig(SIZES), options),
  "deberta-v2": (options) =>
    DebertaV2ForSequenceClassification.fromConfig(
      new DebertaV2Config({
        ...SIZES,
        relativeAttention: true,
        posAttType: "c2p|p2c",
        positionBuckets: 4,
        normRelEbd: "layer_norm",
        shareAttKey: true,
      }),
      options,
    ),
  modernbert: (options) =>
    ModernBertForSequenceClassification.fromConfig(
      new ModernBertConfig({
        ...SIZES,
        globalAttnEveryNLayers: 2, // full, local, full
        localAttention: 4,
        padTokenId: 0,
        embeddingDropout: 0.1,
        attentionDropout: 0.1,
        mlpDropout: 0.1,
      }),
      options,
    ),
};

/** Rows of seven and three tokens, with the labels that a model takes. */
export function batchOf(model: Trained, salt: number): Batch & LabelledBatch {
  const inputIds = [[5, 6, 7, 8, 9, 3, 4], [3, 4, 5, 0, 0, 0, 0]];
  return {
    inputIds: HostTensor.from(
      inputIds.map((row) => row.map((id) => id && 1 + (id + salt) % 50)),
    ),
    tokenTypeIds: HostTensor.from(inputIds.map((row) => row.map(() => 0))),
    attentionMask: HostTensor.from(
      inputIds.map((row) => row.map((id) => Math.sign(id))),
    ),
    labels: model instanceof BertForMaskedLM ? WORDS : HostTensor.from([0, 2]),
  };
}
