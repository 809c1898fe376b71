/**
 * Rows without a text or without a label, which are left out of the user's own data.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { Dataset, numericLabels } from "../../mod.ts";
import { ROW, withRowNumbers } from "../train/divide.ts";
import type { Columns } from "./columns.ts";

/** Row numbers that a message lists; the rest is counted. */
const LISTED = 5;

/** The remedy for empty cells that are meant, where a row has several labels. */
const NO_LABEL =
  "; a row with none of the labels has an empty list, [], in JSON and JSONL, or 0 in a column for each label";

/** Words for no number. */
const NO_NUMBER = /^(?:n\/?a|nan|null|none)$/i;

/**
 * Makes a function that tells missing labels: null, NaN, white space, -1 where the
 * labels are numbers of stored names, and words such as `nan` where all other labels
 * are numbers.
 *
 * @param tables The labelled tables.
 * @param column The label column.
 * @param isSets Whether a row has several labels, of which a word is no number.
 * @returns The function; it takes a label and its table.
 */
export function missingLabels(
  tables: readonly Dataset[],
  column: string,
  isSets = false,
): (label: unknown, table: Dataset) => boolean {
  if (isSets) return isBlank;
  const texts = new Set(
    tables.flatMap((table) => table.column(column))
      .filter((label): label is string =>
        typeof label === "string" && !isBlank(label)
      ),
  );
  const words = [...texts].filter((text) => !numericLabels([text]));
  const areNumbers = words.length < texts.size &&
    words.every((word) => NO_NUMBER.test(word.trim()));
  return (label, table) =>
    isBlank(label) ||
    (areNumbers && words.includes(`${label}`)) ||
    (label === -1 && table.labelNames(column) !== undefined);
}

/**
 * Selects the columns of texts and labels, with the row numbers of the file, and
 * leaves out rows without any text or without a label; says how many. An empty text
 * of a pair is kept.
 *
 * @param file The rows of a file.
 * @param columns Their columns.
 * @param isMissing Tells whether a value of a label column is missing.
 * @param isSets Whether a row has several labels, or none.
 * @returns The rows.
 * @throws {RangeError} If a text is of another type, or no row is left.
 */
export function withoutMissing(
  file: Dataset,
  { text, label }: Columns,
  isMissing: (label: unknown, table: Dataset) => boolean,
  isSets = false,
): Dataset {
  const { source } = file;
  const numbered = withRowNumbers(file);
  const texts = text.map((name) => textsOf(file, name));
  const labels = label.map((name) => file.column(name));
  const missing: Record<string, number[]> = { text: [], label: [] };
  const kept: number[] = [];
  for (let row = 0; row < file.length; row++) {
    if (texts.every((column) => isBlank(column[row]))) missing.text!.push(row);
    else if (labels.some((column) => isMissing(column[row], file))) {
      missing.label!.push(row);
    } else kept.push(row);
  }
  const left = Object.entries(missing).filter(([, rows]) => rows.length > 0);
  const reasons = left
    .map(([name, rows]) => `${rows.length} without ${name} (${list(rows)})`)
    .join(", ");
  if (kept.length === 0) {
    throw new RangeError(
      `${source} has no row with a text and a label: ${reasons}; correct it, or name other columns with --text-columns and --label-column`,
    );
  }
  if (left.length > 0) {
    const count = file.length - kept.length;
    console.log(
      `${source}: ${count} of ${file.length} rows left out, ${reasons}${
        isSets && missing.label!.length > 0 ? NO_LABEL : ""
      }`,
    );
  }
  const names = label.flatMap((name) => {
    const stored = file.labelNames(name);
    return stored ? [[name, stored] as const] : [];
  });
  return new Dataset({
    ...Object.fromEntries(text.map((name, i) => [name, texts[i]!])),
    ...Object.fromEntries(label.map((name, i) => [name, labels[i]!])),
    [ROW]: numbered.column(ROW),
  }, {
    ...source !== undefined && { source },
    labelNames: Object.fromEntries(names),
  }).select(kept);
}

/**
 * Leaves out rows without a label, of which a model gives several a row; says how
 * many. An empty list is none: it says that the row has no label.
 *
 * @param file The rows of a file.
 * @param columns The label columns.
 * @returns The rows, with their numbers in the file.
 * @throws {RangeError} If no row is left.
 */
export function withoutMissingSets(
  file: Dataset,
  columns: readonly string[],
): Dataset {
  const { source, length } = file;
  const values = columns.map((name) => file.column(name));
  const rows = Array.from({ length }, (_, row) => row);
  const missing = rows
    .filter((row) => values.some((column) => isBlank(column[row])));
  const numbered = withRowNumbers(file);
  if (missing.length === 0) return numbered;
  if (missing.length === length) {
    throw new RangeError(
      `${source} has no row with a label: correct it, or name other columns with --label-column`,
    );
  }
  console.warn(
    `${source}: ${missing.length} of ${length} rows left out, without label (${
      list(missing)
    })${NO_LABEL}`,
  );
  const left = new Set(missing);
  return numbered.select(rows.filter((row) => !left.has(row)));
}

/** The texts of a column; none where a value is missing. */
function textsOf(file: Dataset, name: string): string[] {
  return file.column(name).map((text, row) => {
    if (isBlank(text)) return "";
    if (typeof text === "string") return text;
    throw new RangeError(
      `${file.source} has ${
        JSON.stringify(text)
      } in column "${name}" of row ${row}: it must be text, so correct it or leave the row out`,
    );
  });
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value) ||
    (typeof value === "string" && value.trim() === "");
}

function list(rows: readonly number[]): string {
  const first = rows.slice(0, LISTED).join(", ");
  const more = rows.length > LISTED ? ", …" : "";
  return `${rows.length === 1 ? "row" : "rows"} ${first}${more}`;
}
