/**
 * Scores of a run of `train_mrpc.ts`, with those of the baselines: printed, in
 * `results.json`, in `report.html` and in the model card.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  accuracy,
  type AccuracyAndF1Score,
  f1Score,
  type HostTensor,
  type Pretrained,
} from "../../mod.ts";
import { cardData, cardFile, type CardRun } from "../classify/card.ts";
import type { TaskData } from "../classify/data.ts";
import type { Predictions } from "../classify/predictions.ts";
import { reportData } from "../classify/report.ts";
import { type Baselines, finalScores } from "../classify/scores.ts";
import { labelsOf } from "../classify/task_rows.ts";
import type { TrainingRows } from "../report/report_data.ts";
import { reportHtml } from "../report/report_page.ts";
import type { RunFigures } from "../run_folder/figures.ts";
import type { ReportedRun } from "../run_folder/reported_run.ts";
import type { Evaluation, RunResults } from "../run_folder/run_parts.ts";
import type { EvaluationPlace } from "../run_folder/training_log.ts";
import { warnAboutConstant } from "../train/warnings.ts";

/** The scores of an evaluation. */
interface PairScores extends AccuracyAndF1Score {
  /** Mean loss over the evaluated rows. */
  readonly loss: number;
}

/** Accuracy and F1 at a step. */
interface BestScores extends AccuracyAndF1Score {
  readonly epoch: number;
  readonly step: number;
}

/** State of {@linkcode Results}. */
interface ResultsState {
  readonly epochs: number;
  readonly step: number;
  readonly last: PairScores | null;
  readonly best: BestScores | null;
}

/** Predictions and labels of a batch. */
interface TrackedBatch {
  /** The predicted label of each row. */
  readonly predictions: Int32Array;
  /** The label of each row. */
  readonly references: Int32Array;
}

/**
 * The scores of a run, with those of the majority-class baseline. Labels have the
 * numbers of the data: F1 is that of its label 1, whatever number the model gives it.
 */
export class Results implements RunResults {
  readonly #pairs: TaskData;
  readonly #train: TrainingRows;
  readonly #references: readonly number[];
  readonly #baseline: AccuracyAndF1Score;
  readonly #wordOverlap: AccuracyAndF1Score;
  readonly #predicted = new Set<number>();
  /** Logits of the last evaluation, `[N, 2]`. */
  #logits: number[] = [];
  #best: BestScores | undefined;
  #last: PairScores | undefined;
  #epochs = 0;
  #step = 0;

  /**
   * Computes the majority-class baseline of the validation rows, and prints the baselines.
   *
   * @param pairs The pairs.
   * @param train Texts and numbers of tokens of the training pairs.
   * @param wordOverlap The scores of `scoreWordOverlap()`.
   */
  constructor(
    pairs: TaskData,
    train: TrainingRows,
    wordOverlap: AccuracyAndF1Score,
  ) {
    this.#pairs = pairs;
    this.#train = train;
    this.#references = labelsOf(pairs, "validation") as number[];
    const references = [...this.#toData(this.#references)];
    const ones = references.filter((label) => label === 1).length;
    const majority = Number(2 * ones >= references.length);
    const predictions = references.map(() => majority);
    this.#baseline = {
      accuracy: accuracy(predictions, references),
      f1: majority === 1 ? f1Score(predictions, references) : 0,
    };
    console.log(
      `Majority-class baseline, label ${majority}: ${describe(this.#baseline)}`,
    );
    this.#wordOverlap = wordOverlap;
    console.log(
      `Logistic regression on word overlap: ${describe(wordOverlap)}`,
    );
  }

