/**
 * Data of the report of a run: its rows with their predictions.
 *
 * @module
 */
import {
  type Dataset,
  DatasetDict,
  findDuplicates,
  type Tokenizer,
} from "../../mod.ts";
import { commandText } from "../cli/command_text.ts";
import type { Value } from "../cli/flag_help.ts";
import type {
  ReportData,
  ReportEvaluation,
  TrainingRows,
} from "../report/report_data.ts";
import type { ReportedRun } from "../run_folder/reported_run.ts";
import type { TaskData } from "./data.ts";
import { positiveLabelOf } from "./labels.ts";
import { rowsOf } from "../inference/logits.ts";
import { type Predictions, probabilitiesOf } from "./predictions.ts";
import type { Baselines } from "./scores.ts";
import { labelsOf, rowNumbersOf, textsOf } from "./task_rows.ts";
import { labelledSplits } from "./tasks.ts";

/** Predictions of a model, as a report shows them. */
export interface ReportedScores {
  /** Predictions by split; those of the first validation split are shown. */
  readonly predictions: ReadonlyMap<string, Predictions>;
  /** Baselines by split. */
  readonly baselines: ReadonlyMap<string, Baselines>;
  /** Thresholds of several labels a row, if they are tuned. */
  readonly thresholds: readonly number[] | undefined;
}

/**
 * Counts the tokens of the training rows before truncation.
 *
 * @param data The rows of a task.
 * @param tokenized The training rows, truncated.
 * @param tokenizer The tokenizer.
 * @param maxLength Tokens after which a row was truncated.
 * @returns Texts and numbers of tokens of the rows.
 */
export function trainingRows(
  data: TaskData,
  tokenized: Dataset,
  tokenizer: Tokenizer,
  maxLength: number,
): TrainingRows {
  const texts = textsOf(data, "train");
  const inputIds = tokenized.column("inputIds") as number[][];
  const tokens = inputIds.map(({ length }, row) => {
    // Only a row of just as many tokens may have had more.
    if (length < maxLength) return length;
    const [first, second] = texts[row]!;
    return tokenizer.encode(first!, second).inputIds.length;
  });
  return { texts, tokens, maxLength };
}

/**
 * Collects the rows of a split with their predictions.
 *
 * @param data The rows of a task.
 * @param split The split.
 * @param scores The predictions.
 * @returns The rows.
 */
export function evaluatedSplit(
  data: TaskData,
  split: string,
  { predictions, thresholds }: ReportedScores,
): ReportEvaluation {
  const { logits, references } = predictions.get(split)!;
  const { labels } = data;
  const [texts, rowNumbers] = [textsOf(data, split), rowNumbersOf(data, split)];
  return {
    split,
    rows: rowsOf(logits, labels.head.numLabels).map((row, i) => ({
      row: rowNumbers[i]!,
      texts: texts[i]!,
      label: references[i]!,
      predictions: probabilitiesOf(row, labels.head.problemType),
    })),
    ...thresholds && { thresholds },
  };
}

/**
 * Collects the data of a report.
 *
 * @param data The rows of a task.
 * @param train The training rows.
 * @param scores Predictions and baselines.
 * @param run The run.
 * @returns The data.
 */
export function reportData(
  data: TaskData,
  train: TrainingRows,
  scores: ReportedScores,
  { name, events, config, step, task: script, flags }: ReportedRun,
): ReportData {
  const { labels, task } = data;
  const [shown] = task.validation;
  const splits = labelledSplits(task);
  const bySplit = <T>(valueOf: (split: string) => T) =>
    Object.fromEntries(splits.map((split) => [split, valueOf(split)]));
  const others = [...scores.predictions.keys()]
    .filter((split) => split !== shown);
  return {
    title: name,
    problemType: labels.head.problemType,
    labelNames: labels.names ?? [task.labelColumn],
    positiveLabel: positiveLabelOf(labels),
    events,
    baselines: { ...scores.baselines.get(shown!) },
    evaluation: { ...evaluatedSplit(data, shown!, scores), step },
    others: others.map((split) => evaluatedSplit(data, split, scores)),
    labels: bySplit((split) => labelsOf(data, split)),
    rowNumbers: bySplit((split) => rowNumbersOf(data, split)),
    train,
    duplicates: findDuplicates(
      new DatasetDict(bySplit((split) => data.rows.split(split))),
      task.textColumns,
    ),
    config,
    command: commandText(script, withoutFolder(flags)),
  };
}

/** Flags without the folder of the run, which must be a new one. */
function withoutFolder(
  { outputDir: _, ...flags }: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  return flags;
}
