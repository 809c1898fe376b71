/** Models of `lora.json`, with their adapters. */
import {
  addLora,
  AlbertForSequenceClassification,
  BertForSequenceClassification,
  DebertaV2ForSequenceClassification,
  type Device,
  DistilBertForSequenceClassification,
  ElectraForSequenceClassification,
  type ForSequenceClassification,
  type LoraAdapter,
  type LoraOptions,
  ModernBertForSequenceClassification,
  MPNetForSequenceClassification,
  RobertaForSequenceClassification,
} from "../../mod.ts";
import type { SequenceClassifierClass } from "../../lib/models/sequence_classification.ts";
import golden from "../models/fixtures/lora.json" with { type: "json" };
import { goldenWeight } from "../models/golden_digest.ts";
import { type GoldenFixture, goldenModel } from "../models/golden_fixture.ts";

/** A model of `lora.json`: results of the trained parameters alone. */
export interface LoraFixture extends GoldenFixture {
  readonly name: string;
  readonly lora: {
    readonly r: number;
    readonly alpha: number;
    readonly dropout: number;
    readonly targets: readonly string[];
  };
}

/** Every model. */
export const MODELS: readonly LoraFixture[] = golden.models;

/** Files that peft wrote for the first model. */
export const ADAPTER = golden.adapter;

const CLASSES: readonly SequenceClassifierClass[] = [
  AlbertForSequenceClassification,
  BertForSequenceClassification,
  DebertaV2ForSequenceClassification,
  DistilBertForSequenceClassification,
  ElectraForSequenceClassification,
  ModernBertForSequenceClassification,
  MPNetForSequenceClassification,
  RobertaForSequenceClassification,
];

/** The model of a fixture, without an adapter. */
export function baseModel(
  fixture: LoraFixture,
  options: { device?: Device; seed?: number } = {},
): ForSequenceClassification {
  const { model_type: modelType } = fixture.config;
  const modelClass = CLASSES
    .find(({ configClass }) => configClass.spec.modelType === modelType)!;
  return goldenModel(modelClass, fixture, options);
}

/** The model of a fixture with its adapter, whose updates are not 0; without dropout in them. */
export function adaptedModel(
  fixture: LoraFixture,
  options: { device?: Device; seed?: number } & LoraOptions = {},
): { model: ForSequenceClassification; adapter: LoraAdapter } {
  const { device, seed, ...others } = options;
  const model = baseModel(fixture, {
    ...device && { device },
    ...seed !== undefined && { seed },
  });
  const { r, alpha, targets } = fixture.lora;
  const adapter = addLora(model, { r, alpha, targets, ...others });
  for (const [name, parameter] of adapter.parameters) {
    const scale = name.endsWith(".lora_B.weight") ? 0.25 : 1;
    const values = goldenWeight(name, parameter.shape);
    parameter.load(values.map((value) => scale * value));
  }
  return { model, adapter };
}
