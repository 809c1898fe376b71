/**
 * Errors of predicted numbers, with the conventions of scikit-learn.
 *
 * @module
 */
import { checkFinite, checkLengths, checkNotEmpty, warn } from "./check.ts";

/**
 * Computes the mean squared error: `1/N Σ (p - r)²`.
 *
 * @param predictions Predicted numbers, `[N]`.
 * @param references True numbers, `[N]`.
 * @returns A number from 0.
 * @throws {RangeError} If there are no values, their lengths differ, or one is not finite.
 */
export function meanSquaredError(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  checkPairs(predictions, references);
  return squaredErrors(predictions, references) / references.length;
}

/**
 * Computes the mean absolute error: `1/N Σ |p - r|`.
 *
 * @param predictions Predicted numbers, `[N]`.
 * @param references True numbers, `[N]`.
 * @returns A number from 0.
 * @throws {RangeError} If there are no values, their lengths differ, or one is not finite.
 */
export function meanAbsoluteError(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  checkPairs(predictions, references);
  let sum = 0;
  for (let i = 0; i < references.length; i++) {
    sum += Math.abs(predictions[i]! - references[i]!);
  }
  return sum / references.length;
}

/**
 * Computes the coefficient of determination, R²: `1 - Σ (p - r)² / Σ (r - r̄)²`. If
 * the references are constant it is 1 without errors, else 0; it is NaN, with a
 * warning, for a single value.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.r2_score.html
 *
 * @param predictions Predicted numbers, `[N]`.
 * @param references True numbers, `[N]`.
 * @returns A number up to 1, or NaN.
 * @throws {RangeError} If there are no values, their lengths differ, or one is not finite.
 */
export function r2Score(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  checkPairs(predictions, references);
  const n = references.length;
  if (n < 2) {
    warn("R² of fewer than two values is not defined");
    return NaN;
  }
  let [sum, isConstant] = [0, true];
  for (let i = 0; i < n; i++) {
    sum += references[i]!;
    isConstant &&= references[i] === references[0];
  }
  const errors = squaredErrors(predictions, references);
  if (isConstant) return errors === 0 ? 1 : 0; // the rounded mean may not be the constant
  let deviations = 0;
  for (let i = 0; i < n; i++) deviations += (references[i]! - sum / n) ** 2;
  return 1 - errors / deviations;
}

function squaredErrors(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  let sum = 0;
  for (let i = 0; i < references.length; i++) {
    sum += (predictions[i]! - references[i]!) ** 2;
  }
  return sum;
}

function checkPairs(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): void {
  checkLengths(predictions, references);
  checkNotEmpty(references.length);
  checkFinite("predictions", predictions);
  checkFinite("references", references);
}
