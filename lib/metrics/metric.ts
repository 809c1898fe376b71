/**
 * Scores accumulated batch by batch, as in Hugging Face's evaluate.
 *
 * Source: https://github.com/huggingface/evaluate/blob/main/src/evaluate/module.py
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import { checkNumbers } from "./check.ts";
import type { MetricMatrix } from "./matrix.ts";

/**
 * Values of one batch: an array, a typed array, or a host tensor of B numbers; or
 * a matrix `[B, L]`, for several labels per row.
 */
export type MetricValues = ArrayLike<number> | MetricMatrix | {
  /** The numbers. */
  readonly data: ArrayLike<number>;
};

/** A prediction and its reference. */
export interface MetricExample {
  /** Prediction of a model; `[L]` for several labels. */
  prediction: number | ArrayLike<number>;
  /** Reference; `[L]` for several labels. */
  reference: number | ArrayLike<number>;
}

/** The predictions and references of a batch. */
export interface MetricBatch {
  /** Predictions of a model, `[B]`, or `[B, L]` for several labels per row. */
  predictions: MetricValues;
  /** References, of the same shape. `undefined`, for a batch without labels, is an error. */
  references: MetricValues | undefined;
}

/** A function of predictions and references for each score. */
export type ScoreFunctions<
  Scores,
  Options extends object = Record<never, never>,
> = {
  readonly [Name in keyof Scores]: (
    predictions: ArrayLike<number>,
    references: ArrayLike<number>,
    options: Options,
  ) => Scores[Name];
};

/** Accumulates predictions and computes their scores, with the given options. */
export class Metric<Scores, Options extends object = Record<never, never>> {
  #scores: ScoreFunctions<Scores, Options>;
  #check: (p: ArrayLike<number>, r: ArrayLike<number>) => void;
  #options: Readonly<Record<string, true>>;
  // Rows of several labels are arrays; the score functions tell them from numbers.
  #predictions: number[] = [];
  #references: number[] = [];

  /**
   * Makes a metric of one's own; for known ones use {@linkcode loadMetric}.
   *
   * @param scores Score functions by name. Of a matrix they get an array of rows.
   * @param check Throws if predictions and references cannot be scored.
   * @param options Names of the options that the functions take. Default: none.
   */
  constructor(
    scores: ScoreFunctions<Scores, Options>,
    check: (
      predictions: ArrayLike<number>,
      references: ArrayLike<number>,
    ) => void,
    options?: Readonly<Record<keyof Options & string, true>>,
  ) {
    this.#scores = scores;
    this.#check = check;
    this.#options = { predictions: true, references: true, ...options };
  }

  /**
   * Adds one prediction.
   *
   * @param example The prediction and its reference.
   * @throws {TypeError} If classes are scored and one is not a whole number.
   */
  add({ prediction, reference }: MetricExample): void {
    this.addBatch({
      predictions: [prediction] as MetricValues,
      references: [reference] as MetricValues,
    });
  }

  /**
   * Adds the predictions of a batch.
   *
   * @param batch The predictions and references.
   * @throws {RangeError} If their lengths differ; nothing is then added.
   * @throws {TypeError} If there are no references, one of the two is a promise or
   * a tensor, or classes are scored and one is not a whole number.
   */
  addBatch({ predictions, references }: MetricBatch): void {
    if (references === undefined) {
      throw new TypeError(
        "Cannot score predictions without references: the batch has no labels; add a label column to the data",
      );
    }
    const p = toValues("predictions", predictions);
    const r = toValues("references", references);
    this.#check(p, r);
    for (let i = 0; i < p.length; i++) {
      this.#predictions.push(p[i]!);
      this.#references.push(r[i]!);
    }
  }

  /**
   * Computes the scores of everything that was added, and resets the metric.
   *
   * @param options Options of the scores. `predictions` and `references`, if given,
   * are added first.
   * @returns The scores by name.
   * @throws {Error} If nothing was added.
   * @throws {RangeError} If a score is not defined for these classes.
   * @throws {TypeError} If there is no such option.
   */
  compute(options?: Options & Partial<MetricBatch>): Scores {
    checkOptions("compute a metric", options, this.#options);
    const { predictions: p, references: r, ...others } = options ??
      {} as Options & Partial<MetricBatch>;
    if (p !== undefined || r !== undefined) {
      this.addBatch({ predictions: p!, references: r }); // refuses a missing one
    }
    const predictions = this.#predictions;
    const references = this.#references;
    if (predictions.length === 0) {
      throw new Error(
        "Cannot compute a metric: nothing was added; call `add` or `addBatch` at least once before calling `compute`",
      );
    }
    this.#predictions = [];
    this.#references = [];
    return Object.fromEntries(
      Object.entries<ScoreFunctions<Scores, Options>[keyof Scores]>(
        this.#scores,
      ).map((
        [name, score],
      ) => [
        name,
        score(predictions, references, others as unknown as Options),
      ]),
    ) as Scores;
  }
}

/** Returns one number per row of the batch, or the rows of several numbers. */
function toValues(name: string, values: MetricValues): ArrayLike<number> {
  const isNested = typeof values === "object" && values && "data" in values;
  const numbers = isNested ? values.data : values;
  checkNumbers(name, numbers);
  const columns = isNested && "shape" in values && values.shape.length === 2
    ? values.shape[1]!
    : 1;
  // A single column is one number per row, such as the only logit of a regression.
  if (columns === 1) return numbers as ArrayLike<number>;
  const flat = Array.from(numbers as ArrayLike<number>);
  return Array.from(
    { length: flat.length / columns },
    (_, row) => flat.slice(row * columns, (row + 1) * columns),
  ) as unknown as ArrayLike<number>;
}
