/**
 * From a file, a paste or a sample to rows with a class each.
 *
 * @module
 */
import {
  Dataset,
  DatasetDict,
  findDuplicates,
  loadDataFile,
  readCsv,
  readJsonl,
  trainTestSplit,
} from "../../mod.ts";
import { findColumns } from "../../scripts/classify/columns.ts";
import { missingLabels } from "../../scripts/classify/missing_rows.ts";
import type {
  DataChoice,
  DataSummary,
  TableSource,
  TableSummary,
  Texts,
} from "../messages.ts";

/** A table and its name. */
export interface Table {
  readonly name: string;
  readonly rows: Dataset;
}

/** A row that is used. */
export interface LabelledRow {
  /** Number of the row in the table, from 0. */
  readonly row: number;
  readonly texts: Texts;
  /** Number of its class. */
  readonly label: number;
}

/** Rows to train, rows that are held out, and their classes. */
export interface PreparedData {
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: readonly LabelledRow[];
  readonly heldOut: readonly LabelledRow[];
  readonly summary: DataSummary;
}

/** Share of the rows that is held out at first. */
export const HELD_OUT = 0.2;

/** Seed of all choices by chance. */
export const SEED = 42;

const SAMPLES = { intents: "intents.tsv", pairs: "pairs.arrow" } as const;
const FORMATS = ["csv", "tsv", "jsonl", "json", "parquet", "arrow"];
const PREVIEW_ROWS = 5;
const PREVIEW_LENGTH = 160;
const MAX_CLASSES = 100;
/** Labels stay text as it is written, so that 01 is no number. */
const AS_TEXT = { labelColumns: [] };

/**
 * Reads a table.
 *
 * @param source A sample, a file, or pasted text.
 * @returns The table.
 * @throws {Error} If it is none, in words for the user.
 */
export async function readTable(source: TableSource): Promise<Table> {
  switch (source.kind) {
    case "sample": {
      const name = SAMPLES[source.name];
      const response = await fetch(`samples/${name}`);
      const file = new File([await response.blob()], name);
      return tableOf(name, await loadDataFile(file, AS_TEXT));
    }
    case "file":
      return tableOf(source.file.name, await readFile(source.file));
    case "text":
      return tableOf("pasted table", await readPaste(source.text));
  }
}

async function readFile(file: File): Promise<Dataset> {
  const extension = /\.(\w+)$/.exec(file.name)?.[1]?.toLowerCase() ?? "";
  if (/^(xlsx?|ods|numbers)$/.test(extension)) {
    throw new Error(
      `${file.name} is a workbook: open it, select the cells with their header, copy them, and paste them here; or save it as CSV`,
    );
  }
  if (FORMATS.includes(extension)) {
    const named = new File([file], file.name.replace(/\w+$/, extension));
    return loadDataFile(named, AS_TEXT);
  }
  if (extension === "txt") return readPaste(await file.text());
  throw new Error(
    `${file.name} is no table that this page reads: give a file that ends in .csv, .tsv, .jsonl, .json or .parquet`,
  );
}

/** Cells of a spreadsheet arrive with tabs, and quotes around those with line ends. */
function readPaste(text: string): Promise<Dataset> {
  const source = "the pasted table";
  const [line = ""] = text.trimStart().split(/\r?\n/, 1);
  if (line.startsWith("{")) return readJsonl(text, source);
  return readCsv(text, source, {
    ...AS_TEXT,
    ...line.includes("\t") && { delimiter: "\t" },
  });
}

function tableOf(name: string, rows: Dataset): Table {
  if (rows.length === 0) {
    throw new Error(`${name} has no rows below its header`);
  }
  return { name, rows };
}

/**
 * Describes a table.
 *
 * @param table The table.
 * @returns Its columns and first rows.
 */
export function summarize({ name, rows }: Table): TableSummary {
  const { columnNames, length } = rows;
  const preview = Array.from(
    { length: Math.min(PREVIEW_ROWS, length) },
    (_, i) => {
      const row = rows.at(i);
      return columnNames.map((column) => cut(textOf(row[column])));
    },
  );
  return { name, rows: length, columnNames, preview };
}

function cut(text: string): string {
  return text.length <= PREVIEW_LENGTH
    ? text
    : `${text.slice(0, PREVIEW_LENGTH).toWellFormed()}…`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : `${value}`;
}

/**
 * Guesses the columns of texts and classes.
 *
 * @param table The table.
 * @returns The columns; none if several can be meant.
 */
