/**
 * A fine-tuned model as the scripts use it: from texts to what they print of its
 * logits.
 *
 * @module
 */
import {
  type Batch,
  type Device,
  type ForSequenceClassification,
  noGrad,
  type TextClassificationOutput,
  type TextClassifier,
  type TextPair,
} from "../../mod.ts";
import { indexOfMax, rowsOf, sigmoid, softmax } from "./logits.ts";

/** The parts of a classifier besides its predictions. */
export type Classifier = Pick<
  TextClassifier,
  "model" | "tokenizer" | "labels" | "maxLength"
>;

/**
 * Classifies texts.
 *
 * @param classifier The classifier.
 * @param texts The texts.
 * @param batchSize Most texts of a batch.
 * @returns For each text a list of all labels in the order of the model, each with its logit.
 */
export async function classifyTexts(
  classifier: TextClassifier,
  texts: readonly TextPair[],
  batchSize: number,
): Promise<TextClassificationOutput[][]> {
  const rows = await classifier.predict(texts, {
    topK: null,
    functionToApply: "none",
    batchSize,
  });
  const order = new Map(classifier.labels.map((label, i) => [label, i]));
  return rows.map((outputs) =>
    outputs.sort((a, b) => order.get(a.label)! - order.get(b.label)!)
  );
}

/**
 * Compiles the kernels of small batches, which the first texts would have to wait
 * for. No text of it is truncated.
 *
 * @param classifier The classifier.
 */
export async function compileKernels(
  classifier: TextClassifier,
): Promise<void> {
  // A token has at least one character, and a few are special ones.
  const longest = Math.max(0, classifier.maxLength - 4);
  for (const rows of [1, 8]) {
    const text = "a ".repeat(2 * rows).slice(0, longest);
    await classifier.predict(Array<string>(rows).fill(text));
  }
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
 * and the probability of each; for several labels a row, those whose probability is at
 * least their threshold; for regression the numbers.
 *
 * @param classifier The classifier.
 * @param outputs The logit of each label; `undefined` for a row without a text.
 * @returns The keys of a line of `predict`; `null` where there are no logits.
 */
export function describePrediction(
  { model, labels }: Classifier,
  outputs: readonly TextClassificationOutput[] | undefined,
): object {
  const { problemType } = model.config;
  // The digits that f32 holds; more are noise.
  const short = (value: number) => Number(value.toPrecision(7));
  const byLabel = (values: readonly number[]) =>
    Object.fromEntries(labels.map((label, i) => [label, short(values[i]!)]));
  const logits = outputs?.map(({ score }) => score);
  if (problemType === "multi_label_classification") {
    if (!outputs) return { labels: null };
    const predicted = outputs.filter(({ predicted }) => predicted);
    return {
      labels: predicted.map(({ label }) => label),
      probabilities: byLabel(
        outputs.map(({ score }) => sigmoid(score)),
      ),
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
  return rowsOf(logits, numLabels);
}
