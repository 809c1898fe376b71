/**
 * True labels of rows that have several, in the numbers of a model.
 *
 * @module
 */
import type { Dataset } from "../../mod.ts";
import { listNames, nameFinder } from "../train/class_names.ts";
import { requireColumns } from "../train/data_checks.ts";

/** Place of the labels in a table. */
export interface LabelSetOptions {
  /** A column of lists or of text; or a column of 0 and 1 for each label, separated by commas. */
  readonly labelColumn: string;
  /** The character between two labels of a text. */
  readonly labelSeparator: string | undefined;
}

/**
 * Reads the true labels of a table: lists of names or numbers, text with a separator, or
 * a column of 0 and 1 for each label.
 *
 * @param data The table.
 * @param options Place of the labels.
 * @param labels Label names of the model by number.
 * @returns For each row 1 for the labels that it has, else 0, `[N, L]`.
 * @throws {RangeError} If there is no such column, or the model does not have a label.
 */
export function readLabelSets(
  data: Dataset,
  { labelColumn, labelSeparator }: LabelSetOptions,
  labels: readonly string[],
): number[][] {
  const columns = labelColumn.split(",");
  const remedy = "name the label columns with --label-column";
  requireColumns(data, columns, () => remedy);
  return columns.length > 1
    ? readFlags(data, columns, labels)
    : readLists(data, labelColumn, labelSeparator, labels);
}

/** Reads a column of 0 and 1 for each label. */
function readFlags(
  data: Dataset,
  columns: readonly string[],
  labels: readonly string[],
): number[][] {
  const find = nameFinder(labels);
  const numbers = columns.map((name) => find(name));
  if (
    columns.length !== labels.length ||
    !labels.every((_, i) => numbers.includes(i))
  ) {
    throw new RangeError(
      `--label-column names ${
        listNames(columns)
      }, and the labels of the model are ${
        listNames(labels)
      }: name a column for each of these`,
    );
  }
  return Array.from({ length: data.length }, (_, row) => {
    const flags: number[] = Array(labels.length);
    columns.forEach((name, i) => {
      const value = data.at(row)[name];
      const flag = typeof value === "string"
        ? ["0", "1"].indexOf(value.trim())
        : Number(value);
      if (value === null || (flag !== 0 && flag !== 1)) {
        throw new RangeError(
          `${data.source} has ${
            JSON.stringify(value)
          } for "${name}" in row ${row}: it must be 1 where the row has the label, else 0`,
        );
      }
      flags[numbers[i]!] = flag;
    });
    return flags;
  });
}

/** Reads lists, or text with a separator. */
function readLists(
  data: Dataset,
  column: string,
  separator: string | undefined,
  labels: readonly string[],
): number[][] {
  const stored = data.labelNames(column);
  const find = nameFinder(labels);
  const numberOf = (value: unknown) =>
    typeof value === "number"
      ? stored?.[value] === undefined ? value : find(stored[value])
      : find(`${value}`.trim());
  return data.column(column).map((cell, row) => {
    const flags: number[] = labels.map(() => 0);
    for (const value of listOf(data, column, separator, cell, row)) {
      const number = numberOf(value) ?? NaN;
      if (labels[number] === undefined) {
        throw new RangeError(
          `${data.source} has label ${
            JSON.stringify(value)
          } in row ${row}, and the labels of the model are ${
            listNames(labels)
          }: correct it, or leave the row out`,
        );
      }
      flags[number] = 1;
    }
    return flags;
  });
}

/** The labels of a cell. */
function listOf(
  { source }: Dataset,
  column: string,
  separator: string | undefined,
  cell: unknown,
  row: number,
): readonly unknown[] {
  if (Array.isArray(cell)) return cell;
  if (typeof cell === "string" && separator !== undefined) {
    return cell.split(separator).filter((label) => label.trim() !== "");
  }
  throw new RangeError(
    `${source} has ${
      JSON.stringify(cell)
    } for "${column}" in row ${row}, and the model gives several labels a row: ${
      typeof cell === "string"
        ? "name the character between two labels with --label-separator"
        : "give a list of labels, or a column of 0 and 1 for each label"
    }`,
  );
}
