/**
 * Delimited text: CSV with quotes (RFC 4180), and TSV without, as in GLUE.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { type Column, Dataset } from "./dataset.ts";
import { RecordSplitter } from "./delimited_records.ts";
import {
  type Delimiter,
  findDelimiter,
  hasHeader,
  type TableFormat,
} from "./delimiter.ts";
import { numericLabels } from "./numeric_labels.ts";
import { piecesOf, type TextSource } from "./text_source.ts";

/** Columns that hold labels, as the collator knows them. */
const LABEL_COLUMNS = ["label", "labels"];

/** Options of {@linkcode readCsv} and {@linkcode readTsv}. */
export interface TableOptions {
  /**
   * Names the columns of a table without a header. Called with the first record,
   * and again if another delimiter divides it; returns `undefined` if that is a
   * header.
   *
   * @default the first record is a header
   */
  columnNames?: (
    firstRecord: readonly string[],
  ) => readonly string[] | undefined;
  /**
   * The character between two fields.
   *
   * @default that of Excel's first line `sep=;`, if there is one; else "," in CSV, a
   * tab in TSV
   */
  delimiter?: string;
  /**
   * The columns of labels: one that holds only numbers is read as numbers. Every
   * other column is text, as it is written: `1.50` stays `"1.50"`.
   *
   * @default ["label", "labels"]
   */
  labelColumns?: readonly string[];
}

/** Names of the options of delimited text. */
export const TABLE_OPTIONS: OptionNames<TableOptions> = {
  columnNames: true,
  delimiter: true,
  labelColumns: true,
};

/**
 * Reads CSV: comma-separated fields, optionally in double quotes, with `""` for
 * a quote inside them. The first record names the columns. A column is text, but
 * that of the labels is read as numbers if it holds only numbers.
 *
 * A line ends in LF or CRLF; if the first ends in CR, in CR or CRLF. A header
 * that a comma does not divide, but only one of `;`, tab and `|`, is divided by
 * that, as Excel's in many languages. A column without a name and values is left
 * out.
 *
 * @example
 * ```ts
 * import { readCsv } from "@gradloop/gradloop";
 * import { assertEquals } from "@std/assert";
 *
 * const text = 'text,label\n"Good, really",1\nBad,0\n';
 * const dataset = await readCsv(text, "messages.csv");
 * assertEquals(dataset.at(0), { text: "Good, really", label: 1 });
 * ```
 *
 * @param text The file's text or bytes, whole or in pieces.
 * @param source The file's name, for errors.
 * @param options Column names, if the table has no header; delimiter; label columns.
 * @returns The table.
 * @throws {SyntaxError} If it is not CSV, a record has more or fewer fields than
 * the first, or several delimiters may separate the columns.
 * @throws {RangeError} If `delimiter` is not one character.
 */
export function readCsv(
  text: TextSource,
  source: string,
  options: TableOptions = {},
): Promise<Dataset> {
  return readRecords(text, source, { delimiter: ",", quote: '"' }, options);
}

/**
 * Reads TSV: tab-separated fields, in which a quote has no special meaning.
 * Otherwise as {@linkcode readCsv}.
 *
 * @param text The file's text or bytes, whole or in pieces.
 * @param source The file's name, for errors.
 * @param options Column names, if the table has no header; delimiter; label columns.
 * @returns The table.
 * @throws {SyntaxError} If a record has more or fewer fields than the first, or
 * another delimiter separates the columns.
 * @throws {RangeError} If `delimiter` is not one character.
 */
export function readTsv(
  text: TextSource,
  source: string,
  options: TableOptions = {},
): Promise<Dataset> {
  return readRecords(text, source, { delimiter: "\t", quote: null }, options);
}

async function readRecords(
  text: TextSource,
  source: string,
  form: { delimiter: string; quote: string | null },
  options: TableOptions,
): Promise<Dataset> {
  checkOptions(`read ${source}`, options, TABLE_OPTIONS);
  checkDelimiter(options.delimiter, source);
  const table = new TableReader({ ...form, source }, options);
  for await (const piece of piecesOf(text, source)) table.push(piece);
  return table.end();
}

