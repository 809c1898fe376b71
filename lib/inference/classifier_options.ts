/**
 * Options of classifiers.
 *
 * @module
 */
import { checkOptions, describe, type OptionNames } from "../check_options.ts";
import type { Device } from "../gpu/device.ts";
import {
  checkFunctionToApply,
  type FunctionToApply,
  type TextClassificationOutput,
} from "./label_scores.ts";

/** The action in errors. */
export const ACTION = "classify texts";

/** Options of `TextClassifier.fromPretrained`. */
export interface TextClassifierOptions {
  /**
   * The device of the model.
   *
   * @default one of its own, which is destroyed with the classifier
   */
  device?: Device;
  /**
   * Tokens after which a text or pair is truncated.
   *
   * @default the most that the model and its tokenizer take
   */
  maxLength?: number;
}

/** Options of `TextClassifier.predict`. */
export interface PredictOptions<K extends number | null = number | null> {
  /**
   * Number of labels to give for each text, the best first; `null` for all.
   *
   * @default 1
   */
  topK?: K;
  /**
   * Most texts of a batch.
   *
   * @default 32
   */
  batchSize?: number;
  /**
   * Function from logits to scores.
   *
   * @default "none" for regression, "sigmoid" for several labels a row or a single
   * label, else "softmax"
   */
  functionToApply?: FunctionToApply;
  /** Gives up on the texts that were not classified yet. */
  signal?: AbortSignal;
}

/** Result for several texts: a label for each, or a list of labels where `topK` is not 1. */
export type TextClassificationOutputs<K extends number | null> = 1 extends K
  ? K extends 1 ? TextClassificationOutput[]
  : TextClassificationOutput[] | TextClassificationOutput[][]
  : TextClassificationOutput[][];

/** Names of {@linkcode TextClassifierOptions}. */
export const OPTIONS: OptionNames<TextClassifierOptions> = {
  device: true,
  maxLength: true,
};
const PREDICT_OPTIONS: OptionNames<PredictOptions> = {
  topK: true,
  batchSize: true,
  functionToApply: true,
  signal: true,
};

/** Options of one call, with their defaults. */
export interface ReadPredictOptions {
  /** Most labels of a text; `null` for all. */
  readonly topK: number | null;
  /** Most texts of a batch. */
  readonly batchSize: number;
  /** The function; `undefined` for that of the problem type. */
  readonly functionToApply: FunctionToApply | undefined;
  /** Ends the wait. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Checks the options of a call.
 *
 * @param options The options.
 * @returns Their values.
 * @throws {TypeError} If an option has an unknown name, or the signal is none.
 * @throws {RangeError} If an option has another value.
 */
export function readPredictOptions(
  options: PredictOptions,
): ReadPredictOptions {
  checkOptions(ACTION, options, PREDICT_OPTIONS, "{ topK: null }");
  const { topK = 1, batchSize = 32, functionToApply, signal } = options;
  if (topK !== null) checkCount("topK", topK, ", or null for all labels");
  checkCount("batchSize", batchSize);
  checkFunctionToApply(functionToApply);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(
      `Cannot ${ACTION}: signal is ${
        describe(signal)
      }; give the signal of an AbortController`,
    );
  }
  return { topK, batchSize, functionToApply, signal };
}

function checkCount(name: string, value: unknown, others = ""): void {
  if (Number.isInteger(value) && (value as number) >= 1) return;
  throw new RangeError(
    `Cannot ${ACTION}: ${name} is ${
      describe(value)
    }; it must be a whole number from 1${others}`,
  );
}
