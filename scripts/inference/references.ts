/**
 * True labels of a table, in the numbers of a model.
 *
 * @module
 */
import type { Dataset } from "../../mod.ts";
import {
  labelReader,
  listNames,
  matchNames,
  nameFinder,
  realNames,
} from "../train/class_names.ts";
import { requireColumns } from "../train/data_checks.ts";

const NUMERAL = /^-?\d+(\.\d+)?$/;
const NUMBERED = /^label_(\d+)$/i;

/**
 * Reads the true labels of a table. Names, of the file or as text, are matched to
 * those of the model, in upper or lower case. Numbers without names are those of
 * the model.
 *
 * @param data The table.
 * @param column The label column.
 * @param labels Label names of the model by number; a single label means regression.
 * @returns One number per row.
 * @throws {RangeError} If there is no such column, the names differ, or the model does not have a label.
 */
export function readLabels(
  data: Dataset,
  column: string,
  labels: readonly string[],
): number[] {
  const remedy = "name the label column with --label-column";
  requireColumns(data, [column], () => remedy);
  const find = nameFinder(labels);
  const texts = data.column(column)
    .map((value) => typeof value === "string" ? value.trim() : value);
  // Names of the model first: as codes they may look like numbers.
  const areNames = labels.length > 1 &&
    texts.some((text) => typeof text === "string" && find(text) !== undefined);
  const values = areNames ? texts : labelReader([data], column)(data);
  const numberOf = labels.length === 1
    ? toScore(data, column)
    : classFinder(data, column, labels, values);
  return values.map((value, row) =>
    numberOf(value) ?? refuse(data, values, row, labels)
  );
}

/**
 * Finds the label whose F1 counts: label 1 of the data.
 *
 * @param data The table.
 * @param column The label column.
 * @param labels Label names of the model by number.
 * @returns Its number in the model.
 */
export function positiveLabel(
  data: Dataset,
  column: string,
  labels: readonly string[],
): number {
  return matchNames(data.labelNames(column) ?? [], labels)?.[1] ?? 1;
}

/**
 * Reads the column that groups the rows.
 *
 * @param data The table.
 * @param column The column.
 * @returns One text per row.
 * @throws {RangeError} If there is no such column.
 */
export function readGroups(data: Dataset, column: string): string[] {
  requireColumns(data, [column], () => "give --by one of these");
  return data.column(column).map((value) => `${value}`);
}

type NumberOf = (value: unknown) => number | undefined;

/** For regression: a number is itself. */
function toScore(data: Dataset, column: string): NumberOf {
  const names = realNames(data.labelNames(column));
  if (names) {
    throw new RangeError(
      `${data.source} has the labels ${
        listNames(names)
      }, and the model predicts numbers: evaluate a model that was trained on these labels`,
    );
  }
  return (value) => Number.isFinite(value) ? value as number : undefined;
}

/** Makes the function that finds the model's number of a label. */
function classFinder(
  data: Dataset,
  column: string,
  labels: readonly string[],
  values: readonly unknown[],
): NumberOf {
  const stored = data.labelNames(column);
  const order = stored && matchNames(stored, labels);
  const [ofData, ofModel] = [realNames(stored), realNames(labels)];
  if (ofData && !order && (ofModel || ofData.length !== labels.length)) {
    throw differ(data, ofData, labels);
  }
  const find = nameFinder(labels);
  const findInFile = nameFinder(stored ?? []);
  // Either all numbers are names of the model, or all are its numbers.
  const areNames = ofModel !== undefined && (
    labels.every((name) => NUMERAL.test(name)) ||
    values.some((value) => find(`${value}`) !== undefined)
  );
  const areBooleans = labels.length === 2 && ofModel === undefined &&
    values.every((value) => /^(true|false)$/i.test(`${value}`));
  return (value) => {
    if (order && typeof value === "number") return order[value];
    const named = find(`${value}`);
    if (named !== undefined) return named;
    if (areBooleans) return Number(/true/i.test(`${value}`));
    const number = typeof value === "number"
      ? value
      : findInFile(`${value}`) ?? Number(NUMBERED.exec(`${value}`)?.[1] ?? NaN);
    return labels[number] === undefined || areNames ? undefined : number;
  };
}

function differ(
  { source }: Dataset,
  data: readonly unknown[],
  model: readonly string[],
): RangeError {
  return new RangeError(
    `${source} has the labels ${listNames(data)}, and those of the model are ${
      listNames(model)
    }: evaluate a model that was trained on these labels, or name its labels as here in id2label of its config.json`,
  );
}

/** Throws for a label that the model does not have. */
function refuse(
  data: Dataset,
  values: readonly unknown[],
  row: number,
  labels: readonly string[],
): never {
  const value = values[row];
  const find = nameFinder(labels);
  const isName = typeof value === "string" || typeof value === "boolean";
  if (
    labels.length > 1 && isName &&
    values.every((value) => find(`${value}`) === undefined)
  ) {
    throw differ(data, [...new Set(values)].sort(), labels);
  }
  const known = labels.length === 1
    ? "the model predicts numbers"
    : `the labels of the model are ${listNames(labels)}`;
  let remedy = "correct it, or leave the row out";
  if (value === -1) {
    remedy = values.every((value) => value === -1)
      ? "rows without a label can be predicted, not evaluated"
      : "leave out rows without a label; if -1 is a class, evaluate a model that was trained on it";
  }
  throw new RangeError(
    `${data.source} has label ${
      JSON.stringify(value)
    } in row ${row}, and ${known}: ${remedy}`,
  );
}
