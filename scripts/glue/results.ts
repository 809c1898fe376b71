/**
 * Scores of a run on a task, and the predictions for a submission.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type DatasetDict, loadMetric } from "../../mod.ts";
import type { RunFigures } from "../run_folder/run_folder.ts";
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

/** The scores of a run by validation split, with those of the majority-class baseline. */
export class GlueResults {
  readonly #task: Task;
  readonly #baseline: Scores | undefined;
  #predicted = new Set<number>();
  #best: Scores | undefined;
  #last = new Map<string, Scores>();
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
   * @param predictions The predictions of a batch.
   * @returns The same predictions.
   */
  track(predictions: ArrayLike<number>): ArrayLike<number> {
    Array.from(predictions).forEach((label) => this.#predicted.add(label));
    return predictions;
  }

  /**
   * Adds the scores of an epoch on one validation split, and prints them.
   *
   * @param epoch Number of the epoch, from 0.
   * @param split The split.
   * @param scores The scores.
   */
  epoch(epoch: number, split: string, scores: Scores): void {
    this.#epochs = epoch + 1;
    this.#last.set(split, scores);
    const [[name, score]] = Object.entries(scores) as [[string, number]];
    const best = this.#best?.[name] ?? -Infinity;
    if (split === this.#task.validation[0] && score > best) {
      this.#best = { epoch, ...scores };
    }
    console.log(`Epoch ${epoch + 1}, ${split}: ${describe(scores)}`);
    warnAboutConstant(this.#predicted);
    this.#predicted.clear();
  }

  /**
   * Collects the content of `results.json`.
   *
   * @param figures Figures of the run.
   * @returns Scores of the first validation split, those of each split by its name, baseline, best epoch, figures.
   */
  summary({ adapter, steps, samples, seconds }: RunFigures): object {
    return {
      ...this.#last.get(this.#task.validation[0]!),
      validation: Object.fromEntries(this.#last),
      baseline: this.#baseline ?? null,
      best: this.#best ?? null,
      epochs: this.#epochs,
      steps,
      seconds,
      samplesPerSecond: samples / seconds,
      adapter,
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
