/**
 * The metrics of the GLUE tasks, gathered batch by batch as in Hugging Face's
 * evaluate.
 *
 * Source: https://github.com/huggingface/evaluate/blob/main/metrics/glue/glue.py
 *
 * @module
 */
import { checkClasses, checkLengths } from "./check.ts";
import { accuracy, f1Score, matthewsCorrelation } from "./classification.ts";
import { pearson, spearman } from "./correlation.ts";

/** The scores of most tasks. */
export interface AccuracyScore {
  /** The share of right predictions. */
  accuracy: number;
}

/** The scores of tasks whose classes are not even. */
export interface AccuracyAndF1Score extends AccuracyScore {
  /** F1 of class 1. */
  f1: number;
}

/** The score of CoLA. */
export interface MatthewsScore {
  /** Matthews' correlation coefficient. */
  matthewsCorrelation: number;
}

/** The scores of STS-B. */
export interface CorrelationScore {
  /** Pearson's correlation coefficient. */
  pearson: number;
  /** Spearman's correlation coefficient. */
  spearmanr: number;
}

/** The scores of each GLUE task. */
export interface GlueScores {
  /** Sentiment of a sentence. */
  sst2: AccuracyScore;
  /** Whether one sentence follows from another. */
  mnli: AccuracyScore;
  /** MNLI on text of other kinds than it was trained on. */
  "mnli_mismatched": AccuracyScore;
  /** MNLI on text of the kinds it was trained on. */
  "mnli_matched": AccuracyScore;
  /** Whether a sentence is grammatical. */
  cola: MatthewsScore;
  /** How like two sentences are, from 0 to 5. */
  stsb: CorrelationScore;
  /** Whether two sentences say the same. */
  mrpc: AccuracyAndF1Score;
  /** Whether two questions ask the same. */
  qqp: AccuracyAndF1Score;
  /** Whether a sentence answers a question. */
  qnli: AccuracyScore;
  /** Whether one sentence follows from another; few examples. */
  rte: AccuracyScore;
  /** What a pronoun refers to. */
  wnli: AccuracyScore;
  /** MNLI on sentences that share their words but not their meaning. */
  hans: AccuracyScore;
}

/** Numbers of one batch: an array, a typed array, or a tensor on the host. */
export type MetricValues = ArrayLike<number> | {
  /** The numbers. */
  readonly data: ArrayLike<number>;
};

/** One prediction and what is right. */
export interface MetricExample {
  /** What a model says. */
  prediction: number;
  /** What is right. */
  reference: number;
}

/** The predictions of a batch and what is right. */
export interface MetricBatch {
  /** What a model says, `[B]`. */
  predictions: MetricValues;
  /** What is right, `[B]`. `undefined` is an error: the batch has no labels. */
  references: MetricValues | undefined;
}

type Score = (p: ArrayLike<number>, r: ArrayLike<number>) => number;

/** The scores of each task, in the order in which they are given. */
const SCORES: {
  [Task in keyof GlueScores]: Record<keyof GlueScores[Task], Score>;
} = {
  sst2: { accuracy },
  mnli: { accuracy },
  "mnli_mismatched": { accuracy },
  "mnli_matched": { accuracy },
  cola: { matthewsCorrelation },
  stsb: { pearson, spearmanr: spearman },
  mrpc: { accuracy, f1: f1Score },
  qqp: { accuracy, f1: f1Score },
  qnli: { accuracy },
  rte: { accuracy },
  wnli: { accuracy },
  hans: { accuracy },
};

/** Gathers predictions, then gives the scores of all of them. */
export class Metric<Scores> {
  #scores: Record<keyof Scores, Score>;
  #check: (p: ArrayLike<number>, r: ArrayLike<number>) => void;
  #predictions: number[] = [];
  #references: number[] = [];

  /**
   * Makes a metric; most callers want {@linkcode loadMetric}.
   *
   * @param scores The functions that give the scores, by name.
   * @param check Throws if predictions and references cannot be scored.
   */
  constructor(
    scores: Record<
      keyof Scores,
      (predictions: ArrayLike<number>, references: ArrayLike<number>) => number
    >,
    check: (
      predictions: ArrayLike<number>,
      references: ArrayLike<number>,
    ) => void,
  ) {
    this.#scores = scores;
    this.#check = check;
  }

  /**
   * Adds one prediction.
   *
   * @param example The prediction and what is right.
   * @throws {TypeError} If classes are scored and one is not a whole number.
   */
  add({ prediction, reference }: MetricExample): void {
    this.addBatch({ predictions: [prediction], references: [reference] });
  }

  /**
   * Adds the predictions of a batch.
   *
   * @param batch The predictions and what is right.
   * @throws {RangeError} If their lengths differ; nothing is added then.
   * @throws {TypeError} If there are no references, or classes are scored and
   * one is not a whole number.
   */
  addBatch({ predictions, references }: MetricBatch): void {
    if (references === undefined) {
      throw new TypeError(
        "Cannot score predictions without references: the batch has no labels",
      );
    }
    const p = toNumbers(predictions);
    const r = toNumbers(references);
    this.#check(p, r);
    for (let i = 0; i < p.length; i++) {
      this.#predictions.push(p[i]!);
      this.#references.push(r[i]!);
    }
  }

  /**
   * Gives the scores of everything that was added, and begins anew.
   *
   * @returns The scores by name.
   * @throws {Error} If nothing was added.
   * @throws {RangeError} If a score is not defined for these classes.
   */
  compute(): Scores {
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
      Object.entries<Score>(this.#scores)
        .map(([name, score]) => [name, score(predictions, references)]),
    ) as Scores;
  }
}

/**
 * Gives the metric of a GLUE task.
 *
 * @param path The benchmark: `"glue"`.
 * @param configName The task, such as `"mrpc"`.
 * @returns The metric, with nothing added.
 * @throws {RangeError} If there is no such benchmark or task.
 */
export function loadMetric<Task extends keyof GlueScores>(
  path: "glue",
  configName: Task,
): Metric<GlueScores[Task]> {
  if (path !== "glue") {
    throw new RangeError(
      `There is no metric "${path}": the one there is is "glue"`,
    );
  }
  if (!Object.hasOwn(SCORES, configName)) {
    throw new RangeError(
      `There is no GLUE task "${configName}": you should supply a configuration name selected in ${
        Object.keys(SCORES).join(", ")
      }`,
    );
  }
  return new Metric(
    SCORES[configName],
    configName === "stsb" ? checkLengths : checkClasses,
  );
}

function toNumbers(values: MetricValues): ArrayLike<number> {
  return "data" in values ? values.data : values;
}
