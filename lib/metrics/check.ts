/**
 * Input checks and warnings shared by the metrics.
 *
 * @module
 */

/**
 * Checks that there is one reference per prediction.
 *
 * @param predictions Predictions of a model, `[N]`.
 * @param references References, `[N]`.
 * @throws {RangeError} If their lengths differ.
 */
export function checkLengths(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): void {
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
