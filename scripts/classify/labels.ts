/**
 * Labels of a task: classes with names, or numbers.
 *
 * @module
 */
import {
  type Dataset,
  type DatasetDict,
  type GlueScores,
  numericLabels,
} from "../../mod.ts";
import {
  labelReader,
  listNames,
  nameFinder,
  namesInFiles,
} from "../train/class_names.ts";
import { classHead, type Head, regressionHead } from "../train/head.ts";
import { labelledSplits, type Task } from "./tasks.ts";

/** Label of a row: its class, a 0 or 1 for each label, or a number to predict. */
export type Label = number | readonly number[];

/** The labels of a task, as a model learns them. */
export interface Labels {
  /** Names of classes or labels by the model's number; `undefined` for regression. */
  readonly names: readonly string[] | undefined;
  /** The same by the number of the data, which GLUE's metrics and submissions have. */
  readonly namesOfData: readonly string[] | undefined;
  /** Converts the model's number of a class to that of the data; keeps a prediction of regression. */
  toData(prediction: number): number;
  /** Labels of the model's head. */
  readonly head: Head;
  /** The task of GLUE, with its metric; undefined for the user's own files. */
  readonly metric: keyof GlueScores | undefined;
  /** Converts the labels of a split to the model's numbers. */
  numbersOf(split: Dataset): Label[];
}

/**
 * Finds the class of two whose F1 counts: class 1 of the data.
 *
 * @param labels The labels.
 * @returns The model's number of it.
 */
export function positiveLabelOf({ toData }: Pick<Labels, "toData">): number {
  return toData(0) === 1 ? 0 : 1;
}

/**
 * Reads the labels of a task, or infers them from the data. Prints how they
 * relate to those of the model.
 *
 * @param data The splits.
 * @param task The task.
 * @param model Label names of the checkpoint, by number.
 * @returns The labels.
 * @throws {RangeError} If a label is missing, the class names differ between
 * splits, or the labels are of different types.
 */
export function readLabels(
  data: DatasetDict,
  task: Task,
  model: readonly string[],
): Labels {
  const { labelColumn, labels, metric } = task;
  const splits = labelledSplits(task).map((name) => data.split(name));
  const isClass = labels !== "numbers";
  const known = isClass
    ? namesInFiles(
      splits,
      labelColumn,
      typeof labels === "string" ? [] : [{ source: "GLUE", names: labels }],
    )
    : undefined;
  // GLUE and datasets write -1 for a label that is not public.
  const isHidden = known !== undefined || metric !== undefined;
  const labelsOf = labelReader(splits, labelColumn);
  for (const split of splits) checkMissing(split, labelsOf(split), isHidden);
  const values = isClass && !known
    ? valuesOf(data.train, labelsOf(data.train), task)
    : undefined;
  if (known === undefined && values === undefined) {
    return {
      names: undefined,
      namesOfData: undefined,
      head: regressionHead(model),
      metric,
      toData: (prediction) => prediction,
      numbersOf: (split) =>
        labelsOf(split).map((label, row) =>
          typeof label === "number" ? label : fail(
            split,
            row,
            label,
            "the labels are numbers",
          )
        ),
    };
  }
  const isCount = values?.every((value, i) => value === i);
  const ofData = known ?? (isCount ? undefined : values?.map(String));
  const count = (known ?? values)!.length;
  const head = classHead({ count, names: ofData }, model);
  const names = Array.from(
    { length: count },
    (_, i) => head.id2label?.[i] ?? `LABEL_${i}`,
  );
  const namesOfData = ofData ?? names;
  const find = known ? nameFinder(known) : () => undefined;
  // A number is a class as well: its value in the data, or its index.
  const numbers = new Map(
    (values ?? namesOfData.keys().toArray()).map((value, i) => [`${value}`, i]),
  );
  return {
    names,
    namesOfData,
    head,
    metric,
    toData: (prediction) => head.numbers.indexOf(prediction),
    numbersOf: (split) => {
      // Names that are numbers, as 1 to 5 stars: a stored label is still an index.
      const areIndices = split.labelNames(labelColumn) !== undefined;
      return labelsOf(split).map((label, row) => {
        const named = areIndices && typeof label === "number"
          ? undefined
          : find(`${label}`);
        const number = named ?? numbers.get(`${label}`);
        const all = listNames(values ?? namesOfData);
        return number === undefined
          ? fail(split, row, label, `the labels are ${all}`)
          : head.numbers[number]!;
      });
    },
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

/** Words for a missing or infinite number, which beside numbers would be a class. */
const NO_NUMBER = /^(?:n\/?a|nan|null|none|[+-]?inf(?:inity)?)$/i;

function isNoNumber(label: string): boolean {
  return NO_NUMBER.test(label.trim()) || Math.abs(Number(label)) === Infinity;
}

/**
 * Rejects missing and infinite labels.
 *
 * @param split The split, for errors.
 * @param labels Its labels.
 * @param isHidden Whether -1 means a label that is not public.
 * @throws {RangeError} If a label is empty, NaN, infinite, or hidden.
 */
export function checkMissing(
  split: Dataset,
  labels: readonly unknown[],
  isHidden: boolean,
): void {
  const infinite = labels.findIndex((label) =>
    label === Infinity || label === -Infinity
  );
  if (infinite >= 0) {
    const label = `${labels[infinite]}`;
    fail(split, infinite, label, "a label is a finite number");
  }
  const words = labels.filter((label) =>
    typeof label === "string" && numericLabels([label]) === undefined
  ) as string[];
  const [word] = words;
  const areNumbersElse = labels.every((label) => typeof label === "string") &&
    words.length < labels.length && words.every(isNoNumber);
  if (word !== undefined && areNumbersElse) {
    fail(split, labels.indexOf(word), word, "the others are numbers");
  }
  const rows = labels.flatMap((label, row) =>
    label === null || label === undefined || label === "" ||
      Number.isNaN(label) || (isHidden && label === -1)
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

/** Distinct labels of the training rows, sorted; `undefined` if fractions show that they are numbers. */
function valuesOf(
  train: Dataset,
  values: readonly unknown[],
  { labels: kind, labelColumn: column }: Task,
): (string | number | boolean)[] | undefined {
  const labels = values as (string | number | boolean)[];
  const types = new Set(labels.map((label) => typeof label));
  const [type] = types;
  if (types.size > 1 || !/^(string|number|boolean)$/.test(`${type}`)) {
    throw new RangeError(
      `${train.source} has labels of type ${
        [...types].join(" and ")
      } in column "${column}": they must be all text, all numbers, or all true and false`,
    );
  }
  if (kind === "inferred" && labels.some(isFraction)) return undefined;
  const classes = [...new Set(labels)];
  if (classes.length < 2) {
    throw new RangeError(
      `${train.source} has only the label ${
        JSON.stringify(labels[0])
      } in column "${column}": there is nothing to learn, so add rows with another label`,
    );
  }
  // false before true, and 9 before 10
  return type === "string"
    ? classes.sort()
    : classes.sort((a, b) => Number(a) - Number(b));
}
