/**
 * Scores of predicted probabilities: log loss, Brier score and calibration.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import {
  checkCounts,
  checkFinite,
  checkNotEmpty,
  checkNumbers,
} from "./check.ts";
import {
  isMatrix,
  type Matrix,
  type MetricMatrix,
  toMatrix,
} from "./matrix.ts";

/** Options of {@linkcode expectedCalibrationError}. */
export interface CalibrationOptions {
  /** Number of bins of equal width. Default: 15, as in Guo et al.; 10 is common too. */
  readonly nBins?: number;
}

/** Rows whose confidence is in `(lower, upper]`. */
export interface CalibrationBin {
  /** Exclusive lower bound. */
  lower: number;
  /** Inclusive upper bound. */
  upper: number;
  /** Number of rows. */
  count: number;
  /** Mean confidence; NaN without rows. */
  confidence: number;
  /** Share of correct predictions; NaN without rows. */
  accuracy: number;
}

/** Calibration of predicted probabilities. */
export interface Calibration {
  /** Expected calibration error, in [0, 1]. */
  error: number;
  /** The bins of a reliability diagram, in ascending order. */
  bins: CalibrationBin[];
}

const OPTIONS: OptionNames<CalibrationOptions> = { nBins: true };

/** Rounding of f32, to which probabilities may sum to 1. */
const SUM_TOLERANCE = Math.sqrt(2 ** -23);

/**
 * Computes the log loss, or cross-entropy: the mean of `-ln p` of the true class, in
 * nats. Probabilities are clipped to `[ε, 1 - ε]` with ε = 2^-52, as in scikit-learn.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html
 *
 * @param predictions Probabilities of each class, `[N, C]`, or of class 1 of two, `[N]`.
 * @param references True classes, `[N]`, from 0 to C - 1.
 * @returns A number from 0.
 * @throws {RangeError} If there are no rows, their numbers differ, the numbers of a
 * row are no probabilities, or a reference is not the number of a column.
 * @throws {TypeError} If one of the two is not an array.
 */
export function logLoss(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number>,
): number {
  const { data, rows, columns } = toProbabilities(predictions, references);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const probability = data[row * columns + references[row]!]!;
    sum -= Math.log(
      Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probability)),
    );
  }
  return sum / rows;
}

/**
 * Computes the Brier score, the mean squared error of the probabilities:
 * `1/N Σ (p - r)²` for two classes, `1/N Σ_n Σ_c (p - r)²` for more.
 *
 * Source: Brier 1950, https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2
 * and https://scikit-learn.org/stable/modules/generated/sklearn.metrics.brier_score_loss.html
 *
 * @param predictions Probabilities of each class, `[N, C]`, or of class 1 of two, `[N]`.
 * @param references True classes, `[N]`, from 0 to C - 1.
 * @returns A number in [0, 1] for two classes, in [0, 2] for more.
 * @throws {RangeError} As {@linkcode logLoss}.
 * @throws {TypeError} As {@linkcode logLoss}.
 */
export function brierScoreLoss(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number>,
): number {
  const { data, rows, columns } = toProbabilities(predictions, references);
  let sum = 0;
  for (let i = 0; i < rows * columns; i++) {
    const actual = references[Math.floor(i / columns)] === i % columns ? 1 : 0;
    sum += (data[i]! - actual) ** 2;
  }
  return sum / rows / (columns < 3 ? 2 : 1);
}

/**
 * Computes the expected calibration error, `Σ_m |B_m|/N · |acc(B_m) - conf(B_m)|`,
 * where `B_m` are the rows whose confidence, the probability of the predicted class,
 * is in `((m - 1)/M, m/M]`.
 *
 * Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation 3
 *
 * @param predictions Probabilities of each class, `[N, C]`, or of class 1 of two, `[N]`.
 * @param references True classes, `[N]`, from 0 to C - 1.
 * @param options Number of bins.
 * @returns The error, and the bins of a reliability diagram.
 * @throws {RangeError} As {@linkcode logLoss}, and if `nBins` is not a whole number from 1.
 * @throws {TypeError} As {@linkcode logLoss}, and if there is no such option.
 */
export function expectedCalibrationError(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number>,
  options?: CalibrationOptions,
): Calibration {
  checkOptions("compute a calibration error", options, OPTIONS);
  const { nBins = 15 } = options ?? {};
  if (!Number.isInteger(nBins) || nBins < 1) {
    throw new RangeError(
      `Cannot make ${nBins} bins: nBins must be a whole number from 1`,
    );
  }
  const { data, rows, columns } = toProbabilities(predictions, references);
  const bins = Array.from(
    { length: nBins },
    () => ({ count: 0, confidence: 0, correct: 0 }),
  );
  for (let row = 0; row < rows; row++) {
    let predicted = 0;
    const at = row * columns;
    for (let c = 1; c < columns; c++) {
      if (data[at + c]! > data[at + predicted]!) predicted = c;
    }
    const confidence = data[at + predicted]!;
    const bin = bins[binOf(confidence, nBins)]!;
    bin.count++;
    bin.confidence += confidence;
    if (predicted === references[row]) bin.correct++;
  }
  return {
    error: bins.reduce(
      (sum, { confidence, correct }) => sum + Math.abs(correct - confidence),
      0,
    ) / rows,
    bins: bins.map(({ count, confidence, correct }, m) => ({
      lower: m / nBins,
      upper: (m + 1) / nBins,
      count,
      confidence: confidence / count,
      accuracy: correct / count,
    })),
  };
}

/** Returns m, counted from 0, where `m/M < confidence <= (m + 1)/M`. */
function binOf(confidence: number, nBins: number): number {
  const m = Math.floor(confidence * nBins);
  return m > 0 && confidence <= m / nBins ? m - 1 : m; // a bound, or 1
}

function toProbabilities(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number>,
): Matrix {
  const matrix = isMatrix(predictions)
    ? toMatrix("predictions", predictions)
    : bothClasses(predictions);
  const { data, rows, columns } = matrix;
  checkNumbers("references", references);
  checkCounts(rows, references.length);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) {
      const probability = data[row * columns + c]!;
      if (probability < 0 || probability > 1) {
        throw new RangeError(
          `Cannot use ${probability} of row ${row}: a probability must be in [0, 1]; take the softmax of the logits first`,
        );
      }
      sum += probability;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new RangeError(
        `Cannot use the probabilities of row ${row}: they sum to ${sum}, not 1; take the softmax of the logits first`,
      );
    }
    const label = references[row]!;
    if (!Number.isInteger(label) || label < 0 || label >= columns) {
      throw new RangeError(
        `Cannot use ${label} in the references: there are probabilities of the classes 0 to ${
          columns - 1
        }`,
      );
    }
  }
  return matrix;
}

/** Makes `[1 - p, p]` of the probability p of class 1. */
function bothClasses(probabilities: ArrayLike<number>): Matrix {
  checkNumbers("predictions", probabilities);
  const rows = probabilities.length;
  checkNotEmpty(rows);
  checkFinite("predictions", probabilities);
  const data = new Float64Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    data[2 * row] = 1 - probabilities[row]!;
    data[2 * row + 1] = probabilities[row]!;
  }
  return { data, rows, columns: 2 };
}
