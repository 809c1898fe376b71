/**
 * Models by what their folder says they are.
 *
 * @module
 */
import { readModelConfig } from "../checkpoint/hugging_face.ts";
import type { BertConfigOptions } from "./bert/bert_config.ts";
import { BertForSequenceClassification } from "./bert/bert_for_sequence_classification.ts";
import type { FromPretrainedOptions } from "./pretrained_model.ts";
import type { DistilBertConfigOptions } from "./distilbert/distilbert_config.ts";
import { DistilBertForSequenceClassification } from "./distilbert/distilbert_for_sequence_classification.ts";

/** Settings of any architecture: each model takes those that it has. */
export type AutoConfigOptions = BertConfigOptions & DistilBertConfigOptions;

/** A classifier over whole rows, of any architecture. */
export type ModelForSequenceClassification =
  | BertForSequenceClassification
  | DistilBertForSequenceClassification;

/** The classes by the `model_type` of their `config.json`. */
const CLASSES: Readonly<
  Record<
    string,
    {
      fromPretrained(
        path: string,
        options: FromPretrainedOptions<AutoConfigOptions>,
      ): Promise<ModelForSequenceClassification>;
    }
  >
> = {
  bert: BertForSequenceClassification,
  distilbert: DistilBertForSequenceClassification,
};

/** Loads a classifier over whole rows without being told its architecture. */
export class AutoModelForSequenceClassification {
  /**
   * Loads a Hugging Face model folder with the class that `model_type` in its
   * `config.json` names, in evaluation mode; see
   * {@linkcode BertForSequenceClassification.fromPretrained}.
   *
   * @example
   * ```ts ignore
   * const model = await AutoModelForSequenceClassification.fromPretrained(
   *   "models/distilbert-base-uncased",
   *   { device, numLabels: 2 },
   * );
   * ```
   *
   * @param path The folder: `config.json` and `model.safetensors`.
   * @param options Device, labels, seed.
   * @returns The model.
   * @throws {SyntaxError} If `model_type` is missing or unknown, or a file is torn or not what it should be.
   * @throws {RangeError} If a tensor has another shape than the model's.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained(
    path: string,
    options: FromPretrainedOptions<AutoConfigOptions>,
  ): Promise<ModelForSequenceClassification> {
    const { model_type: modelType } = await readModelConfig(path);
    if (typeof modelType !== "string" || !Object.hasOwn(CLASSES, modelType)) {
      const found = modelType === undefined
        ? "it has no model_type"
        : `its model_type ${JSON.stringify(modelType)} is unknown`;
      const known = Object.keys(CLASSES).map((name) => `"${name}"`);
      throw new SyntaxError(
        `Cannot read ${path}/config.json: ${found}; there are ${
          known.join(" and ")
        }: name the folder of such a model`,
      );
    }
    return await CLASSES[modelType]!.fromPretrained(path, options);
  }
}