  /**
   * Records which labels were predicted, for the warning about constant predictions.
   *
   * @param predicted The predictions of a batch, in the model's numbers.
   * @param labels Its labels.
   * @returns Both in the numbers of the data.
   */
  track(predicted: Int32Array, { data: labels }: HostTensor): TrackedBatch {
    const predictions = this.#toData(predicted);
    predictions.forEach((label) => this.#predicted.add(label));
    return { predictions, references: this.#toData(labels) };
  }

  #toData(labels: ArrayLike<number>): Int32Array {
    return Int32Array.from(labels, (label) => this.#pairs.labels.toData(label));
  }

  /**
   * Keeps the logits of a batch for the report and the card.
   *
   * @param logits The logits, `[B, 2]`, of the next rows of the validation pairs.
   */
  addLogits(logits: Float32Array): void {
    const isFull = this.#logits.length === 2 * this.#references.length;
    if (isFull) this.#logits = []; // those of the evaluation before
    this.#logits.push(...logits);
  }

  /**
   * Adds the scores of an evaluation, and prints them.
   *
   * @param evaluation The scores.
   * @param place Epoch, step and mean training loss.
   */
  add(
    evaluation: Evaluation,
    { epoch, step, trainLoss }: EvaluationPlace & {
      readonly trainLoss: number;
    },
  ): void {
    const { accuracy, f1, loss } = evaluation.scores as unknown as PairScores;
    this.#epochs = epoch + 1;
    this.#step = step;
    this.#last = { accuracy, f1, loss };
    console.log(
      `Epoch ${epoch + 1}, step ${step}: ${describe(this.#last)} (baseline ${
        describe(this.#baseline)
      }; word overlap ${describe(this.#wordOverlap)}), loss ${
        loss.toFixed(4)
      }, training loss ${trainLoss.toFixed(4)}`,
    );
    warnAboutConstant(this.#predicted);
    this.#predicted.clear();
  }

  /**
   * Makes `report.html` of the last evaluation.
   *
   * @param run The run.
   * @returns Its text.
   */
  report(run: ReportedRun): Promise<string> {
    return reportHtml(reportData(this.#pairs, this.#train, {
      predictions: new Map([["validation", this.#predictions]]),
      baselines: new Map([["validation", this.#baselines]]),
      thresholds: undefined,
    }, run));
  }

  /**
   * Makes a writer of the model card, with the scores of the last evaluation.
   *
   * @param run The run.
   * @returns A part of the model folder.
   */
  card(run: CardRun): Pretrained {
    const scores = {
      ...finalScores(this.#predictions, this.#pairs.labels),
      baselines: this.#baselines,
    };
    const final = new Map([["validation", scores]]);
    return cardFile(cardData(this.#pairs, this.#train, final, run, undefined));
  }

  get #predictions(): Predictions {
    const logits = Float32Array.from(this.#logits);
    return { logits, references: this.#references };
  }

  get #baselines(): Baselines {
    return {
      majority: { ...this.#baseline },
      wordOverlap: { ...this.#wordOverlap },
    };
  }

  /** Keeps the last evaluation as the best one. */
  keepAsBest(): void {
    const { accuracy, f1 } = this.#last!;
    const epoch = this.#epochs - 1;
    this.#best = { epoch, step: this.#step, accuracy, f1 };
  }

  /** Returns the scores to save. */
  stateDict(): ResultsState {
    return {
      epochs: this.#epochs,
      step: this.#step,
      last: this.#last ?? null,
      best: this.#best ?? null,
    };
  }

  /** Restores saved scores. */
  loadStateDict({ epochs, step, last, best }: ResultsState): void {
    this.#epochs = epochs;
    this.#step = step;
    this.#last = last ?? undefined;
    this.#best = best ?? undefined;
  }

  /**
   * Collects the content of `results.json`.
   *
   * @param figures Figures of the run.
   * @returns Scores of the last epoch, baseline, best epoch, figures.
   */
  summary(figures: RunFigures): object {
    const { accuracy, f1, loss } = this.#last!;
    return {
      accuracy,
      f1,
      loss,
      baseline: this.#baseline,
      best: this.#best,
      epochs: this.#epochs,
      ...figures,
    };
  }
}

function describe({ accuracy, f1 }: AccuracyAndF1Score): string {
  return `accuracy ${accuracy.toFixed(4)}, F1 ${f1.toFixed(4)}`;
}
