/**
 * A fine-tuned model as `predict.ts`, `evaluate.ts` and `check_onnx.ts` use it:
 * from a folder to logits and probabilities.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  AutoModelForSequenceClassification,
  type Batch,
  type Device,
  type ForSequenceClassification,
  noGrad,
  Tokenizer,
} from "../../mod.ts";

/** A fine-tuned model with its tokenizer. */
export interface Classifier {
  /** The model. */
  readonly model: ForSequenceClassification;
  /** The tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Label names by number; a single label means regression. */
  readonly labels: readonly string[];
  /** Maximum length of a row, in tokens. */
  readonly maxLength: number;
}

/**
 * Loads a model folder, with a warning if the model has not been fine-tuned.
 *
 * @param path The folder.
 * @param device The device of the model.
 * @returns The classifier.
 * @throws {Error} If the folder lacks a file, or one is invalid.
 */
export async function loadClassifier(
  path: string,
  device: Device,
): Promise<Classifier> {
  const tokenizer = await Tokenizer.fromPretrained(path);
  const model = await AutoModelForSequenceClassification.fromPretrained(path, {
    device,
  });
  if (model.loadReport) console.warn(model.loadReport);
  const { id2label, maxPositionEmbeddings } = model.config;
  return {
    model,
    tokenizer,
    labels: Object.values(id2label),
    maxLength: Math.min(tokenizer.modelMaxLength, maxPositionEmbeddings),
  };
}

/**
 * Runs a model on a batch.
 *
 * @param model The model.
 * @param batch The batch.
 * @param device The device of the model.
 * @returns The logits of each row.
 * @throws {Error} If a logit is not finite.
 */
export async function classify(
  model: ForSequenceClassification,
  batch: Batch,
  device: Device,
): Promise<number[][]> {
  using _noGrad = noGrad();
  using _scope = device.scope();
  const { logits } = model.forward(batch);
  return splitRows(await logits.toArray(), model.config.numLabels);
}

/**
 * Splits the logits of a batch into rows.
 *
 * @param logits Logits, `[B, numLabels]`.
 * @param numLabels Labels of the model.
 * @returns The logits of each row.
 * @throws {Error} If a logit is not finite.
 */
export function splitRows(logits: Float32Array, numLabels: number): number[][] {
  const broken = logits.find((value) => !Number.isFinite(value));
  if (broken !== undefined) {
    throw new Error(
      `A logit of the model is ${broken}: its weights are broken, train it again or load another`,
    );
  }
  return Array.from(
    { length: logits.length / numLabels },
    (_, row) => [...logits.subarray(row * numLabels, (row + 1) * numLabels)],
  );
}

/**
 * Computes `exp(x_i) / Σ_j exp(x_j)`.
 *
 * @param logits One logit per label.
 * @returns One probability per label.
 */
export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/**
 * Finds the largest number, the first one if there are several.
 *
 * @param values The numbers.
 * @returns Its index.
 */
export function indexOfMax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