/** Reads a table from text in pieces. */
class TableReader {
  readonly #format: TableFormat;
  readonly #options: TableOptions;
  /** The text up to the end of the header, which tells the delimiter. */
  #start = "";
  #delimiter: Delimiter | undefined;
  #splitter: RecordSplitter | undefined;
  #isFirst = true;
  #header: readonly string[] | undefined;
  readonly #columns: string[][] = [];

  constructor(format: TableFormat, options: TableOptions) {
    this.#format = format;
    this.#options = options;
  }

  push(piece: string): void {
    if (this.#splitter) {
      this.#splitter.push(piece);
      return;
    }
    this.#start += piece;
    if (hasHeader(this.#start, this.#format.quote)) this.#begin();
  }

  end(): Dataset {
    (this.#splitter ?? this.#begin()).end();
    const { source } = this.#format;
    const { labelColumns = LABEL_COLUMNS } = this.#options;
    const columns = new Map<string, Column>();
    this.#header?.forEach((name, i) => {
      const values = this.#columns[i]!;
      // Excel also writes columns to the right of the table, if they have a format.
      if (name === "" && values.every((value) => value === "")) return;
      if (columns.has(name)) {
        throw new SyntaxError(
          `Cannot read ${source}: two columns have no name; give them one in the first line`,
        );
      }
      const isLabel = labelColumns.includes(name);
      columns.set(name, isLabel ? numericLabels(values) ?? values : values);
    });
    return new Dataset(Object.fromEntries(columns), { source });
  }

  #begin(): RecordSplitter {
    const { columnNames, delimiter } = this.#options;
    this.#delimiter = findDelimiter(
      this.#start,
      this.#format,
      delimiter,
      (fields) => columnNames?.(fields) === undefined,
    );
    this.#splitter = new RecordSplitter(
      { ...this.#format, delimiter: this.#delimiter.delimiter },
      (fields, line) => this.#addRecord(fields, line),
    );
    this.#splitter.push(this.#start);
    this.#start = "";
    return this.#splitter;
  }

  #addRecord(fields: string[], line: number): void {
    const isSeparatorLine = this.#isFirst && this.#delimiter!.hasSeparatorLine;
    this.#isFirst = false;
    if (isSeparatorLine) return;
    if (this.#header === undefined) {
      const given = this.#options.columnNames?.(fields);
      this.#setHeader(given ?? fields, line);
      if (!given) return;
    }
    if (fields.length !== this.#header!.length) {
      this.#refuse(fields.length, line);
    }
    fields.forEach((field, i) => this.#columns[i]!.push(field));
  }

  #setHeader(names: readonly string[], line: number): void {
    const repeated = names.find((name, i) =>
      name !== "" && names.indexOf(name) !== i
    );
    if (repeated !== undefined) {
      throw new SyntaxError(
        `Cannot read ${this.#format.source}, line ${line}: two columns are named "${repeated}"; rename one`,
      );
    }
    this.#header = names;
    for (const _ of names) this.#columns.push([]);
  }

  /** Refuses a record of another number of fields than the header. */
  #refuse(fields: number, line: number): never {
    const { delimiter, others } = this.#delimiter!;
    const names = this.#header!.length;
    const quote = this.#format.quote !== null && fields > names
      ? `, or put the field that contains ${
        JSON.stringify(delimiter)
      } in quotes`
      : "";
    const other = others.length > 0
      ? `, or give the delimiter (--delimiter in the scripts) if ${
        JSON.stringify(delimiter)
      } does not separate the columns`
      : "";
    throw new SyntaxError(
      `Cannot read ${this.#format.source}, line ${line}: it has ${
        countOf(fields)
      } and the first line has ${names}; correct that line${quote}${other}`,
    );
  }
}

function checkDelimiter(delimiter: string | undefined, source: string): void {
  if (delimiter === undefined) return;
  if (delimiter.length === 1 && !/["\r\n]/.test(delimiter)) return;
  throw new RangeError(
    `Cannot read ${source} with the delimiter ${
      JSON.stringify(delimiter)
    }: it must be one character, and neither a quote nor a line end`,
  );
}

function countOf(fields: number): string {
  return `${fields} field${fields === 1 ? "" : "s"}`;
}
