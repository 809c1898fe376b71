/**
 * Several labels a row, as lists of names or numbers.
 *
 * @module
 */
import { Dataset, type DatasetDict } from "../../mod.ts";
import {
  listNames,
  matchNames,
  nameFinder,
  namesInFiles,
} from "../train/class_names.ts";
import { ROW } from "../train/divide.ts";
import { classHead } from "../train/head.ts";
import type { Labels } from "./labels.ts";
import { labelledSplits, type Task } from "./tasks.ts";

/** Column of lists, where it has no other name. */
const SETS = "__labels__";

/** A label of a list: its name, or its number. */
type ListedLabel = string | number;

/**
 * Reads the labels of each row as a list: a list already, text with a separator, or
 * a column of 0 and 1 for each label.
 *
 * @param table The rows, none without a label.
 * @param columns The label columns.
 * @param separator The character between two labels of a text, if given.
 * @param name Name of the column of lists.
 * @returns The table with the column of lists in place of the label columns.
 * @throws {RangeError} If a value is not one of these.
 */
export function withLabelSets(
  table: Dataset,
  columns: readonly string[],
  separator: string | undefined,
  name: string,
): Dataset {
  const [column] = columns;
  const isFlags = columns.length > 1;
  const values = columns.map((name) => table.column(name));
  const sets = Array.from(
    { length: table.length },
    (_, row) =>
      isFlags
        ? columns.flatMap((name, i) =>
          flagOf(values[i]![row], table, row, name) ? [i] : []
        )
        : listOf(values[0]![row], table, row, separator),
  );
  const rest = table.removeColumns(columns);
  const names = isFlags ? columns : table.labelNames(column!);
  return new Dataset({
    ...Object.fromEntries(
      rest.columnNames.map((name) => [name, rest.column(name)]),
    ),
    [name]: sets,
  }, {
    ...table.source !== undefined && { source: table.source },
    ...names && { labelNames: { [name]: names } },
  });
}

/** Number of a row in its file. */
function numberOf(table: Dataset, row: number): number {
  return table.columnNames.includes(ROW)
    ? table.column(ROW)[row] as number
    : row;
}

function flagOf(
  value: unknown,
  table: Dataset,
  row: number,
  column: string,
): boolean {
  const flag = typeof value === "string" ? value.trim() : `${Number(value)}`;
  if (flag === "1" || flag === "0") return flag === "1";
  throw new RangeError(
    `${table.source} has ${
      JSON.stringify(value)
    } in column "${column}" of row ${
      numberOf(table, row)
    }: it must be 1 where the row has the label, else 0; correct it, or name other columns with --label-column`,
  );
}

function listOf(
  value: unknown,
  table: Dataset,
  row: number,
  separator: string | undefined,
): readonly ListedLabel[] {
  const refuse = (remedy: string): never => {
    throw new RangeError(
      `${table.source} has label ${JSON.stringify(value)} in row ${
        numberOf(table, row)
      }, and several labels a row are lists of names or of numbers: ${remedy}`,
    );
  };
  if (typeof value === "string" && separator !== undefined) {
    const names = value.split(separator).map((label) => label.trim());
    return [...new Set(names.filter((label) => label !== ""))];
  }
  if (!Array.isArray(value)) {
    return refuse(
      typeof value === "string"
        ? "name the character between two of them with --label-separator"
        : "give a list, or a column of 0 and 1 for each label",
    );
  }
  const isLabel = (label: unknown) =>
    typeof label === "string" ||
    (Number.isInteger(label) && label as number >= 0);
  if (!value.every(isLabel)) refuse("correct it, or leave the row out");
  const labels = new Set<ListedLabel>(value);
  if (typeof value[0] === "number" && labels.size < value.length) {
    refuse("it has a number twice; for 0 and 1 give a column for each label");
  }
  return [...labels];
}

/**
 * Reads the labels of a task with several labels a row.
 *
 * @param data The splits, with lists in the label column.
 * @param task The task.
 * @param model Label names of the checkpoint, by number.
 * @returns The labels.
 * @throws {RangeError} If there are none, or names and numbers are mixed.
 */
