/**
 * DistilBERT with a classifier over whole rows.
 *
 * @module
 */
import { openModelFolder } from "../../checkpoint/hugging_face.ts";
import type { Batch } from "../../data/host_tensor.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { flattenParameters } from "../../nn/flatten_parameters.ts";
import { dropout } from "../../ops/dropout.ts";
import { indexSelect } from "../../ops/index_select.ts";
import { relu } from "../../ops/relu.ts";
import type { SequenceClassifierOutput } from "../bert/bert_for_sequence_classification.ts";
import {
  type FromPretrainedOptions,
  LayerFactory,
  loadCheckpoint,
  type ModelOptions,
  saveCheckpoint,
} from "../pretrained_model.ts";
import { classificationLoss } from "../sequence_classification.ts";
import { bertConfigOf, DISTILBERT, DistilBertModel } from "./distilbert.ts";
import {
  DistilBertConfig,
  type DistilBertConfigOptions,
} from "./distilbert_config.ts";

/** DistilBERT with a classifier over the first token: N labels, or regression with one. */
export class DistilBertForSequenceClassification extends Module {
  /** Sizes, rates and labels. */
  readonly config: DistilBertConfig;
  /** The encoder. */
  readonly distilbert: DistilBertModel;
  /** From the first token's vector to the classifier's input. */
  readonly preClassifier: Linear;
  /** From there to the labels. */
  readonly classifier: Linear;
  #loadReport: string | undefined;

  /** Makes a model from random weights. */
  constructor(config: DistilBertConfig, options: ModelOptions) {
    super();
    this.config = config;
    this.distilbert = new DistilBertModel(config, options);
    // The head's values do not depend on how many the encoder draws.
    const { device, seed = 0 } = options;
    const layers = new LayerFactory(device, bertConfigOf(config), seed + 1);
    this.preClassifier = this.named(
      "pre_classifier",
      layers.linear(config.dim, config.dim),
    );
    this.classifier = layers.linear(config.dim, config.numLabels);
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
    config: DistilBertConfig,
    options: ModelOptions,
  ): DistilBertForSequenceClassification {
    return new DistilBertForSequenceClassification(config, options);
  }

  /**
   * Loads a Hugging Face model folder, in evaluation mode. What the checkpoint
   * lacks, such as the head of a pretrained DistilBERT, is newly initialised:
   * see {@linkcode DistilBertForSequenceClassification.loadReport}.
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
    options: FromPretrainedOptions<DistilBertConfigOptions>,
  ): Promise<DistilBertForSequenceClassification> {
    const { numLabels, id2label } = options;
    using folder = await openModelFolder(path);
    const config = DistilBertConfig.fromJson(folder.config, {
      ...options.config,
      ...numLabels === undefined ? {} : { numLabels },
      ...id2label === undefined ? {} : { id2label },
    }, `${path}/config.json`);
    const model = new DistilBertForSequenceClassification(config, options);
    model.#loadReport = loadCheckpoint(model, folder, DISTILBERT);
    return model.eval();
  }

  /** What the checkpoint lacked or had besides, in a few lines; `undefined` if all matched. */
  get loadReport(): string | undefined {
    return this.#loadReport;
  }

  /**
   * Classifies a batch.
   *
   * @param batch Ids and mask, each `[B, S]`, and perhaps labels `[B]`, on the
   * host; its kinds are not looked at.
   * @returns The logits, and the loss if there are labels: cross-entropy, or the
   * mean squared error with one label.
   * @throws {RangeError} If a row is too long, an id out of range, or a label is none of the model's.
   */
  forward(batch: Batch): SequenceClassifierOutput {
    const { lastHiddenState, cuSeqlens } = this.distilbert.forward(batch);
    const first = indexSelect(lastHiddenState, 0, cuSeqlens.slice(0, -1));
    const pooled = relu(this.preClassifier.forward(first)); // [B, H]
    const key = this.distilbert.dropoutKey(this.config.seqClassifDropout);
    const logits = this.classifier.forward(dropout(pooled, key));
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
    await saveCheckpoint(this, path, "DistilBertForSequenceClassification");
  }
}
