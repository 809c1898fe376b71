/**
 * Labels that are written as text, as numbers.
 *
 * @module
 */

/** A JSON number: codes with leading zeros stay text. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** A whole number, also as pandas writes it beside a missing one: `1.0`. */
const WHOLE = /^-?(?:0|[1-9]\d*)(?:\.0+)?$/;

/**
 * Reads labels that are text as numbers, if every one is a number that a double
 * holds. Codes stay text: with leading zeros, as `007`, or, where all are whole
 * numbers, with an exponent, as `1e5` beside `100000`.
 *
 * @param labels The labels; white space around them has no meaning.
 * @returns The numbers; `undefined` if the labels are not text, or no numbers.
 */
export function numericLabels(
  labels: readonly unknown[],
): number[] | undefined {
  const numbers: number[] = [];
  let areWhole = true;
  let areExact = true;
  for (const label of labels) {
    if (typeof label !== "string") return undefined;
    const text = label.trim();
    const number = Number(text);
    if (!NUMBER.test(text) || !Number.isFinite(number)) return undefined;
    const isWhole = WHOLE.test(text);
    if (isWhole && !Number.isSafeInteger(number)) return undefined;
    areWhole &&= Number.isInteger(number);
    areExact &&= isWhole;
    numbers.push(number);
  }
  return areWhole && !areExact ? undefined : numbers;
}
