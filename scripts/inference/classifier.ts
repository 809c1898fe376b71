/**
 * A fine-tuned model as `predict.ts` and `evaluate.ts` use it: from a folder to
 * probabilities.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  AutoModelForSequenceClassification,
  type Device,
  type ModelForSequenceClassification,
  Tokenizer,
} from "../../mod.ts";

/** A fine-tuned model and what it takes and gives. */
export interface Classifier {
  /** The model. */
  readonly model: ModelForSequenceClassification;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Names of its labels by number; one label is regression. */
  readonly labels: readonly string[];
  /** The most tokens that both take. */
  readonly maxLength: number;
}

/**
 * Loads a model folder, and warns where it was never fine-tuned.
 *
 * @param path The folder.
 * @param device Where.
 * @returns The classifier.
 * @throws {Error} If the folder is no whole model.
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
 * Cuts what a model gives for a batch into rows.
 *
 * @param logits `[B, numLabels]`.
 * @param numLabels Labels of the model.
 * @returns The logits of each row.
 * @throws {Error} If one is not finite.
 */
export function rowsOf(logits: Float32Array, numLabels: number): number[][] {
  const broken = logits.find((value) => !Number.isFinite(value));
  if (broken !== undefined) {
    throw new Error(
      `The model gives ${broken}: its weights are broken, train it again or load another`,
    );
  }
  return Array.from(
    { length: logits.length / numLabels },
    (_, row) => [...logits.subarray(row * numLabels, (row + 1) * numLabels)],
  );
}

/**
 * Turns logits into probabilities: `exp(x_i) / Σ_j exp(x_j)`.
 *
 * @param logits One a label.
 * @returns One a label, that sum up to 1.
 */
export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/**
 * Finds the largest number, the first of them where there are several.
 *
 * @param values The numbers.
 * @returns Its place.
 */
export function indexOfMax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
