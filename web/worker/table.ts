/**
 * From a file, a paste or a sample to a table.
 *
 * @module
 */
import { type Dataset, loadDataFile, readCsv, readJsonl } from "../../mod.ts";
import { findColumns } from "../../scripts/classify/columns.ts";
import {
  type DataChoice,
  HELD_OUT,
  type TableSource,
  type TableSummary,
} from "../messages.ts";

/** A table and its name. */
export interface Table {
  readonly name: string;
  readonly rows: Dataset;
}

const SAMPLES = { intents: "intents.tsv", pairs: "pairs.arrow" } as const;
const FORMATS = ["csv", "tsv", "jsonl", "json", "parquet", "arrow"];
const PREVIEW_ROWS = 5;
const PREVIEW_LENGTH = 160;
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

/** Text of a cell. */
export function textOf(value: unknown): string {
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
