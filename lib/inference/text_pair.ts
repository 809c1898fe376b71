/**
 * Texts as a caller of a classifier gives them.
 *
 * @module
 */
import { checkOptions, describe, type OptionNames } from "../check_options.ts";
import type { Texts } from "./predict_call.ts";

/** A pair of texts. */
export interface TextPair {
  /** The first text. */
  readonly text: string;
  /**
   * The second text.
   *
   * @default none: the first is classified alone
   */
  readonly textPair?: string;
}

const KEYS: OptionNames<TextPair> = { text: true, textPair: true };

/**
 * Tells several texts from one.
 *
 * @param input The texts.
 * @returns Whether it is an array.
 */
export function isListOfTexts(
  input: string | TextPair | readonly (string | TextPair)[],
): input is readonly (string | TextPair)[] {
  return Array.isArray(input);
}

/**
 * Checks texts and pairs of a caller.
 *
 * @param inputs The texts.
 * @param isOne Whether the caller gave one, which has no index for errors.
 * @returns The text, and the second one of a pair, of each.
 * @throws {TypeError} If one is neither a string nor a pair, with its index.
 */
export function toTexts(
  inputs: readonly (string | TextPair)[],
  isOne: boolean,
): Texts {
  return Array.from(inputs, (input, index) => {
    if (typeof input === "string") return [input];
    const action = `classify ${isOne ? "a text" : `text ${index}`}`;
    checkIsPair(action, input);
    const { text, textPair } = input;
    checkIsText(action, "text", text);
    if (textPair === undefined) return [text];
    checkIsText(action, "textPair", textPair);
    return [text, textPair];
  });
}

function checkIsPair(action: string, input: unknown): void {
  if (typeof input === "object" && input !== null && "text" in input) {
    return checkOptions(action, input, KEYS);
  }
  throw new TypeError(
    `Cannot ${action}: it is ${
      describe(input)
    }; pass a string, or { text, textPair } for a pair`,
  );
}

function checkIsText(action: string, key: string, value: unknown): void {
  if (typeof value === "string") return;
  throw new TypeError(
    `Cannot ${action}: its ${key} is ${describe(value)}, not a string`,
  );
}
