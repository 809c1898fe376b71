/**
 * Correlation of predicted numbers, with the conventions of SciPy.
 *
 * @module
 */
import { checkLengths, warn } from "./check.ts";

/**
 * Computes Pearson's correlation coefficient:
 * `Σ (x - x̄)(y - ȳ) / sqrt(Σ (x - x̄)² · Σ (y - ȳ)²)`. It is NaN, with a warning,
 * if the predictions or the references are constant.
 *
 * @param predictions Predicted numbers, `[N]`.
 * @param references True numbers, `[N]`.
 * @returns A number in [-1, 1], or NaN.
 * @throws {RangeError} If there are fewer than two values, or their lengths differ.
 */
export function pearson(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  checkPairs(predictions, references);
  const pair = bothDeviations(predictions, references);
  if (!pair) return NaN;
  const [x, y] = pair;
  const correlation = dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  return Math.max(-1, Math.min(1, correlation)); // rounding can exceed 1
}

/**
 * Computes Spearman's correlation coefficient: Pearson's coefficient of the
 * ranks, where ties share their mean rank.
 *
 * @param predictions Predicted numbers, `[N]`.
 * @param references True numbers, `[N]`.
 * @returns A number in [-1, 1], or NaN as in {@linkcode pearson}.
 * @throws {RangeError} If there are fewer than two values, or their lengths differ.
 */
export function spearman(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): number {
  checkPairs(predictions, references);
  const pair = bothDeviations(ranks(predictions), ranks(references));
  if (!pair) return NaN;
  const [x, y] = pair;
  // Ranks are exact, so the order of operations of NumPy's corrcoef gives SciPy's exact digits.
  const share = 1 / (x.length - 1);
  const [sx, sy] = [x, y].map((values) =>
    Math.sqrt(dot(values, values) * share)
  );
  return Math.max(-1, Math.min(1, dot(x, y) * share / sx! / sy!));
}

function checkPairs(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): void {
  checkLengths(predictions, references);
  if (predictions.length < 2) {
    throw new RangeError(
      `Cannot compute a correlation of ${predictions.length} values: at least 2 are needed`,
    );
  }
}

/** Returns the deviations of both; `undefined`, with a warning, if one is constant. */
function bothDeviations(
  predictions: ArrayLike<number>,
  references: ArrayLike<number>,
): [number[], number[]] | undefined {
  const x = deviations(predictions);
  const y = deviations(references);
  if (x && y) return [x, y];
  warn(
    "An input array is constant; the correlation coefficient is not defined",
  );
  return undefined;
}

/** Returns the values minus their mean; `undefined` if they are constant. */
function deviations(values: ArrayLike<number>): number[] | undefined {
  const x = Array.from(values);
  if (x.every((value) => value === x[0])) return undefined;
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return x.map((value) => value - mean);
}

function dot(x: number[], y: number[]): number {
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}

/** Returns ranks from 1, or all NaN if a value is NaN, which has no order. */
function ranks(values: ArrayLike<number>): number[] {
  const x = Array.from(values);
  if (x.some(Number.isNaN)) return x.map(() => NaN);
  const order = x.map((_, i) => i).sort((a, b) => x[a]! - x[b]!);
  const result = new Array<number>(x.length);
  let end = 0;
  for (let start = 0; start < order.length; start = end) {
    while (end < order.length && x[order[end]!] === x[order[start]!]) end++;
    for (let i = start; i < end; i++) {
      result[order[i]!] = (start + 1 + end) / 2; // the mean of start + 1 to end
    }
  }
  return result;
}
