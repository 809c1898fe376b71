/**
 * What a run on a task scores, and the predictions that are handed in.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type DatasetDict, type GlueScores, loadMetric } from "../../mod.ts";
import type { Labels } from "./labels.ts";
import type { Task } from "./tasks.ts";
import type { RunFigures } from "../train/report.ts";

/** Scores by name; the first is the one that counts. */
export type Scores = Readonly<Record<string, number>>;

/** A metric whose scores have names that depend on the task. */
export interface TaskMetric {
  /** Adds the predictions of a batch. */
  addBatch(
    batch: { predictions: ArrayLike<number>; references: ArrayLike<number> },
  ): void;
  /** Gives the scores of everything that was added, and begins anew. */
  compute(): Scores;
}

/** Gives the metric of a task. */
export function metricOf(task: keyof GlueScores): TaskMetric {
  const metric = loadMetric("glue", task);
  return {
    addBatch: (batch) => metric.addBatch(batch),
    compute: () => ({ ...metric.compute() }),
  };
}

/** The scores of a run by validation set, beside those of the commonest label everywhere. */
export class GlueResults {
  readonly #task: Task;
  readonly #baseline: Scores | undefined;
  #seen = new Set<number>();
  #best: Scores | undefined;
  #last = new Map<string, Scores>();
  #epochs = 0;

  /** Computes the baseline of the first validation set, and prints it. */
  constructor(rows: DatasetDict, task: Task, labels: Labels) {
    this.#task = task;
    if (labels.names === undefined) return; // a constant has no correlation
    const references = rows.split(task.validation[0]!)
      .column("labels") as number[];
    const counts = labels.names
      .map((_, i) => references.filter((label) => label === i).length);
    const commonest = counts.indexOf(Math.max(...counts));
    const metric = metricOf(labels.metric);
    metric.addBatch({
      predictions: references.map(() => commonest),
      references,
    });
    this.#baseline = metric.compute();
    console.log(
      `Baseline, ${labels.names[commonest]} everywhere: ${
        describe(this.#baseline)
      }`,
    );
  }

  /** Looks at predictions on their way to the metric. */
  seen(predictions: ArrayLike<number>): ArrayLike<number> {
    Array.from(predictions).forEach((label) => this.#seen.add(label));
    return predictions;
  }

  /** Takes the scores of an epoch on one validation set, and prints them. */
  epoch(epoch: number, split: string, scores: Scores): void {
    this.#epochs = epoch + 1;
    this.#last.set(split, scores);
    const [[name, score]] = Object.entries(scores) as [[string, number]];
    const best = this.#best?.[name] ?? -Infinity;
    if (split === this.#task.validation[0] && score > best) {
      this.#best = { epoch, ...scores };
    }
    console.log(`Epoch ${epoch + 1}, ${split}: ${describe(scores)}`);
    if (this.#seen.size === 1) {
      console.warn(
        `Warning: every prediction is ${[
          ...this.#seen,
        ]}: so far the model has learned nothing`,
      );
    }
    this.#seen.clear();
  }

  /**
   * The content of `results.json`: the scores of the first validation set, and
   * those of each by its name.
   *
   * @param run What it took.
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
 * Predictions as GLUE takes them: a table of row and prediction, classes by name
 * or number as the task wants them, numbers with three digits.
 *
 * @param predictions One number a row.
 * @param task The task.
 * @param labels What the numbers mean.
 * @returns The text of the file.
 */
export function submission(
  predictions: readonly number[],
  { submitted }: Task,
  { names }: Labels,
): string {
  const written = (prediction: number) => {
    if (!names) return prediction.toFixed(3);
    return submitted === "names" ? names[prediction] : `${prediction}`;
  };
  const rows = predictions.map((prediction, i) =>
    `${i}\t${written(prediction)}`
  );
  return ["index\tprediction", ...rows].map((line) => `${line}\n`).join("");
}

function describe(scores: Scores): string {
  return Object.entries(scores)
    .map(([name, score]) => `${name} ${score.toFixed(4)}`).join(", ");
}
