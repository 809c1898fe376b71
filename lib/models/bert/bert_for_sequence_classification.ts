/**
 * BERT with a classifier over whole rows.
 *
 * @module
 */
import { openModelFolder } from "../../checkpoint/hugging_face.ts";
import type { Batch } from "../../data/host_tensor.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { flattenParameters } from "../../nn/flatten_parameters.ts";
import { dropout } from "../../ops/dropout.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BertModel } from "./bert.ts";
import { BertConfig } from "./bert_config.ts";
import {
  type FromPretrainedOptions,
  LayerFactory,
  loadCheckpoint,
  type ModelOptions,
  saveCheckpoint,
} from "../pretrained_model.ts";
import { classificationLoss } from "../sequence_classification.ts";

/** What {@linkcode BertForSequenceClassification} gives. */
export interface SequenceClassifierOutput {
  /** The mean loss over the batch, a scalar; absent where the batch has no labels. */
  readonly loss?: Tensor;
  /** One number a label for every row, `[B, numLabels]`. */
  readonly logits: Tensor;
}

/** BERT with a classifier over the first token: N labels, or regression with one. */
export class BertForSequenceClassification extends Module {
  /** Sizes, rates and labels. */
  readonly config: BertConfig;
  /** The encoder. */
  readonly bert: BertModel;
  /** From the pooled vector to the labels. */
  readonly classifier: Linear;
  #loadReport: string | undefined;

  /** Makes a model from random weights. */
  constructor(config: BertConfig, options: ModelOptions) {
    super();
    this.config = config;
    this.bert = new BertModel(config, options);
    // The head's values do not depend on how many the encoder draws.
    const { device, seed = 0 } = options;
    this.classifier = new LayerFactory(device, config, seed + 1)
      .linear(config.hiddenSize, config.numLabels);
    flattenParameters(this.namedParameters());
  }

  /**
   * Makes a model from random weights, in training mode.
   *
   * @param config Sizes, rates and labels.
   * @param options Device and seed.
   * @returns The model.
   */
  static fromConfig(
    config: BertConfig,
    options: ModelOptions,
  ): BertForSequenceClassification {
    return new BertForSequenceClassification(config, options);
  }

  /**
   * Loads a Hugging Face model folder, in evaluation mode. What the checkpoint
   * lacks, such as the classifier of a pretrained BERT, is newly initialised:
   * see {@linkcode BertForSequenceClassification.loadReport}.
   *
   * @param path The folder: `config.json` and `model.safetensors`.
   * @param options Device, labels, seed.
   * @returns The model.
   * @throws {SyntaxError} If a file is torn or not what it should be.
   * @throws {RangeError} If a tensor has another shape than the model's.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained(
    path: string,
    options: FromPretrainedOptions,
  ): Promise<BertForSequenceClassification> {
    const { numLabels, id2label } = options;
    using folder = await openModelFolder(path);
    const config = BertConfig.fromJson(folder.config, {
      ...options.config,
      ...numLabels === undefined ? {} : { numLabels },
      ...id2label === undefined ? {} : { id2label },
    }, `${path}/config.json`);
    const model = new BertForSequenceClassification(config, options);
    model.#loadReport = loadCheckpoint(model, folder);
    return model.eval();
  }

  /** What the checkpoint lacked or had besides, in a few lines; `undefined` if all matched. */
  get loadReport(): string | undefined {
    return this.#loadReport;
  }

  /**
   * Classifies a batch.
   *
   * @param batch Ids, kinds and mask, each `[B, S]`, and perhaps labels `[B]`, on the host.
   * @returns The logits, and the loss if there are labels: cross-entropy, or the
   * mean squared error with one label.
   * @throws {RangeError} If a row is too long, an id out of range, or a label is none of the model's.
   */
  forward(batch: Batch): SequenceClassifierOutput {
    const { poolerOutput } = this.bert.forward(batch);
    const { classifierDropout, hiddenDropoutProb } = this.config;
    const dropped = dropout(
      poolerOutput,
      this.bert.dropoutKey(classifierDropout ?? hiddenDropoutProb),
    );
    const logits = this.classifier.forward(dropped);
    return batch.labels
      ? { loss: classificationLoss(logits, batch.labels), logits }
      : { logits };
  }

  /**
   * Writes a folder that transformers loads as it is: `config.json` and
   * `model.safetensors`.
   *
   * @param path The folder; made where there is none.
   * @throws {Error} If a file cannot be written.
   */
  async savePretrained(path: string): Promise<void> {
    await saveCheckpoint(this, path, "BertForSequenceClassification");
  }
}
