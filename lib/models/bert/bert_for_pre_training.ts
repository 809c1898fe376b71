/**
 * BERT as it is pretrained: masked tokens, and whether two texts follow each other.
 *
 * @module
 */
import type {
  Batch,
  HostTensor,
  LabelledBatch,
} from "../../data/host_tensor.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { add } from "../../ops/add.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { LayerFactory } from "../layer_factory.ts";
import { predictTokens } from "../masked_lm.ts";
import { type ModelOptions, PreTrainedModel } from "../pretrained_model.ts";
import { classificationLoss } from "../sequence_classification.ts";
import { BertModel } from "./bert.ts";
import { BertConfig } from "./bert_config.ts";
import { BertLMPredictionHead } from "./bert_lm_head.ts";

/** Output of {@linkcode BertForPreTraining}. */
export interface BertForPreTrainingOutput {
  /** Sum of both losses, a scalar; absent unless the batch has the labels of both. */
  readonly loss?: Tensor;
  /** Mean loss over the labelled positions, a scalar; absent where the batch has no `labels`. */
  readonly maskedLmLoss?: Tensor;
  /** Mean loss over the pairs, a scalar; absent where the batch has no `nextSentenceLabel`. */
  readonly nextSentenceLoss?: Tensor;
  /** As the logits of `MaskedLMOutput`: `[M, V]` where the batch has `labels`, else `[B, S, V]`. */
  readonly predictionLogits: Tensor;
  /** Logits of each pair: the texts follow each other, or do not, `[B, 2]`. */
  readonly seqRelationshipLogits: Tensor;
}

/** Heads of {@linkcode BertForPreTraining}. */
export class BertPreTrainingHeads extends Module {
  /** Scores of the vocabulary. */
  readonly predictions: BertLMPredictionHead;
  /** Classifier of the pairs, `[2, H]`. */
  readonly seqRelationship: Linear;

  /** Makes them with random weights, tied to the word embeddings of an encoder. */
  constructor(layers: LayerFactory, bert: BertModel) {
    super();
    this.predictions = new BertLMPredictionHead(layers, bert);
    this.seqRelationship = this.named(
      "seq_relationship",
      layers.linear(bert.config.hiddenSize, 2),
    );
  }
}

/**
 * BERT with a head over the vocabulary and one over pairs of texts. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class BertForPreTraining extends PreTrainedModel<BertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string = "BertForPreTraining";
  /** The configuration class. */
  static override readonly configClass: typeof BertConfig = BertConfig;
  /** The encoder. */
  readonly bert: BertModel;
  /** The heads. */
  readonly cls: BertPreTrainingHeads;

  /** Makes a model with random weights. */
  constructor(config: BertConfig, options: ModelOptions) {
    super(config);
    this.bert = new BertModel(config, options);
    const layers = LayerFactory.forHead(config, options);
    this.cls = new BertPreTrainingHeads(layers, this.bert);
  }

  /**
   * Scores the vocabulary, at the labelled positions alone if there are labels,
   * and the pairs.
   *
   * @param batch Ids, token types and mask, each `[B, S]`, and optionally labels
   * `[B, S]`, -100 for positions without a loss, and `nextSentenceLabel`, `[B]`,
   * on the host.
   * @returns Scores, and the losses that the batch has labels for.
   * @throws {RangeError} If a row is too long, an id or label is out of range, or all labels are -100.
   */
  forward(
    batch: LabelledBatch & { nextSentenceLabel: HostTensor },
  ): Required<BertForPreTrainingOutput>;
  /** Scores a batch that may have no labels. */
  forward(batch: Batch): BertForPreTrainingOutput;
  forward(batch: Batch): BertForPreTrainingOutput {
    const encoded = this.bert.forward(batch);
    const { predictions, seqRelationship } = this.cls;
    const { vocabSize } = this.config;
    const tokens = predictTokens(predictions, encoded, batch, vocabSize);
    const pairs = seqRelationship.forward(encoded.poolerOutput); // [B, 2]
    const maskedLmLoss = tokens.loss;
    const nextSentenceLoss = batch.nextSentenceLabel && classificationLoss(
      pairs,
      batch.nextSentenceLabel,
      "single_label_classification",
    );
    return {
      ...maskedLmLoss && { maskedLmLoss },
      ...nextSentenceLoss && { nextSentenceLoss },
      ...maskedLmLoss && nextSentenceLoss &&
        { loss: add(maskedLmLoss, nextSentenceLoss) },
      predictionLogits: tokens.logits,
      seqRelationshipLogits: pairs,
    };
  }
}
