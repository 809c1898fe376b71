/**
 * What the labels of a task are: classes with names, or numbers.
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
import type { Task } from "./tasks.ts";

/** The labels of a task, as a model learns them. */
export interface Labels {
  /** The names of the classes in order; `undefined` where numbers are predicted. */
  readonly names: readonly string[] | undefined;
  /** The head of the model: one logit a class, or one in all. */
  readonly head: { numLabels: number; id2label?: Record<number, string> };
  /** Which task's metric scores them. */
  readonly metric: keyof GlueScores;
  /** What the logits `[B, numLabels]` predict, one number a row. */
  predict(logits: Tensor): Promise<ArrayLike<number>>;
  /** Turns labels of a split into numbers. */
  numbersOf(split: Dataset): number[];
}

/**
 * Finds out what the labels are.
 *
 * @param data The splits.
 * @param task The task.
 * @returns The labels.
 * @throws {RangeError} If a label is missing, the names of the classes differ
 * from split to split, or the labels are neither text nor numbers.
 */
export function readLabels(data: DatasetDict, task: Task): Labels {
  const { labelColumn } = task;
  const splits = ["train", ...task.validation].map((name) => data.split(name));
  splits.forEach((split) => checkMissing(split, labelColumn));
  const known = task.labels === "numbers"
    ? undefined
    : namesInFiles(splits, task);
  const values = task.labels === "found" && !known
    ? valuesOf(data.train, labelColumn)
    : undefined;
  const isCount = values?.every((value, i) => value === i);
  const names = known ??
    values?.map((value) => isCount ? `LABEL_${value}` : `${value}`);
  if (names === undefined) {
    return {
      names,
      head: { numLabels: 1 },
      metric: task.metric === "found" ? "stsb" : task.metric,
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
  // Where the names are known, a number stands for its place among them.
  const written = values ?? names.map((_, i) => i);
  written.forEach((value, i) => classes.set(`${value}`, i));
  return {
    names,
    head: { numLabels: names.length, id2label: { ...names } },
    metric: task.metric === "found" ? "sst2" : task.metric,
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

/** A label that nobody gave: empty, or -1 where all others are classes. */
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

/** The names that the files bring, which must be those of the task. */
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

/** The classes that the training rows have, sorted; `undefined` where they have fractions. */
function valuesOf(
  train: Dataset,
  column: string,
): (string | number)[] | undefined {
  const labels = train.column(column);
  const kinds = new Set(labels.map((label) => typeof label));
  if (kinds.size > 1 || !(kinds.has("string") || kinds.has("number"))) {
    throw new RangeError(
      `${train.source} has labels of type ${
        [...kinds].join(" and ")
      } in column "${column}": they must be all text or all numbers`,
    );
  }
  if (labels.some(isFraction)) return undefined;
  if (new Set(labels).size < 2) {
    throw new RangeError(
      `${train.source} has no label but ${
        JSON.stringify(labels[0])
      } in column "${column}": there is nothing to tell apart, so give it rows with another`,
    );
  }
  if (kinds.has("string")) return [...new Set(labels as string[])].sort();
  return [...new Set(labels as number[])].sort((a, b) => a - b);
}
