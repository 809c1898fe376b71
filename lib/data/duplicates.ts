/**
 * Rows with the same text, within a split and across splits.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";
import type { DatasetDict } from "./dataset_dict.ts";

/** Rows with the same text. */
export interface DuplicateRows {
  /** The values of the columns in the first of the rows. */
  readonly values: readonly unknown[];
  /** The rows, at least two, in the order of the splits. */
  readonly rows: readonly {
    /** Name of the split. */
    readonly split: string;
    /** The row in the split, from 0. */
    readonly row: number;
  }[];
}

/**
 * Finds the rows that have the same text as another, in one split or several.
 * White space at both ends has no meaning, and between words any is the same as
 * one space; so are the two ways to write an accent in Unicode (its form NFC).
 * Capital letters and punctuation differ.
 *
 * @param splits The splits; `new DatasetDict({ train: dataset })` of one.
 * @param columns The columns that must be the same, such as `["text"]`.
 * @returns Each text that several rows have, with these rows, in the order of the first.
 * @throws {RangeError} If a split has no such column, or no column is given.
 */
export function findDuplicates(
  splits: DatasetDict,
  columns: readonly string[],
): DuplicateRows[] {
  const found = new Map<string, { split: string; row: number }[]>();
  for (const split of splits.names) {
    rowKeys(splits.split(split), columns).forEach((key, row) => {
      const rows = found.get(key);
      if (rows) rows.push({ split, row });
      else found.set(key, [{ split, row }]);
    });
  }
  return Array.from(found.values()).filter(({ length }) => length > 1)
    .map((rows) => {
      const { split, row } = rows[0]!;
      const first = splits.split(split).at(row);
      return { values: columns.map((name) => first[name]), rows };
    });
}

/**
 * Makes a key of each row, the same for rows with the same text: see
 * {@linkcode findDuplicates}.
 *
 * @param dataset The rows.
 * @param columns The columns of which the key consists.
 * @returns One key per row.
 * @throws {RangeError} If there is no such column, or no column is given.
 */
export function rowKeys(
  dataset: Dataset,
  columns: readonly string[],
): string[] {
  if (columns.length === 0) {
    throw new RangeError(
      `Cannot compare the rows of ${
        dataset.source ?? "the data set"
      }: no column is given; name one or more of ${
        dataset.columnNames.join(", ")
      }`,
    );
  }
  const values = columns.map((name) => dataset.column(name));
  return Array.from(
    { length: dataset.length },
    (_, row) => JSON.stringify(values.map((column) => normalize(column[row]))),
  );
}

function normalize(value: unknown): unknown {
  return typeof value === "string"
    ? value.normalize("NFC").replaceAll(/\s+/g, " ").trim()
    : value;
}
