/**
 * Data of the model card of a run.
 *
 * @module
 */
import { type Pretrained, writeFile } from "../../mod.ts";
import { HUB_FOLDER } from "../hub/names.ts";
import type {
  CardDataset,
  CardEvaluation,
  ModelCardData,
} from "../model_card/card_data.ts";
import { modelCard } from "../model_card/model_card.ts";
import type { TrainingRows } from "../report/report_data.ts";
import { scoreName } from "../report/score_lines.ts";
import type { ReportedRun } from "../run_folder/reported_run.ts";
import { constantBaseline } from "./baselines.ts";
import type { TaskData } from "./data.ts";
import { type Label, type Labels, positiveLabelOf } from "./labels.ts";
import type { FinalScores } from "./scores.ts";
import { labelsOf } from "./task_rows.ts";
import { labelledSplits } from "./tasks.ts";

/** The run of a card. */
export interface CardRun extends ReportedRun {
  /** Path of the data. */
  readonly data: string;
  /** Path of the model that was fine-tuned; undefined for the embedded one. */
  readonly model: string | undefined;
  /** `model_type` of the configuration. */
  readonly modelType: string;
  /** Tokens after which a text is truncated. */
  readonly maxLength: number;
}

/**
 * Makes a writer of the card, as `README.md`.
 *
 * @param card The data of a model card.
 * @returns A part of the model folder.
 */
export function cardFile(card: ModelCardData): Pretrained {
  return {
    savePretrained: (folder) => writeFile(folder, "README.md", modelCard(card)),
  };
}

/**
 * Collects the data of a card.
 *
 * @param task The rows of the task.
 * @param train The training rows.
 * @param final Scores of the final model by split.
 * @param run The run.
 * @param thresholds Thresholds of several labels a row, if they were tuned.
 * @returns The data of a model card.
 */
export function cardData(
  task: TaskData,
  train: TrainingRows,
  final: ReadonlyMap<string, FinalScores>,
  run: CardRun,
  thresholds: readonly number[] | undefined,
): ModelCardData {
  const { labels } = task;
  const baseModel = run.model && hubName("models", run.model);
  return {
    title: run.name,
    ...baseModel !== undefined && { baseModel },
    modelType: run.modelType,
    problemType: labels.head.problemType,
    labelNames: labels.names ?? [task.task.labelColumn],
    ...thresholds && { thresholds },
    dataset: datasetOf(task, train, run),
    evaluations: [...final].map(([split, scores]) =>
      evaluationOf(task, split, scores)
    ),
    baselineName: labels.names === undefined
      ? "the mean of the labels"
      : "the most frequent label",
    maxLength: run.maxLength,
    steps: run.step,
    config: run.config,
    onnxFiles: [],
  };
}

function datasetOf(
  data: TaskData,
  { tokens, maxLength }: TrainingRows,
  { data: path, config }: CardRun,
): CardDataset {
  const { labels, task } = data;
  const fetched = hubName("datasets", path);
  const files = Object.keys(Object(Object(config.digests).data));
  return {
    name: path.split("/").findLast((part) => part !== "") ?? path,
    ...fetched !== undefined && { hubName: fetched },
    format: files[0]?.split(".").at(-1) ?? "",
    textColumns: task.textColumns,
    labelColumns: task.labels === "sets"
      ? task.labelColumn.split(",")
      : [task.labelColumn],
    splits: labelledSplits(task).map((name) => {
      const rows = labelsOf(data, name);
      const labelCounts = countsOf(rows, labels);
      return { name, rows: rows.length, ...labelCounts && { labelCounts } };
    }),
    truncatedRows: tokens.filter((count) => count > maxLength).length,
  };
}

/** Rows of each label. */
function countsOf(
  rows: readonly Label[],
  { names }: Labels,
): number[] | undefined {
  return names?.map((_, i) =>
    rows.filter((label) =>
      typeof label === "number" ? label === i : label[i] === 1
    ).length
  );
}

function evaluationOf(
  data: TaskData,
  split: string,
  { scores, details, baselines }: FinalScores,
): CardEvaluation {
  const { perClass, intervals } = details;
  return {
    split,
    rows: labelsOf(data, split).length,
    scores: Object.entries(scores).map(([key, value]) => {
      const [low, high] = intervals[key] ?? [];
      const baseline = constantBaseline(baselines)?.[key];
      return {
        ...{ key, name: nameOf(key, data.labels), value },
        ...low !== undefined && high !== undefined &&
          { interval: { low, high } },
        ...baseline !== undefined && { baseline },
      };
    }),
    ...perClass && {
      classes: Object.entries(perClass)
        .map(([label, scores]) => ({ label, ...scores })),
    },
    // The epoch, and the thresholds if any, were chosen by its scores.
    isSelection: split === data.task.validation[0],
  };
}

/** Name of a score; of F1 with its average. */
function nameOf(key: string, labels: Labels): string {
  const { names } = labels;
  if (key !== "f1" || names === undefined) return scoreName(key);
  return names.length > 2
    ? "F1, macro"
    : `F1 of ${names[positiveLabelOf(labels)]}`;
}

/** Name on the Hub of what was fetched; undefined for other paths. */
function hubName(
  kind: "models" | "datasets",
  path: string,
): string | undefined {
  const [owner, name] = path.startsWith(`${HUB_FOLDER}/${kind}/`)
    ? path.slice(`${HUB_FOLDER}/${kind}/`.length).split("/")
    : [];
  return owner && name && `${owner}/${name.replace(/@.*/, "")}`;
}