export function readLabelSets(
  data: DatasetDict,
  task: Task,
  model: readonly string[],
): Labels {
  const { labelColumn } = task;
  const splits = labelledSplits(task).map((name) => data.split(name));
  const stored = namesInFiles(splits, labelColumn);
  const setsOf = (split: Dataset) =>
    split.column(labelColumn) as (readonly ListedLabel[])[];
  const all = new Set(splits.flatMap(setsOf).flat());
  const types = new Set([...all].map((label) => typeof label));
  if (types.size === 0 || (types.size > 1 && !stored)) {
    throw new RangeError(
      `${data.train.source} has ${
        types.size === 0 ? "no label in any row" : "names and numbers as labels"
      }: ${
        types.size === 0
          ? "there is nothing to learn, so add rows with labels"
          : "they must be all names, or all numbers"
      }`,
    );
  }
  const given = stored ??
    (types.has("string") ? ([...all] as string[]).sort() : undefined);
  const count = given?.length ?? Math.max(...all as Set<number>) + 1;
  const head = classHead({ count, names: given }, model);
  const names = Array.from(
    { length: count },
    (_, i) => head.id2label?.[i] ?? `LABEL_${i}`,
  );
  const find = given ? nameFinder(given) : () => undefined;
  return {
    names,
    namesOfData: given ?? names,
    head: { ...head, problemType: "multi_label_classification" },
    metric: undefined,
    toData: (prediction) => head.numbers.indexOf(prediction),
    numbersOf: (split) =>
      setsOf(split).map((set, row) => {
        const flags: number[] = Array(count).fill(0);
        for (const label of set) {
          const index = typeof label === "number" ? label : find(label) ?? NaN;
          const number = head.numbers[index];
          if (number === undefined) {
            throw new RangeError(
              `${split.source} has label ${
                JSON.stringify(label)
              } in row ${row}, and the labels are ${
                listNames(given ?? names)
              }: correct it, or leave the row out`,
            );
          }
          flags[number] = 1;
        }
        return flags;
      }),
  };
}

/** Place of the labels of rows that have several. */
export interface LabelSetOptions {
  /** A column of lists or of text; or a column of 0 and 1 for each label. */
  readonly labelColumns: readonly string[];
  /** The character between two labels of a text. */
  readonly labelSeparator: string | undefined;
}

/**
 * Reads the labels of rows for a model that is there.
 *
 * @param table The rows, none without a label.
 * @param options Place of the labels.
 * @param labels Label names of the model by number.
 * @returns For each row 1 for the labels that it has, else 0, `[N, L]`.
 * @throws {RangeError} If a value is no label, or the model does not have it.
 */
export function labelFlags(
  table: Dataset,
  { labelColumns, labelSeparator }: LabelSetOptions,
  labels: readonly string[],
): number[][] {
  const find = nameFinder(labels);
  if (labelColumns.length > 1) requireEach(labelColumns, labels);
  const sets = withLabelSets(table, labelColumns, labelSeparator, SETS);
  const stored = sets.labelNames(SETS);
  const ofModel = (label: ListedLabel) =>
    typeof label === "string"
      ? find(label)
      : stored
      ? find(stored[label] ?? "")
      : label;
  return (sets.column(SETS) as (readonly ListedLabel[])[]).map((set, row) => {
    const ofRow: number[] = labels.map(() => 0);
    for (const label of set) {
      const number = ofModel(label) ?? NaN;
      if (labels[number] === undefined) {
        throw new RangeError(
          `${table.source} has label ${JSON.stringify(label)} in row ${
            numberOf(table, row)
          }, and the labels of the model are ${
            listNames(labels)
          }: correct it, or leave the row out`,
        );
      }
      ofRow[number] = 1;
    }
    return ofRow;
  });
}

/** Checks that there is a column for each label of a model, and no other. */
function requireEach(
  columns: readonly string[],
  labels: readonly string[],
): void {
  if (matchNames(columns, labels)) return;
  throw new RangeError(
    `--label-column names ${
      listNames(columns)
    }, and the labels of the model are ${
      listNames(labels)
    }: name a column for each of these`,
  );
}
