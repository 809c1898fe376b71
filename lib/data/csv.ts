/**
 * Delimited text: CSV with quotes (RFC 4180), and TSV without, as in GLUE.
 *
 * @module
 */
import { type Column, Dataset } from "./dataset.ts";

/** A JSON number: codes with leading zeros stay text. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Options of {@linkcode readCsv} and {@linkcode readTsv}. */
export interface TableOptions {
  /**
   * Names the columns of a table without a header. Called with the first record;
   * returns `undefined` if that is a header.
   *
   * @default the first record is a header
   */
  columnNames?: (
    firstRecord: readonly string[],
  ) => readonly string[] | undefined;
}

/**
 * Reads CSV: comma-separated fields, optionally in double quotes, with `""` for
 * a quote inside them. The first record names the columns; a column that holds
 * only numbers is read as numbers.
 *
 * @param text The file's text.
 * @param source The file's name, for errors.
 * @param options Column names, if the table has no header.
 * @returns The table.
 * @throws {SyntaxError} If it is not CSV, or a record has more or fewer fields than the first.
 */
export function readCsv(
  text: string,
  source: string,
  options: TableOptions = {},
): Promise<Dataset> {
  return readRecords(text, source, { delimiter: ",", quote: '"' }, options);
}

/**
 * Reads TSV: tab-separated fields, in which a quote has no special meaning.
 * Otherwise as {@linkcode readCsv}.
 *
 * @param text The file's text.
 * @param source The file's name, for errors.
 * @param options Column names, if the table has no header.
 * @returns The table.
 * @throws {SyntaxError} If a record has more or fewer fields than the first.
 */
export function readTsv(
  text: string,
  source: string,
  options: TableOptions = {},
): Promise<Dataset> {
  return readRecords(text, source, { delimiter: "\t", quote: null }, options);
}

async function readRecords(
  text: string,
  source: string,
  format: { delimiter: string; quote: string | null },
  { columnNames }: TableOptions,
): Promise<Dataset> {
  // Imported on demand: it needs Node's Buffer, which browsers lack.
  const { parse, CsvError } = await import("npm:csv-parse@6.2.1/sync");
  let records: string[][];
  try {
    records = parse(text, {
      ...format,
      recordDelimiter: ["\r\n", "\n"],
      skipEmptyLines: true,
    }) as string[][];
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new SyntaxError(
      `Cannot read ${source}, line ${cause.lines}: ${
        cause.message.replace(/ (on|at) line \d+/, "")
      }; correct that line`,
      { cause },
    );
  }
  const given = columnNames?.(records[0] ?? []);
  const names = given ?? records[0] ?? [];
  const rows = given ? records : records.slice(1);
  const duplicate = names.find((name, i) => names.indexOf(name) !== i);
  if (duplicate !== undefined) {
    throw new SyntaxError(
      `Cannot read ${source}, line 1: two columns are named "${duplicate}"; rename one`,
    );
  }
  return new Dataset(
    Object.fromEntries(
      names.map((name, i) => [name, inferColumn(rows.map((row) => row[i]!))]),
    ),
    { source },
  );
}

/** Converts to numbers if every value is one that a double holds, else keeps the text. */
function inferColumn(values: string[]): Column {
  const isNumber = (value: string) =>
    NUMBER.test(value) &&
    (Number.isSafeInteger(Number(value)) || !/^-?\d+$/.test(value));
  return values.every(isNumber) ? values.map(Number) : values;
}
