/**
 * The metrics of the GLUE tasks, accumulated batch by batch as in Hugging Face's
 * evaluate.
 *
 * Source: https://github.com/huggingface/evaluate/blob/main/metrics/glue/glue.py
 *
 * @module
 */
import { checkClasses, checkLengths, checkNumbers } from "./check.ts";
import { accuracy, f1Score, matthewsCorrelation } from "./classification.ts";
import { pearson, spearman } from "./correlation.ts";

/** The score of most tasks. */
export interface AccuracyScore {
  /** Share of correct predictions. */
  accuracy: number;
}

/** The scores of tasks with imbalanced classes. */
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
  /** Natural language inference on pairs of sentences. */
  mnli: AccuracyScore;
  /** MNLI on genres that are not in the training data. */
  "mnli_mismatched": AccuracyScore;
  /** MNLI on the genres of the training data. */
  "mnli_matched": AccuracyScore;
  /** Grammatical acceptability of a sentence. */
  cola: MatthewsScore;
  /** Similarity of two sentences, from 0 to 5. */
  stsb: CorrelationScore;
  /** Paraphrase detection on pairs of sentences. */
  mrpc: AccuracyAndF1Score;
  /** Paraphrase detection on pairs of questions. */
  qqp: AccuracyAndF1Score;
  /** Question answering as inference: whether a sentence answers a question. */
  qnli: AccuracyScore;
  /** Textual entailment; a small data set. */
  rte: AccuracyScore;
  /** Coreference of pronouns, as inference. */
  wnli: AccuracyScore;
  /** MNLI on adversarial pairs with high word overlap. */
  hans: AccuracyScore;
}

/** Numbers of one batch: an array, a typed array, or a host tensor. */
export type MetricValues = ArrayLike<number> | {
  /** The numbers. */
  readonly data: ArrayLike<number>;
};

/** A prediction and its reference. */
export interface MetricExample {
  /** Prediction of a model. */
  prediction: number;
  /** Reference. */
  reference: number;
}

/** The predictions and references of a batch. */
export interface MetricBatch {
  /** Predictions of a model, `[B]`. */
  predictions: MetricValues;
  /** References, `[B]`. `undefined`, for a batch without labels, is an error. */
  references: MetricValues | undefined;
}

type Score = (p: ArrayLike<number>, r: ArrayLike<number>) => number;

/** Scores of each task, in order. */
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

/** Functions by the names of metrics in evaluate. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  "accuracy": "accuracy",
  "f1": "f1Score",
  "matthews_correlation": "matthewsCorrelation",
  "pearsonr": "pearson",
  "spearmanr": "spearman",
};

/** Accumulates predictions and computes their scores. */
export class Metric<Scores> {
  #scores: Record<keyof Scores, Score>;
  #check: (p: ArrayLike<number>, r: ArrayLike<number>) => void;
  #predictions: number[] = [];
  #references: number[] = [];

  /**
   * Makes a metric; for the GLUE tasks use {@linkcode loadMetric}.
   *
   * @param scores Score functions by name.
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
   * @param example The prediction and its reference.
   * @throws {TypeError} If classes are scored and one is not a whole number.
   */
  add({ prediction, reference }: MetricExample): void {
    this.addBatch({ predictions: [prediction], references: [reference] });
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
    const p = toNumbers("predictions", predictions);
    const r = toNumbers("references", references);
    this.#check(p, r);
    for (let i = 0; i < p.length; i++) {
      this.#predictions.push(p[i]!);
      this.#references.push(r[i]!);
    }
  }

  /**
   * Computes the scores of everything that was added, and resets the metric.
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
 * Loads the metric of a GLUE task.
 *
 * @param path The benchmark: `"glue"`.
 * @param configName The task, such as `"mrpc"`.
 * @returns An empty metric.
 * @throws {RangeError} If there is no such benchmark or task.
 */
export function loadMetric<Task extends keyof GlueScores>(
  path: "glue",
  configName: Task,
): Metric<GlueScores[Task]> {
  if (path !== "glue") {
    const name = FUNCTIONS[path];
    throw new RangeError(
      `There is no metric "${path}": the only one is "glue"; call ${
        name ??
          "accuracy, f1Score, matthewsCorrelation, pearson or spearman"
      }(predictions, references)`,
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

function toNumbers(name: string, values: MetricValues): ArrayLike<number> {
  const isNested = typeof values === "object" && values && "data" in values;
  const numbers = isNested ? values.data : values;
  checkNumbers(name, numbers);
  return numbers;
}
