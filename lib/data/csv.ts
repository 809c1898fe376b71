/**
 * Tables as text: CSV with quotes (RFC 4180), and TSV without, as GLUE ships it.
 *
 * @module
 */
import { type Column, Dataset } from "./dataset.ts";

/** What JSON calls a number, so that codes with leading zeros stay text. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What is known of a table as text beside its content. */
export interface TableOptions {
  /**
   * Names the columns of a table without a header. It gets the first record, and
   * gives `undefined` where that is a header.
   *
   * @default the first record is a header
   */
  columnNames?: (
    firstRecord: readonly string[],
  ) => readonly string[] | undefined;
}

/**
 * Reads CSV: fields that are parted by commas, perhaps in double quotes, with
 * `""` for a quote within. The first record names the columns; a column that
 * holds only numbers gives numbers.
 *
 * @param text The file's text.
 * @param source The file's name, for errors.
 * @param options Names of the columns, where the table has no header.
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
 * Reads TSV: fields that are parted by tabs, where a quote is a character like
 * any other. Otherwise as {@linkcode readCsv}.
 *
 * @param text The file's text.
 * @param source The file's name, for errors.
 * @param options Names of the columns, where the table has no header.
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
  // Loaded when it is needed: it takes Node's Buffer, which browsers lack.
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
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new SyntaxError(
      `Cannot read ${source}, line 1: two columns have the name "${twice}"; rename one`,
    );
  }
  return new Dataset(
    Object.fromEntries(
      names.map((name, i) => [name, typed(rows.map((row) => row[i]!))]),
    ),
    { source },
  );
}

/** Numbers, where every value is one that a double holds, else the text as it is. */
function typed(values: string[]): Column {
  const isNumber = (value: string) =>
    NUMBER.test(value) &&
    (Number.isSafeInteger(Number(value)) || !/^-?\d+$/.test(value));
  return values.every(isNumber) ? values.map(Number) : values;
}
