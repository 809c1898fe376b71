/**
 * BERT as it is pretrained: it finds masked words, and tells whether two texts
 * belong together.
 *
 * @module
 */
import { openModelFolder } from "../../checkpoint/hugging_face.ts";
import type { Batch } from "../../data/host_tensor.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { flattenParameters } from "../../nn/flatten_parameters.ts";
import { add } from "../../ops/add.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BertModel } from "./bert.ts";
import { BertConfig } from "./bert_config.ts";
import { BertLMPredictionHead, predictWords } from "./bert_lm_head.ts";
import {
  type FromPretrainedOptions,
  LayerFactory,
  loadCheckpoint,
  type ModelOptions,
  saveCheckpoint,
} from "../pretrained_model.ts";
import { classificationLoss } from "../sequence_classification.ts";

/** What {@linkcode BertForPreTraining} gives. */
export interface BertForPreTrainingOutput {
  /** The sum of both losses, a scalar; absent unless the batch has the labels of both. */
  readonly loss?: Tensor;
  /** The mean loss over the labelled positions, a scalar; absent where the batch has no `labels`. */
  readonly maskedLmLoss?: Tensor;
  /** The mean loss over the pairs, a scalar; absent where the batch has no `nextSentenceLabel`. */
  readonly nextSentenceLoss?: Tensor;
  /** As the logits of {@linkcode MaskedLMOutput}: `[M, V]` where the batch has `labels`, else `[B, S, V]`. */
  readonly predictionLogits: Tensor;
  /** Two numbers for every row: for texts that belong together, and for others, `[B, 2]`. */
  readonly seqRelationshipLogits: Tensor;
}

/** The heads of {@linkcode BertForPreTraining}. */
export class BertPreTrainingHeads extends Module {
  /** What scores the words. */
  readonly predictions: BertLMPredictionHead;
  /** From the pooled vector to the two kinds of pairs. */
  readonly seqRelationship: Linear;

  /** Makes them from random weights, over the table of words of an encoder. */
  constructor(layers: LayerFactory, bert: BertModel) {
    super();
    this.predictions = new BertLMPredictionHead(layers, bert);
    this.seqRelationship = this.named(
      "seq_relationship",
      layers.linear(bert.config.hiddenSize, 2),
    );
  }
}

/** BERT with a head over the vocabulary, tied to its table of words, and one over pairs of texts. */
export class BertForPreTraining extends Module {
  /** Sizes and rates. */
  readonly config: BertConfig;
  /** The encoder. */
  readonly bert: BertModel;
  /** The heads. */
  readonly cls: BertPreTrainingHeads;
  #loadReport: string | undefined;

  /** Makes a model from random weights. */
  constructor(config: BertConfig, options: ModelOptions) {
    super();
    this.config = config;
    this.bert = new BertModel(config, options);
    // The heads' values do not depend on how many the encoder draws.
    const { device, seed = 0 } = options;
    const layers = new LayerFactory(device, config, seed + 1);
    this.cls = new BertPreTrainingHeads(layers, this.bert);
    flattenParameters(this.namedParameters());
  }

  /**
   * Makes a model from random weights, in training mode.
   *
   * @param config Sizes and rates.
   * @param options Device and seed.
   * @returns The model.
   */
  static fromConfig(
    config: BertConfig,
    options: ModelOptions,
  ): BertForPreTraining {
    return new BertForPreTraining(config, options);
  }

  /**
   * Loads a Hugging Face model folder, in evaluation mode; see
   * {@linkcode BertForSequenceClassification.fromPretrained}.
   *
   * @param path The folder: `config.json` and `model.safetensors`.
   * @param options Device and seed.
   * @returns The model.
   * @throws {SyntaxError} If a file is torn or not what it should be.
   * @throws {RangeError} If a tensor has another shape than the model's.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained(
    path: string,
    options: FromPretrainedOptions,
  ): Promise<BertForPreTraining> {
    using folder = await openModelFolder(path);
    const config = BertConfig.fromJson(
      folder.config,
      options.config,
      `${path}/config.json`,
    );
    const model = new BertForPreTraining(config, options);
    model.#loadReport = loadCheckpoint(model, folder);
    return model.eval();
  }

  /** What the checkpoint lacked or had besides, in a few lines; `undefined` if all matched. */
  get loadReport(): string | undefined {
    return this.#loadReport;
  }

  /**
   * Scores the words of a batch, at its labelled positions alone if it has
   * labels, and its pairs.
   *
   * @param batch Ids, kinds and mask, each `[B, S]`, and perhaps labels `[B, S]`
   * with -100 where no word is to be found, and `nextSentenceLabel`, `[B]`, on the host.
   * @returns The scores, and the losses that the batch has labels for.
   * @throws {RangeError} If a row is too long, an id or label out of range, or all labels are -100.
   */
  forward(batch: Batch): BertForPreTrainingOutput {
    const encoded = this.bert.forward(batch);
    const { predictions, seqRelationship } = this.cls;
    const words = predictWords(predictions, encoded, batch);
    const pairs = seqRelationship.forward(encoded.poolerOutput); // [B, 2]
    const maskedLmLoss = words.loss;
    const nextSentenceLoss = batch.nextSentenceLabel &&
      classificationLoss(pairs, batch.nextSentenceLabel);
    return {
      ...maskedLmLoss && { maskedLmLoss },
      ...nextSentenceLoss && { nextSentenceLoss },
      ...maskedLmLoss && nextSentenceLoss &&
        { loss: add(maskedLmLoss, nextSentenceLoss) },
      predictionLogits: words.logits,
      seqRelationshipLogits: pairs,
    };
  }

  /**
   * Writes a folder that transformers loads as it is: `config.json` and
   * `model.safetensors`.
   *
   * @param path The folder; made where there is none.
   * @throws {Error} If a file cannot be written.
   */
  async savePretrained(path: string): Promise<void> {
    await saveCheckpoint(this, path, "BertForPreTraining");
  }
}
