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
 * Checks that a model gives one label or one number a row, which can be scored.
 *
 * @param classifier The classifier.
 * @param path The folder of the model, for the error.
 * @throws {TypeError} If it gives several.
 */
export function checkIsScored(
  { model, labels }: Classifier,
  path: string,
): void {
  const { problemType } = model.config;
  const isScored = problemType === "regression"
    ? labels.length === 1
    : problemType !== "multi_label_classification";
  if (isScored) return;
  throw new TypeError(
    `--model ${path} has the problem_type ${problemType} with ${labels.length} labels, and only models with one label or number a row are scored: deno task predict prints what it gives`,
  );
}

/**
 * Describes the result of a row, as the pipeline of transformers does: the label
 * and the probability of each; for several labels a row, those that are more
 * likely than not; for regression the numbers.
 *
 * @param classifier The classifier.
 * @param logits The logits of the row; `undefined` for a row without a text.
 * @returns The keys of a line of `predict`; `null` where there are no logits.
 */
export function describePrediction(
  { model, labels }: Classifier,
  logits: readonly number[] | undefined,
): object {
  const { problemType } = model.config;
  // The digits that f32 holds; more are noise.
  const short = (value: number) => Number(value.toPrecision(7));
  const byLabel = (values: readonly number[]) =>
    Object.fromEntries(labels.map((label, i) => [label, short(values[i]!)]));
  if (problemType === "multi_label_classification") {
    if (!logits) return { labels: null };
    const probabilities = logits.map((logit) => 1 / (1 + Math.exp(-logit)));
    return {
      labels: labels.filter((_, i) => probabilities[i]! > 0.5),
      probabilities: byLabel(probabilities),
    };
  }
  if (labels.length === 1) {
    return { score: logits ? short(logits[0]!) : null };
  }
  if (problemType === "regression") {
    return { scores: logits ? byLabel(logits) : null };
  }
  if (!logits) return { label: null };
  return {
    label: labels[indexOfMax(logits)],
    probabilities: byLabel(softmax(logits)),
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
