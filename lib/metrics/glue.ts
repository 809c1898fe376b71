/**
 * The scores of the GLUE tasks.
 *
 * Source: https://github.com/huggingface/evaluate/blob/main/metrics/glue/glue.py
 *
 * @module
 */
import { checkClasses, checkLengths } from "./check.ts";
import { accuracy, matthewsCorrelation } from "./classification.ts";
import { pearson, spearman } from "./correlation.ts";
import { Metric, type ScoreFunctions } from "./metric.ts";
import { f1Score } from "./precision_recall.ts";

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

/** Scores of each task, in order. */
const SCORES: {
  readonly [Task in keyof GlueScores]: ScoreFunctions<GlueScores[Task]>;
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

/**
 * Makes the metric of a GLUE task.
 *
 * @param task The task, such as `"mrpc"`.
 * @returns An empty metric.
 * @throws {RangeError} If there is no such task.
 */
export function glueMetric<Task extends keyof GlueScores>(
  task: Task,
): Metric<GlueScores[Task]> {
  if (!Object.hasOwn(SCORES, task)) {
    throw new RangeError(
      `There is no GLUE task "${task}": you should supply a configuration name selected in ${
        Object.keys(SCORES).join(", ")
      }`,
    );
  }
  return new Metric(
    SCORES[task],
    task === "stsb" ? checkLengths : checkClasses,
  );
}
