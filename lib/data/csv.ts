/**
 * Delimited text: CSV with quotes (RFC 4180), and TSV without, as in GLUE.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { type Column, Dataset } from "./dataset.ts";
import { RecordSplitter } from "./delimited_records.ts";
import { numericLabels } from "./numeric_labels.ts";
import { piecesOf, type TextSource } from "./text_source.ts";

/** Columns that hold labels, as the collator knows them. */
const LABEL_COLUMNS = ["label", "labels"];

/** Delimiters of files that are called CSV or TSV. */
const DELIMITERS = [",", ";", "\t", "|"];

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
  /**
   * The character between two fields.
   *
   * @default "," in CSV, a tab in TSV
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
 * A line ends in LF or CRLF; if the first ends in CR, in CR or CRLF.
 *
 * @param text The file's text, whole or in pieces.
 * @param source The file's name, for errors.
 * @param options Column names, if the table has no header; delimiter; label columns.
 * @returns The table.
 * @throws {SyntaxError} If it is not CSV, a record has more or fewer fields than
 * the first, or another delimiter separates the columns.
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
 * @param text The file's text, whole or in pieces.
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
  format: { delimiter: string; quote: string | null },
  options: TableOptions,
): Promise<Dataset> {
  checkOptions(`read ${source}`, options, TABLE_OPTIONS);
  const { columnNames, labelColumns = LABEL_COLUMNS } = options;
  const { delimiter = format.delimiter } = options;
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw new RangeError(
      `Cannot read ${source} with the delimiter ${
        JSON.stringify(delimiter)
      }: it must be one character, and neither a quote nor a line end`,
    );
  }
  const columns = new Map<string, string[]>();
  let header: readonly string[] | undefined;
  const onRecord = (fields: string[], line: number) => {
    if (header === undefined) {
      const given = columnNames?.(fields);
      header = given ?? fields;
      if (!given && options.delimiter === undefined) {
        checkDelimiter(fields, delimiter, `${source}, line ${line}`);
      }
      const repeated = header.find((name, i) => header!.indexOf(name) !== i);
      if (repeated !== undefined) {
        throw new SyntaxError(
          `Cannot read ${source}, line ${line}: two columns are named "${repeated}"; rename one`,
        );
      }
      for (const name of header) columns.set(name, []);
      if (!given) return;
    }
    if (fields.length !== header.length) {
      throw new SyntaxError(
        `Cannot read ${source}, line ${line}: it has ${
          countOf(fields.length)
        } and the first line has ${header.length}; correct that line`,
      );
    }
    let i = 0;
    for (const values of columns.values()) values.push(fields[i++]!);
  };
  const splitter = new RecordSplitter(
    { ...format, delimiter, source },
    onRecord,
  );
  for await (const piece of piecesOf(text)) splitter.push(piece);
  splitter.end();
  return new Dataset(
    Object.fromEntries(
      Array.from(columns, ([name, values]): [string, Column] => [
        name,
        labelColumns.includes(name) ? numericLabels(values) ?? values : values,
      ]),
    ),
    { source },
  );
}

/** Refuses a header of one column where another delimiter would make several. */
function checkDelimiter(
  header: readonly string[],
  delimiter: string,
  location: string,
): void {
  if (header.length !== 1) return;
  const [name] = header as [string];
  const other = DELIMITERS.find((known) =>
    known !== delimiter && name.includes(known)
  );
  if (other === undefined) return;
  throw new SyntaxError(
    `Cannot read ${location}: ${
      JSON.stringify(delimiter)
    } separates the columns of such a file, but the header is ${
      JSON.stringify(name)
    }; give the delimiter (--delimiter in the scripts) ${
      JSON.stringify(other)
    } if that separates them, or ${
      JSON.stringify(delimiter)
    } if it is one column`,
  );
}

function countOf(fields: number): string {
  return `${fields} field${fields === 1 ? "" : "s"}`;
}
