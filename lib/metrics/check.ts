/**
 * What every metric asks of its input, and how it warns.
 *
 * @module
 */

/**
 * Checks that there is one reference a prediction.
 *
 * @param predictions What a model says, `[N]`.
 * @param references What is right, `[N]`.
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
 * Checks that values are classes.
 *
 * @param predictions What a model says, `[N]`.
 * @param references What is right, `[N]`.
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
        `Cannot use ${misfit} among the ${name}: a class is a whole number; take the argmax of logits first`,
      );
    }
  }
}

/**
 * Tells about a score that is not what it seems.
 *
 * @param message What is wrong.
 */
export function warn(message: string): void {
  // deno-lint-ignore no-console -- as in scikit-learn and SciPy, the score is given all the same
  console.warn(`warning: ${message}`);
}
