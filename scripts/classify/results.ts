/**
 * Scores of a run: at each evaluation, and of the final model.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type { Pretrained } from "../../mod.ts";
import type { RunFigures } from "../run_folder/figures.ts";
import type { TrainingRows } from "../report/report_data.ts";
import { reportHtml } from "../report/report_page.ts";
import { baselineName } from "../report/score_lines.ts";
import type { ReportedRun } from "../run_folder/reported_run.ts";
import type { Evaluation, RunResults } from "../run_folder/run_parts.ts";
import type { EvaluationPlace } from "../run_folder/training_log.ts";
import { warnAboutConstant } from "../train/warnings.ts";
import { constantBaseline, describe, scoreBaselines } from "./baselines.ts";
import { cardData, cardFile, type CardRun } from "./card.ts";
import type { TaskData } from "./data.ts";
import { likelyLabelErrors } from "./label_errors.ts";
import { predictedLabels, type Predictions } from "./predictions.ts";
import { evaluatedSplit, reportData, type ReportedScores } from "./report.ts";
import {
  type Baselines,
  evaluationScores,
  type FinalScores,
  finalScores,
  type Scores,
} from "./scores.ts";
import { labelsOf } from "./task_rows.ts";
import { labelledSplits } from "./tasks.ts";
import {
  thresholdsByName,
  thresholdsFile,
  tuneThresholds,
} from "./thresholds.ts";

/** Computes the logits `[N, C]` of the rows of a split. */
export type Predict = (split: string) => Promise<Float32Array>;

/** The place of an evaluation in a run. */
type Place = { readonly epoch: number; readonly step: number };

/** A score of the final model beside that of words alone, on the same rows. */
export interface WordsComparison {
  /** Name of the score. */
  readonly metric: string;
  /** Score of the model. */
  readonly score: number;
  /** Score of the logistic regression on words. */
  readonly words: number;
  /** Whether each row has one class. */
  readonly isOfClasses: boolean;
}

/** State of {@linkcode ClassifyResults}. */
interface ClassifyResultsState {
  readonly epochs: number;
  readonly last: (Place & Scores) | null;
  readonly best: (Place & Scores) | null;
}

/** The scores of a run by validation split, with those of the baselines. */
export class ClassifyResults implements RunResults {
  readonly #data: TaskData;
  readonly #baselines: ReadonlyMap<string, Baselines>;
  /** Distinct predictions of the last evaluation, by split. */
  readonly #predicted = new Map<string, ReadonlySet<string | number>>();
  readonly #train: TrainingRows;
  /** Predictions of the last evaluation, at the end those of the final model. */
  readonly #predictions = new Map<string, Predictions>();
  readonly #final = new Map<string, FinalScores>();
  #thresholds: readonly number[] | undefined;
  #best: (Place & Scores) | undefined;
  #last: (Place & Scores) | undefined;
  #epochs = 0;

  /**
   * Scores the baselines, and prints those of the first validation split.
   *
   * @param data The rows of the task.
   * @param train Texts and numbers of tokens of the training rows.
   */
  constructor(data: TaskData, train: TrainingRows) {
    this.#data = data;
    this.#train = train;
    this.#baselines = scoreBaselines(data);
  }

  /**
   * Scores an evaluation of a split.
   *
   * @param split The split.
   * @param logits Logits of its rows, `[N, C]`.
   * @returns The scores.
   */
  evaluation(split: string, logits: Float32Array): Evaluation {
    const { labels } = this.#data;
    const predicted = predictedLabels(logits, labels);
    const distinct = predicted.flatMap((label) =>
      typeof label === "number" ? labels.names?.[label] ?? label : []
    );
    this.#predicted.set(split, new Set(distinct));
    const predictions = { logits, references: labelsOf(this.#data, split) };
    this.#predictions.set(split, predictions);
    return { split, scores: evaluationScores(predictions, labels) };
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
    const all = { ...scores, trainLoss };
    console.log(
      `Epoch ${epoch + 1}, step ${step}, ${split}: ${describe(all)}`,
    );
    if (split === this.#data.task.validation[0]) {
      this.#last = { epoch, step, ...all };
    }
    warnAboutConstant(this.#predicted.get(split) ?? new Set());
    this.#predicted.delete(split);
  }

  /** Keeps the last evaluation as the best one. */
  keepAsBest(): void {
    this.#best = this.#last;
  }

  /**
   * Evaluates the final model: the validation splits, `test` if it has labels, and of
   * the user's own data the training rows, whose labels may be wrong as well.
   *
   * @param predict Computes the logits of a split.
   * @param tune Whether thresholds of several labels a row are tuned.
   */
  async evaluateFinal(predict: Predict, tune: boolean): Promise<void> {
    const { labels, task } = this.#data;
    this.#predictions.clear(); // in this order, also after an evaluation
    for (const split of labelledSplits(task)) {
      if (split === "train" && task.metric !== undefined) continue;
      this.#predictions.set(split, {
        logits: await predict(split),
        references: labelsOf(this.#data, split),
      });
    }
    if (tune) this.#tune();
    for (const split of labelledSplits(task).slice(1)) {
      this.#final.set(split, {
        ...finalScores(this.#predictions.get(split)!, labels, this.#thresholds),
        baselines: this.#baselines.get(split),
      });
    }
    if (task.isTested) this.#printTest();
  }

  #printTest(): void {
    const { scores, details, baselines = {} } = this.#final.get("test")!;
    const list = Object.entries(scores).map(([name, score]) => {
      const [low, high] = details.intervals[name] ?? [];
      return `${name} ${score.toFixed(4)}${
        low === undefined || high === undefined
          ? ""
          : ` (95 %: ${low.toFixed(4)} – ${high.toFixed(4)})`
      }`;
    });
    console.log(`Final model, test: ${list.join(", ")}`);
    for (const [name, scores] of Object.entries(baselines)) {
      console.log(`  ${baselineName(name)}: ${describe(scores)}`);
    }
  }

