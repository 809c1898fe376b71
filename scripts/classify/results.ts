/**
 * Scores of a run on a task, and the predictions for a submission.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type DatasetDict, loadMetric } from "../../mod.ts";
import type { RunFigures } from "../run_folder/figures.ts";
import type { Evaluation, RunResults } from "../run_folder/run_parts.ts";
import type { EvaluationPlace } from "../run_folder/training_log.ts";
import { warnAboutConstant } from "../train/warnings.ts";
import type { Labels } from "./labels.ts";
import type { Task } from "./tasks.ts";

/** Scores by name; the first decides the best epoch. */
export type Scores = Readonly<Record<string, number>>;

/** A metric with scores of any names. */
export interface TaskMetric {
  /** Adds the predictions of a batch. */
  addBatch(
    batch: { predictions: ArrayLike<number>; references: ArrayLike<number> },
  ): void;
  /** Computes the scores of everything added, and resets the metric. */
  compute(): Scores;
}

/**
 * Loads the metric of a task, in the numbers of the data: F1 is that of its class 1.
 *
 * @param labels The labels of the task.
 * @returns The metric; it takes the model's numbers.
 */
export function metricOf({ metric: task, toData }: Labels): TaskMetric {
  const metric = loadMetric("glue", task);
  return {
    addBatch: ({ predictions, references }) =>
      metric.addBatch({
        predictions: Array.from(predictions, toData),
        references: Array.from(references, toData),
      }),
    compute: () => ({ ...metric.compute() }),
  };
}

/**
 * Names of the scores of a task, the first of which decides the best epoch.
 *
 * @param labels The labels of the task.
 * @returns The names.
 */
export function scoreNames({ metric }: Labels): readonly string[] {
  switch (metric) {
    case "cola":
      return ["matthewsCorrelation"];
    case "stsb":
      return ["pearson", "spearmanr"];
    case "mrpc":
    case "qqp":
      return ["accuracy", "f1"];
    default:
      return ["accuracy"];
  }
}

/** State of {@linkcode ClassifyResults}. */
interface ClassifyResultsState {
  readonly epochs: number;
  readonly last: Readonly<Record<string, Scores>>;
  readonly lastPlace: Place | null;
  readonly best: (Place & Scores) | null;
}

/** The place of an evaluation in a run. */
type Place = { readonly epoch: number; readonly step: number };

/** The scores of a run by validation split, with those of the majority-class baseline. */
export class ClassifyResults implements RunResults {
  readonly #task: Task;
  readonly #baseline: Scores | undefined;
  readonly #predicted = new Map<string, Set<number>>();
  #best: (Place & Scores) | undefined;
  #last = new Map<string, Scores>();
  #lastPlace: Place | undefined;
  #epochs = 0;

  /**
   * Computes the majority-class baseline of the first validation split, and prints it.
   *
   * @param rows The splits, with the column `labels`.
   * @param task The task.
   * @param labels The labels.
   */
  constructor(rows: DatasetDict, task: Task, labels: Labels) {
    this.#task = task;
    if (labels.names === undefined) return; // a constant has no correlation
    const references = rows.split(task.validation[0]!)
      .column("labels") as number[];
    const counts = labels.names
      .map((_, i) => references.filter((label) => label === i).length);
    const majority = counts.indexOf(Math.max(...counts));
    const metric = metricOf(labels);
    metric.addBatch({
      predictions: references.map(() => majority),
      references,
    });
    this.#baseline = metric.compute();
    console.log(
      `Majority-class baseline, ${labels.names[majority]}: ${
        describe(this.#baseline)
      }`,
    );
  }

  /**
   * Records which labels were predicted, for the warning about constant predictions.
   *
   * @param split The validation split.
   * @param predictions The predictions of a batch.
   * @returns The same predictions.
   */
  track(split: string, predictions: ArrayLike<number>): ArrayLike<number> {
    const predicted = this.#predicted.get(split) ?? new Set();
    this.#predicted.set(split, predicted);
    Array.from(predictions).forEach((label) => predicted.add(label));
    return predictions;
  }

  /**
   * Adds the scores on one validation split, and prints them.
   *
   * @param evaluation The split and its scores.
   * @param place Epoch, step and mean training loss.
   */
  add(
    { split = "validation", scores }: Evaluation,
    { epoch, step, trainLoss }: EvaluationPlace & {
      readonly trainLoss: number;
    },
  ): void {
    this.#epochs = epoch + 1;
    this.#last.set(split, { ...scores, trainLoss });
    this.#lastPlace = { epoch, step };
    console.log(
      `Epoch ${epoch + 1}, step ${step}, ${split}: ${
        describe({ ...scores, trainLoss })
      }`,
    );
    warnAboutConstant(this.#predicted.get(split) ?? new Set());
    this.#predicted.delete(split);
  }

  /** Keeps the last evaluation as the best one. */
  keepAsBest(): void {
    const scores = this.#last.get(this.#task.validation[0]!)!;
    this.#best = { ...this.#lastPlace!, ...scores };
  }

  /** Returns the scores to save. */
  stateDict(): ClassifyResultsState {
    return {
      epochs: this.#epochs,
      last: Object.fromEntries(this.#last),
      lastPlace: this.#lastPlace ?? null,
      best: this.#best ?? null,
    };
  }

  /** Restores saved scores. */
  loadStateDict({ epochs, last, lastPlace, best }: ClassifyResultsState): void {
    this.#epochs = epochs;
    this.#last = new Map(Object.entries(last));
    this.#lastPlace = lastPlace ?? undefined;
    this.#best = best ?? undefined;
  }

  /**
   * Collects the content of `results.json`.
   *
   * @param figures Figures of the run.
   * @returns Scores of the first validation split, those of each split by its name, baseline, best epoch, figures.
   */
  summary(figures: RunFigures): object {
    return {
      ...this.#last.get(this.#task.validation[0]!),
      validation: Object.fromEntries(this.#last),
      baseline: this.#baseline ?? null,
      best: this.#best ?? null,
      epochs: this.#epochs,
      ...figures,
    };
  }
}

/**
 * Formats predictions for a submission to GLUE: a table of row and prediction,
 * class names or numbers as the task requires, regression with three decimals.
 *
 * @param predictions One number per row.
 * @param task The task.
 * @param labels The labels.
 * @returns The text of the file.
 */
export function submission(
  predictions: readonly number[],
  { submitted }: Task,
  { namesOfData, toData }: Labels,
): string {
  const format = (prediction: number) => {
    if (!namesOfData) return prediction.toFixed(3);
    const number = toData(prediction);
    return submitted === "names" ? namesOfData[number] : `${number}`;
  };
  const rows = predictions.map((prediction, i) =>
    `${i}\t${format(prediction)}`
  );
  return ["index\tprediction", ...rows].map((line) => `${line}\n`).join("");
}

function describe(scores: Scores): string {
  return Object.entries(scores)
    .map(([name, score]) => `${name} ${score.toFixed(4)}`).join(", ");
}
