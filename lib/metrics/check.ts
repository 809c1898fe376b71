/**
 * Input checks and warnings shared by the metrics.
 *
 * @module
 */

import { describe, isPromise } from "../check_options.ts";

/**
 * Checks that values are an array of numbers.
 *
 * @param name Name of the values, `predictions` or `references`.
 * @param values The values.
 * @throws {TypeError} If they are a promise, a tensor, or anything else without a length.
 */
export function checkNumbers(name: string, values: unknown): void {
  const { length } = (values ?? {}) as Partial<ArrayLike<number>>;
  if (typeof values === "object" && typeof length === "number") return;
  const remedy = isPromise(values)
    ? `await it: { ${name}: await argmax(logits) }`
    : "pass an array of numbers, such as await argmax(logits)";
  throw new TypeError(
    `Cannot score ${name}: they are ${describe(values)}; ${remedy}`,
  );
}

/**
 * Checks that there is one reference per prediction.
 *
 * @param predictions Predictions of a model, `[N]`.
 * @param references References, `[N]`.
 * @throws {RangeError} If their lengths differ.
 * @throws {TypeError} If one of them is not an array.
 */
export function checkLengths(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): void {
  checkNumbers("predictions", predictions);
  checkNumbers("references", references);
  if (predictions.length !== references.length) {
    throw new RangeError(
      `Mismatch in the number of predictions (${predictions.length}) and references (${references.length})`,
    );
  }
}

/**
 * Checks that predictions and references are classes.
 *
 * @param predictions Predictions of a model, `[N]`.
 * @param references References, `[N]`.
 * @throws {RangeError} If their lengths differ.
 * @throws {TypeError} If a value is not a whole number.
 */
export function checkClasses(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): void {
  checkLengths(predictions, references);
  for (const [name, values] of Object.entries({ predictions, references })) {
    const misfit = Array.from(values).find((value) => !Number.isInteger(value));
    if (misfit !== undefined) {
      throw new TypeError(
        `Cannot use ${misfit} in the ${name}: a class must be a whole number; take the argmax of the logits first`,
      );
    }
  }
}

/**
 * Warns about a score that is ill-defined.
 *
 * @param message The problem.
 */
export function warn(message: string): void {
  // deno-lint-ignore no-console -- as in scikit-learn and SciPy, the score is returned nonetheless
  console.warn(`warning: ${message}`);
}
