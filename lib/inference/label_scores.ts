/**
 * Scores of labels from logits, as in the text-classification pipeline of
 * transformers.
 *
 * Source: https://github.com/huggingface/transformers/blob/main/src/transformers/pipelines/text_classification.py
 *
 * @module
 */
import type { PretrainedConfig } from "../models/pretrained_config.ts";

/** A label and its score. */
export interface TextClassificationOutput {
  /** Name of the label. */
  readonly label: string;
  /** Probability of the label, or the number that a regression model gives. */
  readonly score: number;
  /**
   * Whether the probability is at least the threshold of the label; of models that
   * give several labels a row, and absent for others.
   */
  readonly predicted?: boolean;
}

/**
 * Functions from logits to scores: `"sigmoid"`, of each logit alone; `"softmax"`, over
 * all labels; `"none"`, the logits themselves.
 */
export type FunctionToApply = "sigmoid" | "softmax" | "none";

/** The functions by name. */
const FUNCTIONS: Readonly<
  Record<FunctionToApply, (logits: readonly number[]) => readonly number[]>
> = {
  sigmoid: (logits) => logits.map(sigmoid),
  softmax,
  none: (logits) => logits,
};

/** Threshold of a label that has none in `config.json`. */
const DEFAULT_THRESHOLD = 0.5;

/** Scores the labels of a model. */
export class LabelScorer {
  /** Names of the labels by number. */
  readonly labels: readonly string[];
  readonly #default: FunctionToApply;
  /** Threshold of each label; none if a row has one label. */
  readonly #thresholds: readonly number[] | undefined;

  /**
   * Reads problem type, labels and thresholds of a configuration.
   *
   * @param config The configuration; `thresholds` of its `config.json` maps labels to
   * numbers, 0.5 for those that it does not name.
   * @param source Path of the `config.json`, for errors.
   * @throws {RangeError} If `thresholds` has an unknown label, or a number that is no probability.
   */
  constructor(config: PretrainedConfig, source: string) {
    const { problemType, id2label } = config;
    this.labels = Object.values(id2label);
    const isMultiLabel = problemType === "multi_label_classification";
    this.#default = problemType === "regression"
      ? "none"
      : isMultiLabel || this.labels.length === 1
      ? "sigmoid"
      : "softmax";
    this.#thresholds = isMultiLabel
      ? readThresholds(config.other("thresholds"), this.labels, source)
      : undefined;
  }

  /**
   * Scores the labels of a row.
   *
   * @param logits The logits, `[numLabels]`.
   * @param topK Most labels to give; `null` for all.
   * @param functionToApply The function; that of the problem type by default.
   * @returns The labels, the best first.
   */
  score(
    logits: Float32Array,
    topK: number | null,
    functionToApply: FunctionToApply = this.#default,
  ): TextClassificationOutput[] {
    const thresholds = this.#thresholds;
    const scores = FUNCTIONS[functionToApply]([...logits]);
    return this.labels
      .map((label, i) => ({
        label,
        score: scores[i]!,
        ...thresholds &&
          { predicted: sigmoid(logits[i]!) >= thresholds[i]! },
      }))
      .sort((a, b) => b.score - a.score)
      .slice(0, topK ?? undefined);
  }
}

/**
 * Checks the name of a function.
 *
 * @param value The name.
 * @throws {RangeError} If there is no such function.
 */
export function checkFunctionToApply(
  value: unknown,
): asserts value is FunctionToApply | undefined {
  if (value === undefined || Object.hasOwn(FUNCTIONS, value as string)) return;
  throw new RangeError(
    `Cannot classify texts: functionToApply is ${
      JSON.stringify(value)
    }; it must be one of ${Object.keys(FUNCTIONS).join(", ")}`,
  );
}

/** `1 / (1 + exp(-x))`. */
function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** `exp(x_i) / Σ_j exp(x_j)`. */
function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

function readThresholds(
  json: unknown,
  labels: readonly string[],
  source: string,
): number[] {
  const refuse = (reason: string): never => {
    throw new RangeError(`Cannot use ${source}: ${reason}`);
  };
  const given = json ?? {};
  if (typeof given !== "object" || Array.isArray(given)) {
    refuse(
      `its thresholds are ${
        JSON.stringify(given)
      }; they must map labels to numbers`,
    );
  }
  for (const [label, threshold] of Object.entries(given)) {
    if (!labels.includes(label)) {
      refuse(
        `its thresholds name "${label}", and the labels are ${
          labels.join(", ")
        }`,
      );
    }
    if (!(typeof threshold === "number" && threshold >= 0 && threshold <= 1)) {
      refuse(
        `the threshold of "${label}" is ${
          JSON.stringify(threshold)
        }; it must be from 0 to 1`,
      );
    }
  }
  const byLabel = new Map(Object.entries<number>({ ...given }));
  return labels.map((label) => byLabel.get(label) ?? DEFAULT_THRESHOLD);
}
