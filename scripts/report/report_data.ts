/**
 * Data of a report: plain values, as JSON has them.
 *
 * @module
 */
import type { DuplicateRows } from "../../mod.ts";
import type { LogEvent } from "../run_folder/event_file.ts";

/** Kind of the labels, as in transformers. */
export type ProblemType =
  | "single_label_classification"
  | "multi_label_classification"
  | "regression";

/** Label of a row: its class, a 0 or 1 for each label, or a number to predict. */
export type Label = number | readonly number[];

/** Scores by name. */
export type Scores = Readonly<Record<string, number>>;

/** A row that the model was evaluated on. */
export interface EvaluatedRow {
  /** Number of the row in its file, from 0. */
  readonly row: number;
  /** Its text, or its two texts. */
  readonly texts: readonly string[];
  /** Its label. */
  readonly label: Label;
  /** Probability of each class or label; of a regression the predicted number alone. */
  readonly predictions: readonly number[];
}

/** An evaluation of the model. */
export interface ReportEvaluation {
  /** Name of the split. */
  readonly split: string;
  /** The rows. */
  readonly rows: readonly EvaluatedRow[];
  /** Optimizer steps of the model; none if it comes from elsewhere. */
  readonly step?: number;
  /** Probability from which each label of a multi-label model is predicted. Default: 0.5. */
  readonly thresholds?: readonly number[];
}

/** Training rows, `[N]` in each list. */
export interface TrainingRows {
  /** The text of each row, or its two texts. */
  readonly texts: readonly (readonly string[])[];
  /** Tokens of each row before truncation. */
  readonly tokens: readonly number[];
  /** Tokens after which a row is truncated. */
  readonly maxLength: number;
}

/** Everything that a report shows. */
export interface ReportData {
  /** Name of the run or of the model. */
  readonly title: string;
  /** Kind of the labels. */
  readonly problemType: ProblemType;
  /** Name of each class or label; of a regression the name of the number. */
  readonly labelNames: readonly string[];
  /** Class whose F1, ROC AUC and thresholds are shown, of two. Default: 1. */
  readonly positiveLabel?: number;
  /** Lines of `metrics.jsonl`; empty without a run. */
  readonly events: readonly LogEvent[];
  /** Scores of each baseline by its name, with the names of the model's scores. */
  readonly baselines: Readonly<Record<string, Scores>>;
  /** The last evaluation, whose scores are shown. */
  readonly evaluation: ReportEvaluation;
  /** Evaluations of other splits, whose rows are searched for wrong labels too. */
  readonly others?: readonly ReportEvaluation[];
  /** Labels of all rows of each split. */
  readonly labels: Readonly<Record<string, readonly Label[]>>;
  /** Number in its file of each row of a split; where a split is missing, its rows are the file's. */
  readonly rowNumbers?: Readonly<Record<string, readonly number[]>>;
  /** The training rows; none without a run. */
  readonly train?: TrainingRows;
  /** Result of `findDuplicates()`; none if it was not called. */
  readonly duplicates?: readonly DuplicateRows[];
  /** Content of the run's `config.json`: settings, versions, adapter, digests. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Command that repeats the run or the evaluation; none if no command made it. */
  readonly command?: string;
}
