/**
 * Labels of a task: classes with names, or numbers.
 *
 * @module
 */
import {
  argmax,
  type Dataset,
  type DatasetDict,
  type GlueScores,
  type Tensor,
} from "../../mod.ts";
import type { Head } from "../train/model.ts";
import type { Task } from "./tasks.ts";

/** The labels of a task, as a model learns them. */
export interface Labels {
  /** Class names in order; `undefined` for regression. */
  readonly names: readonly string[] | undefined;
  /** Labels of the model's head. */
  readonly head: Head;
  /** The task of GLUE with the same metric. */
  readonly metric: keyof GlueScores;
  /** Reads the predictions off logits `[B, numLabels]`, one number per row. */
  predict(logits: Tensor): Promise<ArrayLike<number>>;
  /** Converts the labels of a split to numbers. */
  numbersOf(split: Dataset): number[];
}

/**
 * Reads the labels of a task, or infers them from the data.
 *
 * @param data The splits.
 * @param task The task.
 * @returns The labels.
 * @throws {RangeError} If a label is missing, the class names differ between
 * splits, or the labels are neither text nor numbers.
 */
export function readLabels(data: DatasetDict, task: Task): Labels {
  const { labelColumn } = task;
  const splits = ["train", ...task.validation].map((name) => data.split(name));
  splits.forEach((split) => checkMissing(split, labelColumn));
  const known = task.labels === "numbers"
    ? undefined
    : namesInFiles(splits, task);
  const values = task.labels === "inferred" && !known
    ? valuesOf(data.train, labelColumn)
    : undefined;
  const isCount = values?.every((value, i) => value === i);
  const names = known ??
    values?.map((value) => isCount ? `LABEL_${value}` : `${value}`);
  if (names === undefined) {
    return {
      names,
      head: { numLabels: 1, problemType: "regression" },
      metric: task.metric === "inferred" ? "stsb" : task.metric,
      predict: (logits) => logits.toArray(),
      numbersOf: (split) =>
        split.column(labelColumn).map((label, row) =>
          typeof label === "number" ? label : fail(
            split,
            row,
            label,
            "the labels are numbers",
          )
        ),
    };
  }
  const classes = new Map(names.map((name, i) => [name, i]));
  // A number is a class as well: its value in the data, or its index.
  const numbers = values ?? names.map((_, i) => i);
  numbers.forEach((value, i) => classes.set(`${value}`, i));
  return {
    names,
    head: {
      numLabels: names.length,
      id2label: { ...names },
      problemType: "single_label_classification",
    },
    metric: task.metric === "inferred" ? "sst2" : task.metric,
    predict: argmax,
    numbersOf: (split) =>
      split.column(labelColumn).map((label, row) =>
        classes.get(`${label}`) ??
          fail(split, row, label, `the labels are ${names.join(", ")}`)
      ),
  };
}

function fail(
  { source }: Dataset,
  row: number,
  label: unknown,
  what: string,
): never {
  throw new RangeError(
    `${source} has label ${
      JSON.stringify(label)
    } in row ${row}, and ${what}: correct it, or leave the row out`,
  );
}

/** Rejects missing labels: empty, NaN, or -1 if no label is a fraction. */
function checkMissing(split: Dataset, column: string): void {
  const labels = split.column(column);
  const areClasses = labels.every((label) => !isFraction(label));
  const rows = labels.flatMap((label, row) =>
    label === null || label === undefined || label === "" ||
      Number.isNaN(label) || (areClasses && label === -1)
      ? [row]
      : []
  );
  if (rows.length > 0) {
    throw new RangeError(
      `${split.source} has ${rows.length} of ${labels.length} rows without a label, the first of them row ${
        rows[0]
      }: leave these rows out`,
    );
  }
}

function isFraction(label: unknown): boolean {
  return typeof label === "number" && !Number.isInteger(label) &&
    !Number.isNaN(label);
}

/** Class names stored in the files, which must be the same everywhere and those of the task. */
function namesInFiles(
  splits: readonly Dataset[],
  { labels, labelColumn }: Task,
): readonly string[] | undefined {
  const sources = splits.flatMap((split) => {
    const names = split.labelNames(labelColumn);
    return names ? [{ source: split.source, names }] : [];
  });
  if (typeof labels !== "string") {
    sources.push({ source: "GLUE", names: labels });
  }
  const [first, ...others] = sources;
  for (const other of others) {
    if (`${other.names}` === `${first!.names}`) continue;
    throw new RangeError(
      `The labels of ${first!.source} are ${
        first!.names.join(", ")
      }, those of ${other.source} are ${
        other.names.join(", ")
      }: they must be the same, in the same order`,
    );
  }
  return first?.names;
}

/** Distinct labels of the training rows, sorted; `undefined` if there are fractions. */
function valuesOf(
  train: Dataset,
  column: string,
): (string | number)[] | undefined {
  const labels = train.column(column);
  const types = new Set(labels.map((label) => typeof label));
  if (types.size > 1 || !(types.has("string") || types.has("number"))) {
    throw new RangeError(
      `${train.source} has labels of type ${
        [...types].join(" and ")
      } in column "${column}": they must be all text or all numbers`,
    );
  }
  if (labels.some(isFraction)) return undefined;
  if (new Set(labels).size < 2) {
    throw new RangeError(
      `${train.source} has only the label ${
        JSON.stringify(labels[0])
      } in column "${column}": there is nothing to learn, so add rows with another label`,
    );
  }
  if (types.has("string")) return [...new Set(labels as string[])].sort();
  return [...new Set(labels as number[])].sort((a, b) => a - b);
}
