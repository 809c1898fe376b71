/**
 * Classification scores, with the conventions of scikit-learn.
 *
 * @module
 */
import { checkClasses, warn } from "./check.ts";

/**
 * Computes the share of correct predictions: `1/N Σ (p = r)`.
 *
 * @param predictions Predicted classes, `[N]`.
 * @param references True classes, `[N]`.
 * @returns A number in [0, 1].
 * @throws {RangeError} If there are no values, or their lengths differ.
 * @throws {TypeError} If a value is not a whole number.
 */
export function accuracy(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  const pairs = toPairs(predictions, references);
  return pairs.filter(([p, r]) => p === r).length / pairs.length;
}

/**
 * Computes F1, the harmonic mean of precision and recall, of class 1:
 * `2TP / (2TP + FP + FN)`. If neither the predictions nor the references contain
 * a 1, it is 0, with a warning, as in scikit-learn.
 *
 * @param predictions Predicted classes, `[N]`.
 * @param references True classes, `[N]`.
 * @returns A number in [0, 1].
 * @throws {RangeError} If there are no values, their lengths differ, there are
 * more than two classes, or two classes of which none is 1.
 * @throws {TypeError} If a value is not a whole number.
 */
export function f1Score(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  const pairs = toPairs(predictions, references);
  const classes = [...new Set(pairs.flat())].sort((a, b) => a - b);
  if (classes.length > 2) {
    throw new RangeError(
      `Target is multiclass but average='binary': F1 needs two classes, but there are ${
        classes.join(", ")
      }`,
    );
  }
  if (classes.length === 2 && !classes.includes(1)) {
    throw new RangeError(
      `pos_label=1 is not a valid label: F1 is that of class 1, but the classes are ${
        classes.join(", ")
      }`,
    );
  }
  const truePositives = pairs.filter(([p, r]) => p === 1 && r === 1).length;
  const errors = pairs.filter(([p, r]) => p !== r).length;
  if (truePositives + errors === 0) {
    warn(
      "F-score is ill-defined and being set to 0.0 due to no true nor predicted samples",
    );
    return 0;
  }
  return 2 * truePositives / (2 * truePositives + errors);
}

/**
 * Computes Matthews' correlation coefficient: for two classes
 * `(TP·TN - FP·FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN))`, for more
 * Gorodkin's R_K. It is 0 if the denominator is 0.
 *
 * Source: Gorodkin 2004, https://doi.org/10.1016/j.compbiolchem.2004.09.006
 *
 * @param predictions Predicted classes, `[N]`.
 * @param references True classes, `[N]`.
 * @returns A number in [-1, 1].
 * @throws {RangeError} If there are no values, or their lengths differ.
 * @throws {TypeError} If a value is not a whole number.
 */
export function matthewsCorrelation(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  const pairs = toPairs(predictions, references);
  const n = pairs.length;
  const correct = pairs.filter(([p, r]) => p === r).length;
  let both = 0; // Σ_k (predictions of class k)(references of class k)
  let predicted = 0; // Σ_k (predictions of class k)²
  let actual = 0; // Σ_k (references of class k)²
  for (const k of new Set(pairs.flat())) {
    const p = pairs.filter((pair) => pair[0] === k).length;
    const r = pairs.filter((pair) => pair[1] === k).length;
    both += p * r;
    predicted += p * p;
    actual += r * r;
  }
  const variances = (n * n - predicted) * (n * n - actual);
  return variances === 0 ? 0 : (correct * n - both) / Math.sqrt(variances);
}

function toPairs(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): [prediction: number, reference: number][] {
  checkClasses(predictions, references);
  if (predictions.length === 0) {
    throw new RangeError("Cannot compute a score of no predictions");
  }
  return Array.from(predictions, (p, i) => [p, references[i]!]);
}
