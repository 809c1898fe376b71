/**
 * BERT for masked language modelling.
 *
 * @module
 */
import { Module } from "../../nn/module.ts";
import { LayerFactory } from "../layer_factory.ts";
import { ForMaskedLM } from "../masked_lm.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { BertModel } from "./bert.ts";
import { BertConfig } from "./bert_config.ts";
import { BertLMPredictionHead } from "./bert_lm_head.ts";

/** Head of {@linkcode BertForMaskedLM}. */
export class BertOnlyMLMHead extends Module {
  /** Scores of the vocabulary. */
  readonly predictions: BertLMPredictionHead;

  /** Makes the head with random weights, tied to the word embeddings of an encoder. */
  constructor(layers: LayerFactory, bert: BertModel) {
    super();
    this.predictions = new BertLMPredictionHead(layers, bert);
  }
}

/**
 * BERT without a pooler, with a head over the vocabulary.
 * {@linkcode ForMaskedLM.forward} scores a batch. Made by
 * {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class BertForMaskedLM extends ForMaskedLM<BertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string = "BertForMaskedLM";
  /** The configuration class. */
  static override readonly configClass: typeof BertConfig = BertConfig;
  /** The encoder, without a pooler. */
  readonly bert: BertModel;
  /** The head. */
  readonly cls: BertOnlyMLMHead;

  /** Makes a model with random weights. */
  constructor(config: BertConfig, options: ModelOptions) {
    super(config);
    this.bert = new BertModel(config, { ...options, addPoolingLayer: false });
    const layers = LayerFactory.forHead(config, options);
    this.cls = new BertOnlyMLMHead(layers, this.bert);
  }

  /** The encoder. */
  protected override get baseModel(): BertModel {
    return this.bert;
  }

  /** The masked-LM head. */
  protected override get predictionHead(): BertLMPredictionHead {
    return this.cls.predictions;
  }
}