export function guessChoice({ rows }: Table): DataChoice | undefined {
  try {
    const { text, label } = findColumns(rows, {
      textColumns: undefined,
      labelColumn: undefined,
    });
    return { text, label: label[0]!, heldOut: HELD_OUT };
  } catch (error) {
    if (error instanceof RangeError) return undefined; // several can be meant, or none
    throw error;
  }
}

/**
 * Selects the rows with text and class, and holds some out: of each class its
 * share, and rows with the same text on one side.
 *
 * @param table The table.
 * @param choice The columns, and the share that is held out.
 * @returns The rows.
 * @throws {Error} If they are no classes, in words for the user.
 */
export function prepare(table: Table, choice: DataChoice): PreparedData {
  const used = usedRows(table, choice);
  const { classes, rows, withoutText, withoutLabel } = used;
  checkClasses(classes, rows.length, choice.label);
  const keys = choice.text.map((_, i) => `text${i}`);
  const dataset = new Dataset({
    row: rows.map((_, i) => i),
    label: rows.map(({ label }) => label),
    ...Object.fromEntries(
      keys.map((key, i) => [key, rows.map(({ texts }) => texts[i])]),
    ),
  });
  const { train, test } = trainTestSplit(dataset, {
    testSize: choice.heldOut,
    stratifyBy: "label",
    groupBy: keys,
    seed: SEED,
  });
  const pick = (part: Dataset) =>
    (part.column("row") as number[]).map((i) => rows[i]!);
  const alike = findDuplicates(new DatasetDict({ rows: dataset }), keys)
    .map(({ rows }) => rows.map(({ row }) => row));
  const contradictory = alike.filter((group) =>
    new Set(group.map((row) => rows[row]!.label)).size > 1
  );
  return {
    name: table.name,
    classes,
    train: pick(train),
    heldOut: pick(test),
    summary: {
      choice,
      classes: classes.map((name, i) => ({
        name,
        count: rows.filter(({ label }) => label === i).length,
      })),
      trainRows: train.length,
      heldOutRows: test.length,
      withoutText,
      withoutLabel,
      duplicates: alike.flat().length,
      contradictions: contradictory.flat().length,
      words: countWords(rows),
    },
  };
}

function usedRows({ rows: table }: Table, { text, label }: DataChoice) {
  const isMissing = missingLabels([table], label);
  const names = table.labelNames(label);
  const texts = text.map((name) => table.column(name).map(textOf));
  const labels = table.column(label);
  const found: { row: number; texts: Texts; name: string }[] = [];
  let [withoutText, withoutLabel] = [0, 0];
  for (let i = 0; i < table.length; i++) {
    const own = texts.map((column) => column[i]!);
    if (own.every((value) => value.trim() === "")) withoutText++;
    else if (isMissing(labels[i], table)) withoutLabel++;
    else {
      const name = names?.[labels[i] as number] ?? textOf(labels[i]).trim();
      found.push({ row: i, texts: own, name });
    }
  }
  const classes = inOrder(new Set(found.map(({ name }) => name)), names);
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const rows = found.map(({ name, ...row }): LabelledRow => ({
    ...row,
    label: numbers.get(name)!,
  }));
  return { classes, rows, withoutText, withoutLabel };
}

/** The order of the file, if it names its classes; else that of numbers, or of letters. */
function inOrder(
  classes: ReadonlySet<string>,
  stored: readonly string[] | undefined,
): string[] {
  if (stored) return stored.filter((name) => classes.has(name));
  const collator = new Intl.Collator("en", { numeric: true });
  return [...classes].sort(collator.compare);
}

function checkClasses(
  classes: readonly string[],
  rows: number,
  column: string,
): void {
  if (rows === 0) {
    throw new Error(
      `No row has both a text and a value in “${column}”: choose other columns`,
    );
  }
  if (classes.length === 1) {
    throw new Error(
      `All rows have the same value in “${column}”, ${
        classes[0]
      }: there is nothing to tell apart, so choose another column or add rows of other classes`,
    );
  }
  if (classes.length > MAX_CLASSES || 2 * classes.length > rows) {
    throw new Error(
      `“${column}” has ${classes.length} different values in ${rows} rows: a column of classes has a few values that come again and again, so choose another`,
    );
  }
}

function countWords(rows: readonly LabelledRow[]): DataSummary["words"] {
  const counts = rows.map(({ texts }) =>
    texts.join(" ").split(/\s+/).filter((word) => word !== "").length
  ).sort((a, b) => a - b);
  return { median: counts[counts.length >> 1]!, longest: counts.at(-1)! };
}
