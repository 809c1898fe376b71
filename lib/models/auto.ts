/**
 * Models by the `model_type` of their `config.json`.
 *
 * @module
 */
import { readModelConfig } from "../checkpoint/hugging_face.ts";
import type { FolderSource } from "../files/folder.ts";
import * as architectures from "./architectures.ts";
import type { BertConfigOptions } from "./bert/bert_config.ts";
import type {
  PretrainedConfig,
  PretrainedConfigClass,
  PretrainedConfigOptions,
} from "./pretrained_config.ts";
import type {
  FromPretrainedOptions,
  ModelOptions,
} from "./pretrained_model.ts";
import { Encoder } from "./encoder.ts";
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

/** An encoder class, as {@linkcode AutoModel} uses it. */
interface EncoderClass {
  readonly configClass: PretrainedConfigClass<
    PretrainedConfig,
    PretrainedConfigOptions
  >;
  fromConfig(config: PretrainedConfig, options: ModelOptions): Encoder;
  fromPretrained(
    source: FolderSource,
    options: FromPretrainedOptions,
  ): Promise<Encoder>;
}

function isSequenceClassifier(
  value: unknown,
): value is SequenceClassifierClass {
  return typeof value === "function" &&
    value.prototype instanceof ForSequenceClassification;
}

function isEncoder(value: unknown): value is EncoderClass {
  return typeof value === "function" && value.prototype instanceof Encoder;
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
  return classOf(isSequenceClassifier, modelType, source);
}

/** The class of a kind and a model type. */
function classOf<Class extends Pick<EncoderClass, "configClass">>(
  isOfKind: (value: unknown) => value is Class,
  modelType: unknown,
  source: string,
): Class {
  const all = Object.values<unknown>(architectures).filter(isOfKind);
  const modelTypeOf = ({ configClass }: Class) => configClass.spec.modelType;
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
   * @param source Path, URL or files of the folder.
   * @param changes Settings that replace those of the file.
   * @returns The configuration.
   * @throws {SyntaxError} If `model_type` is missing or unknown, or the file is not what it should be.
   * @throws {RangeError} If a setting is out of range.
   * @throws {Error} If the file is missing.
   */
  static async fromPretrained(
    source: FolderSource,
    changes: AutoConfigOptions = {},
  ): Promise<PretrainedConfig> {
    const { config, configPath } = await readModelConfig(source);
    const { configClass } = sequenceClassifierOf(config.model_type, configPath);
    return configClass.fromJson(config, changes, configPath);
  }
}

/** Loads encoders of any architecture, without a head. */
export class AutoModel {
  /**
   * Makes an encoder with random weights, in training mode.
   *
   * @param config A configuration of any architecture.
   * @param options Device and seed.
   * @returns The encoder.
   * @throws {SyntaxError} If the configuration is of an unknown architecture.
   */
  static fromConfig(config: PretrainedConfig, options: ModelOptions): Encoder {
    return classOf(isEncoder, config.modelType, "the configuration")
      .fromConfig(config, options);
  }

  /**
   * Loads the encoder of a Hugging Face model folder, with the class that
   * `model_type` in its `config.json` names, in evaluation mode.
   * {@linkcode Encoder.encode} gives the vectors of the tokens,
   * {@linkcode meanPooling} and {@linkcode firstTokens} those of the rows.
   *
   * @param source Path, URL or files of the folder: `config.json` and `model.safetensors`.
   * @param options Device, seed, other settings.
   * @returns The encoder.
   * @throws {SyntaxError} If `model_type` is missing or unknown, or a file is truncated or invalid.
   * @throws {RangeError} If a tensor has another shape than the model's.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained(
    source: FolderSource,
    options: FromPretrainedOptions<AutoConfigOptions>,
  ): Promise<Encoder> {
    const { config, configPath } = await readModelConfig(source);
    return await classOf(isEncoder, config.model_type, configPath)
      .fromPretrained(source, options);
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
   * @param source Path, URL or files of the folder: `config.json` and `model.safetensors`.
   * @param options Device, seed, labels, other settings.
   * @returns The model.
   * @throws {SyntaxError} If `model_type` is missing or unknown, or a file is truncated or invalid.
   * @throws {RangeError} If a tensor has another shape than the model's.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained(
    source: FolderSource,
    options: FromPretrainedOptions<AutoConfigOptions>,
  ): Promise<ForSequenceClassification> {
    const { config, configPath } = await readModelConfig(source);
    return await sequenceClassifierOf(config.model_type, configPath)
      .fromPretrained(source, options);
  }
}
