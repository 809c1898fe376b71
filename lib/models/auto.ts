/**
 * Models by the `model_type` of their `config.json`.
 *
 * @module
 */
import { readModelConfig } from "../checkpoint/hugging_face.ts";
import * as architectures from "./architectures.ts";
import type { BertConfigOptions } from "./bert/bert_config.ts";
import type {
  PretrainedConfig,
  PretrainedConfigOptions,
} from "./pretrained_config.ts";
import type {
  FromPretrainedOptions,
  ModelOptions,
} from "./pretrained_model.ts";
import {
  ForSequenceClassification,
  type SequenceClassifierClass,
} from "./sequence_classification.ts";

/** Settings that every architecture has, under their common names: each maps them to its own. */
export type AutoConfigOptions =
  & PretrainedConfigOptions
  & Pick<
    BertConfigOptions,
    | "hiddenSize"
    | "numHiddenLayers"
    | "numAttentionHeads"
    | "intermediateSize"
    | "hiddenAct"
    | "hiddenDropoutProb"
    | "attentionProbsDropoutProb"
    | "classifierDropout"
    | "maxPositionEmbeddings"
    | "vocabSize"
    | "initializerRange"
    | "padTokenId"
  >;

function isSequenceClassifier(
  value: unknown,
): value is SequenceClassifierClass {
  return typeof value === "function" &&
    value.prototype instanceof ForSequenceClassification;
}

/**
 * Finds the sequence classifier of a model type.
 *
 * @param modelType `model_type` of `config.json`.
 * @param source Path for errors.
 * @returns The class.
 * @throws {SyntaxError} If the model type is missing or unknown.
 */
export function sequenceClassifierOf(
  modelType: unknown,
  source: string,
): SequenceClassifierClass {
  const all = Object.values<unknown>(architectures).filter(
    isSequenceClassifier,
  );
  const modelTypeOf = ({ configClass }: SequenceClassifierClass) =>
    configClass.spec.modelType;
  const found = all.find((model) => modelTypeOf(model) === modelType);
  if (found) return found;
  const reason = modelType === undefined
    ? "it has no model_type"
    : `its model_type ${JSON.stringify(modelType)} is unknown`;
  const known = all.map((model) => `"${modelTypeOf(model)}"`);
  throw new SyntaxError(
    `Cannot read ${source}: ${reason}; supported are ${
      known.join(", ")
    }: name the folder of such a model`,
  );
}

/** Reads configurations of any architecture. */
export class AutoConfig {
  /**
   * Reads the `config.json` of a model folder.
   *
   * @param path The folder.
   * @param changes Settings that replace those of the file.
   * @returns The configuration.
   * @throws {SyntaxError} If `model_type` is missing or unknown, or the file is not what it should be.
   * @throws {RangeError} If a setting is out of range.
   * @throws {Error} If the file is missing.
   */
  static async fromPretrained(
    path: string,
    changes: AutoConfigOptions = {},
  ): Promise<PretrainedConfig> {
    const json = await readModelConfig(path);
    const source = `${path}/config.json`;
    const { configClass } = sequenceClassifierOf(json.model_type, source);
    return configClass.fromJson(json, changes, source);
  }
}

/** Loads sequence classifiers of any architecture. */
export class AutoModelForSequenceClassification {
  /**
   * Makes a model with random weights, in training mode.
   *
   * @param config A configuration of any architecture.
   * @param options Device and seed.
   * @returns The model.
   * @throws {SyntaxError} If the configuration is of an unknown architecture.
   */
  static fromConfig(
    config: PretrainedConfig,
    options: ModelOptions,
  ): ForSequenceClassification {
    return sequenceClassifierOf(config.modelType, "the configuration")
      .fromConfig(config, options);
  }

  /**
   * Loads a Hugging Face model folder with the class that `model_type` in its
   * `config.json` names, in evaluation mode; see
   * {@linkcode PreTrainedModel.fromPretrained}.
   *
   * @example
   * ```ts ignore
   * const model = await AutoModelForSequenceClassification.fromPretrained(
   *   "models/bert-base-uncased",
   *   { device, numLabels: 2 },
   * );
   * ```
   *
   * @param path The folder: `config.json` and `model.safetensors`.
   * @param options Device, seed, labels, other settings.
   * @returns The model.
   * @throws {SyntaxError} If `model_type` is missing or unknown, or a file is truncated or invalid.
   * @throws {RangeError} If a tensor has another shape than the model's.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained(
    path: string,
    options: FromPretrainedOptions<AutoConfigOptions>,
  ): Promise<ForSequenceClassification> {
    const json = await readModelConfig(path);
    const source = `${path}/config.json`;
    return await sequenceClassifierOf(json.model_type, source)
      .fromPretrained(path, options);
  }
}
