/**
 * BERT that finds masked words.
 *
 * @module
 */
import { openModelFolder } from "../../checkpoint/hugging_face.ts";
import type { Batch } from "../../data/host_tensor.ts";
import { Module } from "../../nn/module.ts";
import { flattenParameters } from "../../nn/flatten_parameters.ts";
import { BertModel } from "./bert.ts";
import { BertConfig } from "./bert_config.ts";
import {
  BertLMPredictionHead,
  type MaskedLMOutput,
  predictWords,
} from "./bert_lm_head.ts";
import {
  type FromPretrainedOptions,
  LayerFactory,
  loadCheckpoint,
  type ModelOptions,
  saveCheckpoint,
} from "../pretrained_model.ts";

/** The head of {@linkcode BertForMaskedLM}. */
export class BertOnlyMLMHead extends Module {
  /** What scores the words. */
  readonly predictions: BertLMPredictionHead;

  /** Makes it from random weights, over the table of words of an encoder. */
  constructor(layers: LayerFactory, bert: BertModel) {
    super();
    this.predictions = new BertLMPredictionHead(layers, bert);
  }
}

/** BERT with a head over the vocabulary, tied to its table of words. It has no pooler. */
export class BertForMaskedLM extends Module {
  /** Sizes and rates. */
  readonly config: BertConfig;
  /** The encoder, without a pooler. */
  readonly bert: BertModel;
  /** The head. */
  readonly cls: BertOnlyMLMHead;
  #loadReport: string | undefined;

  /** Makes a model from random weights. */
  constructor(config: BertConfig, options: ModelOptions) {
    super();
    this.config = config;
    this.bert = new BertModel(config, { ...options, addPoolingLayer: false });
    // The head's values do not depend on how many the encoder draws.
    const { device, seed = 0 } = options;
    const layers = new LayerFactory(device, config, seed + 1);
    this.cls = new BertOnlyMLMHead(layers, this.bert);
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
  ): BertForMaskedLM {
    return new BertForMaskedLM(config, options);
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
  ): Promise<BertForMaskedLM> {
    using folder = await openModelFolder(path);
    const config = BertConfig.fromJson(
      folder.config,
      options.config,
      `${path}/config.json`,
    );
    const model = new BertForMaskedLM(config, options);
    model.#loadReport = loadCheckpoint(model, folder);
    return model.eval();
  }

  /** What the checkpoint lacked or had besides, in a few lines; `undefined` if all matched. */
  get loadReport(): string | undefined {
    return this.#loadReport;
  }

  /**
   * Scores the words of a batch, at its labelled positions alone if it has labels.
   *
   * @param batch Ids, kinds and mask, each `[B, S]`, and perhaps labels `[B, S]`
   * with -100 where no word is to be found, on the host.
   * @returns The scores, and the mean loss over the labelled positions if there are labels.
   * @throws {RangeError} If a row is too long, an id or label out of range, or all labels are -100.
   */
  forward(batch: Batch): MaskedLMOutput {
    return predictWords(this.cls.predictions, this.bert.encode(batch), batch);
  }

  /**
   * Writes a folder that transformers loads as it is: `config.json` and
   * `model.safetensors`.
   *
   * @param path The folder; made where there is none.
   * @throws {Error} If a file cannot be written.
   */
  async savePretrained(path: string): Promise<void> {
    await saveCheckpoint(this, path, "BertForMaskedLM");
  }
}