  #tune(): void {
    const { labels, task } = this.#data;
    const [first] = task.validation;
    const thresholds = tuneThresholds(this.#predictions.get(first!)!, labels);
    this.#thresholds = thresholds;
    const list = labels.names!.map((name, i) =>
      `${name} ${thresholds[i]!.toFixed(3)}`
    );
    console.log(`Thresholds with the best F1 on ${first}: ${list.join(", ")}`);
  }

  /**
   * Returns what belongs into the folder of the final model, to save after it: its
   * thresholds, if they were tuned, and its card.
   *
   * @param run The run of the card.
   * @returns Parts of the folder.
   */
  modelFiles(run: CardRun): readonly Pretrained[] {
    const thresholds = this.#thresholds;
    return [
      thresholdsFile(this.#data.labels, thresholds),
      cardFile(
        cardData(this.#data, this.#train, this.#final, run, thresholds),
      ),
    ];
  }

  /**
   * Compares the final model with words alone, on the first validation split.
   *
   * @param metric Name of the score.
   * @returns Both; undefined if words do not have this score.
   */
  comparedWithWords(metric: string): WordsComparison | undefined {
    const { task, labels } = this.#data;
    const { scores, baselines } = this.#final.get(task.validation[0]!)!;
    const [score, words] = [scores[metric], baselines?.words?.[metric]];
    if (score === undefined || words === undefined) return;
    const isOfClasses =
      labels.head.problemType === "single_label_classification";
    return { metric, score, words, isOfClasses };
  }

  /** Returns the scores to save. */
  stateDict(): ClassifyResultsState {
    return {
      epochs: this.#epochs,
      last: this.#last ?? null,
      best: this.#best ?? null,
    };
  }

  /** Restores saved scores. */
  loadStateDict({ epochs, last, best }: ClassifyResultsState): void {
    this.#epochs = epochs;
    this.#last = last ?? undefined;
    this.#best = best ?? undefined;
  }

  /**
   * Collects the content of `results.json`.
   *
   * @param figures Figures of the run.
   * @returns Scores of the final model on the first validation split, on each split by its name, likely label errors, the best and the last evaluation, figures.
   */
  summary(figures: RunFigures): object {
    const { labels, task } = this.#data;
    const validation = task.validation
      .map((split) => [split, this.#jsonOf(split)] as const);
    return {
      ...validation[0]![1],
      validation: Object.fromEntries(validation),
      ...task.isTested && { test: this.#jsonOf("test") },
      ...this.#thresholds &&
        { thresholds: thresholdsByName(labels, this.#thresholds) },
      best: this.#best ?? null,
      last: this.#last ?? null,
      epochs: this.#epochs,
      ...figures,
      likelyLabelErrors: likelyLabelErrors(
        [...this.#predictions.keys()]
          .map((split) => evaluatedSplit(this.#data, split, this.#scores)),
        labels,
      ),
    };
  }

  /**
   * Makes `report.html` of the last evaluation, at the end of the final model.
   *
   * @param run The run.
   * @returns Its text.
   */
  report(run: ReportedRun): Promise<string> {
    return reportHtml(reportData(this.#data, this.#train, this.#scores, run));
  }

  /** The scores of the final model on a split, as `results.json` has them. */
  #jsonOf(split: string): object {
    const { scores, details, baselines } = this.#final.get(split)!;
    return {
      ...scores,
      ...details,
      baseline: constantBaseline(baselines) ?? null,
      baselines: baselines ?? {},
    };
  }

  get #scores(): ReportedScores {
    return {
      predictions: this.#predictions,
      baselines: this.#baselines,
      thresholds: this.#thresholds,
    };
  }
}
