/**
 * Weights of classes, as options of losses.
 *
 * @module
 */
import { describe } from "../check_options.ts";

/**
 * Rejects weights that are not one number from 0 for each class.
 *
 * @param action The action, such as `take the cross-entropy`.
 * @param name Name of the option.
 * @param weights Its value.
 * @param classes Number of classes.
 * @throws {TypeError} If they are not an array.
 * @throws {RangeError} If there are more or fewer, or one is negative or not finite.
 */
export function checkClassWeights(
  action: string,
  name: string,
  weights: ArrayLike<number>,
  classes: number,
): void {
  if (!Array.isArray(weights) && !ArrayBuffer.isView(weights)) {
    throw new TypeError(
      `Cannot ${action}: ${name} is ${
        describe(weights)
      }; pass an array of numbers, one for each class`,
    );
  }
  if (weights.length !== classes) {
    throw new RangeError(
      `Cannot ${action}: ${name} has ${weights.length} numbers for logits of ${classes} columns; pass one for each class`,
    );
  }
  for (let i = 0; i < classes; i++) {
    const weight = weights[i]!;
    if (weight >= 0 && weight < Infinity) continue;
    throw new RangeError(
      `Cannot ${action}: ${name}[${i}] is ${weight}; a weight is a number from 0`,
    );
  }
}
