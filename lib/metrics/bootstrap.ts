/**
 * Confidence intervals of scores, by resampling the rows.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { Random } from "../random.ts";
import { checkNotEmpty, checkNumbers, withoutWarnings } from "./check.ts";

/** Options of {@linkcode bootstrap}. */
export interface BootstrapOptions {
  /** Number of resamples. Default: 1000. */
  readonly nResamples?: number;
  /** Share of the resampled scores within the interval. Default: 0.95. */
  readonly confidenceLevel?: number;
  /** Seed of the drawn rows. Default: 0. */
  readonly seed?: number;
}

/** A score and its confidence interval. */
export interface ConfidenceInterval {
  /** Score of all rows. */
  score: number;
  /** Lower bound. */
  low: number;
  /** Upper bound. */
  high: number;
}

const OPTIONS: OptionNames<BootstrapOptions> = {
  nResamples: true,
  confidenceLevel: true,
  seed: true,
};

/**
 * Computes a percentile interval of a score: the bounds are percentiles of the scores
 * of N rows drawn with replacement, again and again. An accuracy of 0.918 on 500 rows
 * is one of 0.894 to 0.940. Resamples whose score is NaN, such as the ROC AUC of no
 * positive row, are left out; warnings about resamples are not printed.
 *
 * Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13, and
 * https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.bootstrap.html
 * with `method="percentile"` and `paired=True`
 *
 * @param data Columns with one element per row: arrays or typed arrays, `[N]`;
 * several numbers per row are an array of rows.
 * @param statistic Score of the columns. They are overwritten by the next resample.
 * @param options Number of resamples, level and seed.
 * @returns The score of all rows, and the interval; NaN if no resample has a score.
 * @throws {RangeError} If there are no rows, the columns differ in length, or an option has no possible value.
 * @throws {TypeError} If a column is not an array, or there is no such option.
 *
 * @example
 * ```ts
 * import { bootstrap, f1Score } from "@gradloop/gradloop";
 *
 * const predictions = [0, 1, 2, 2, 0, 1, 1, 2];
 * const references = [0, 1, 2, 1, 0, 1, 2, 2];
 * const { score, low, high } = bootstrap(
 *   [predictions, references],
 *   (p, r) => f1Score(p, r, { average: "macro", labels: [0, 1, 2] }),
 * );
 * console.log(`${score} (${low} to ${high})`);
 * ```
 */
export function bootstrap<Columns extends readonly ArrayLike<unknown>[]>(
  data: readonly [...Columns],
  statistic: (...columns: NoInfer<Columns>) => number,
  options?: BootstrapOptions,
): ConfidenceInterval {
  checkOptions("bootstrap", options, OPTIONS);
  const { nResamples = 1000, confidenceLevel = 0.95, seed = 0 } = options ?? {};
  checkLevel(nResamples, confidenceLevel);
  const n = checkColumns(data);
  const random = new Random(seed);
  const samples = data.map(copy);
  const rows = new Uint32Array(n);
  const scores: number[] = [];
  withoutWarnings(() => {
    for (let k = 0; k < nResamples; k++) {
      for (let i = 0; i < n; i++) rows[i] = random.below(n);
      samples.forEach((sample, c) => gather(data[c]!, rows, sample));
      const score = statistic(...samples as unknown as Columns);
      if (!Number.isNaN(score)) scores.push(score);
    }
  });
  const sorted = Float64Array.from(scores).sort();
  const tail = (1 - confidenceLevel) / 2;
  return {
    score: statistic(...data),
    low: quantile(sorted, tail),
    high: quantile(sorted, 1 - tail),
  };
}

/** Returns a quantile, interpolated linearly between the nearest two, as NumPy does. */
function quantile(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return NaN;
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (at - below) * (high - low);
}

function gather(
  column: ArrayLike<unknown>,
  rows: Uint32Array,
  sample: unknown[],
): void {
  for (let i = 0; i < rows.length; i++) sample[i] = column[rows[i]!];
}

/** Copies a column to one of its own type, which resamples overwrite. */
function copy(column: ArrayLike<unknown>): unknown[] {
  return (column as unknown[]).slice();
}

function checkColumns(data: readonly ArrayLike<unknown>[]): number {
  for (const column of data) checkNumbers("columns", column);
  const n = data[0]?.length ?? 0;
  checkNotEmpty(n);
  const other = data.find(({ length }) => length !== n);
  if (other) {
    throw new RangeError(
      `Cannot resample rows: the columns have ${n} and ${other.length} of them`,
    );
  }
  return n;
}

function checkLevel(nResamples: number, confidenceLevel: number): void {
  if (!Number.isInteger(nResamples) || nResamples < 1) {
    throw new RangeError(
      `Cannot draw ${nResamples} resamples: nResamples must be a whole number from 1`,
    );
  }
  if (!(confidenceLevel > 0 && confidenceLevel < 1)) {
    throw new RangeError(
      `Cannot take an interval of level ${confidenceLevel}: confidenceLevel must be between 0 and 1, such as 0.95`,
    );
  }
}
