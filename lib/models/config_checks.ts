/**
 * Checks of the settings of a configuration.
 *
 * @module
 */
import { ACT2FN } from "./activations.ts";
import type { Id2Label } from "./id2label.ts";
import { isProblemType, PROBLEM_TYPES } from "./problem_type.ts";

/**
 * Range of a setting: `size`, a whole number from 1; `count`, one from 0;
 * `dropout`, from 0 to less than 1; `epsilon`, above 0; `deviation`, from 0; `tokenId`, a whole number from
 * 0 below `vocabSize`; `activation`, a supported activation.
 */
export type SettingRange =
  | "size"
  | "count"
  | "dropout"
  | "epsilon"
  | "deviation"
  | "tokenId"
  | "activation";

/** Default and range of a setting. */
export interface Setting<Value> {
  /** The default. */
  readonly default: Value;
  /** The range, or all values. */
  readonly range: SettingRange | readonly (string | boolean)[];
}

/** A size, such as `hiddenSize`. */
export function size(value: number): Setting<number> {
  return { default: value, range: "size" };
}

/** A dropout probability. */
export function dropoutRate<Value extends number | null>(
  value: Value,
): Setting<Value> {
  return { default: value, range: "dropout" };
}

/** A setting that is on or off. */
export function flag(value: boolean): Setting<boolean> {
  return { default: value, range: [true, false] };
}

type Check = readonly [isValid: (value: number) => boolean, needed: string];

const CHECKS: Readonly<
  Record<Exclude<SettingRange, "tokenId" | "activation">, Check>
> = {
  size: [(x) => Number.isInteger(x) && x >= 1, "a whole number from 1"],
  count: [(x) => Number.isInteger(x) && x >= 0, "a whole number from 0"],
  dropout: [(x) => x >= 0 && x < 1, "a number from 0 to less than 1"],
  epsilon: [(x) => x > 0 && x < Infinity, "a number above 0"],
  deviation: [(x) => x >= 0 && x < Infinity, "a number from 0"],
};

/**
 * Checks one setting.
 *
 * @param value The value.
 * @param range Its range.
 * @param vocabSize Rows of the word embeddings.
 * @returns The requirement; `undefined` if the value is in range.
 */
export function rangeError(
  value: unknown,
  range: Setting<unknown>["range"],
  vocabSize: number,
): string | undefined {
  if (range === "activation") range = Object.keys(ACT2FN);
  if (typeof range !== "string") {
    if (range.some((known) => known === value)) return undefined;
    const known = range.map((value) => JSON.stringify(value)).join(", ");
    return `one of ${known}`;
  }
  const [isValid, needed]: Check = range === "tokenId"
    ? [
      (x) => Number.isInteger(x) && x >= 0 && x < vocabSize,
      `a token id from 0 to ${vocabSize - 1}`,
    ]
    : CHECKS[range];
  return typeof value === "number" && isValid(value) ? undefined : needed;
}

/**
 * Checks labels and problem type.
 *
 * @param id2label Label names by number.
 * @param problemType The problem type, if any.
 * @param numLabels The number of labels that was asked for, if any.
 * @returns The error; `undefined` if there is none.
 */
export function labelError(
  id2label: Id2Label,
  problemType: unknown,
  numLabels: number | undefined,
): string | undefined {
  const keys = Object.keys(id2label);
  const names = Object.values<unknown>(id2label);
  if (keys.length === 0) return "id2label must name at least one label";
  const gap = keys.find((key, i) => key !== `${i}`);
  if (gap !== undefined) {
    return `id2label must number its ${keys.length} labels from 0 to ${
      keys.length - 1
    }, and has the key "${gap}"`;
  }
  const unnamed = names.findIndex((name) => typeof name !== "string");
  if (unnamed >= 0) {
    return `id2label must map numbers to names, and label ${unnamed} is ${
      JSON.stringify(names[unnamed])
    }`;
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return `id2label names two labels "${twice}"`;
  if (numLabels !== undefined && numLabels !== keys.length) {
    return `id2label names ${keys.length} labels, numLabels is ${numLabels}`;
  }
  if (problemType === undefined) return undefined;
  if (!isProblemType(problemType)) {
    return `problemType "${problemType}" is unknown: it must be one of ${
      PROBLEM_TYPES.join(", ")
    }`;
  }
  return problemType === "single_label_classification" && keys.length === 1
    ? `problemType "${problemType}" needs at least 2 labels; for numbers give problemType "regression"`
    : undefined;
}
