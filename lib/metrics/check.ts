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
  checkCounts(predictions.length, references.length);
}

/**
 * Checks that there are as many references as predictions.
 *
 * @param predictions Number of predictions.
 * @param references Number of references.
 * @throws {RangeError} If they differ.
 */
export function checkCounts(predictions: number, references: number): void {
  if (predictions !== references) {
    throw new RangeError(
      `Mismatch in the number of predictions (${predictions}) and references (${references})`,
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
  checkWhole("predictions", predictions);
  checkWhole("references", references);
}

/**
 * Checks that there is something to score.
 *
 * @param count Number of predictions.
 * @throws {RangeError} If it is 0.
 */
export function checkNotEmpty(count: number): void {
  if (count === 0) {
    throw new RangeError("Cannot compute a score of no predictions");
  }
}

/**
 * Checks that numbers are finite, as scikit-learn does.
 *
 * @param name Name of the numbers, `predictions` or `references`.
 * @param values The numbers.
 * @throws {RangeError} If one is NaN or infinite.
 */
export function checkFinite(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new RangeError(
        `Cannot score the ${name}: number ${i} is ${
          values[i]
        }, but all must be finite`,
      );
    }
  }
}

let muted = false;

/**
 * Warns about a score that is ill-defined.
 *
 * @param message The problem.
 */
export function warn(message: string): void {
  if (muted) return;
  // deno-lint-ignore no-console -- as in scikit-learn and SciPy, the score is returned nonetheless
  console.warn(`warning: ${message}`);
}

/**
 * Calls a function without the warnings of {@linkcode warn}: a thousand resamples
 * of the same rows would repeat one.
 *
 * @param call The function.
 * @returns Its result.
 */
export function withoutWarnings<T>(call: () => T): T {
  const before = muted;
  muted = true;
  try {
    return call();
  } finally {
    muted = before;
  }
}

function checkWhole(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isInteger(values[i])) {
      throw new TypeError(
        `Cannot use ${
          values[i]
        } in the ${name}: a class must be a whole number; take the argmax of the logits first`,
      );
    }
  }
}
