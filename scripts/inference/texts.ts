/**
 * Texts to classify: from the command line or a file.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  Dataset,
  type Encoding,
  loadDataFile,
  type Row,
  type TextClassifier,
  type TextPair,
  type Tokenizer,
} from "../../mod.ts";
import {
  describeColumns,
  guessTextColumns,
  isColumnName,
} from "../classify/columns.ts";
import { TASKS } from "../classify/tasks.ts";
import { requireColumns } from "../train/data_checks.ts";
import { tableOptions } from "../train/load_splits.ts";

/** The text columns of GLUE's tasks, pairs first. */
const TEXT_COLUMNS: readonly (readonly string[])[] = Object.values(TASKS)
  .map(({ textColumns }): readonly string[] => textColumns)
  .sort((a, b) => b.length - a.length);
/** Column names: a first record with one of them is a header. */
const HEADER = new Set([...TEXT_COLUMNS.flat(), "label", "idx"]);

/**
 * Finds the text columns: those of the flag, those of GLUE, or the only ones that can
 * be meant, which it says.
 *
 * @param data The table.
 * @param names The value of `--text-columns`, if given.
 * @returns One name or two.
 * @throws {RangeError} If there are no such columns.
 */
function findTextColumns(
  data: Dataset,
  names: string | undefined,
): readonly string[] {
  const known = knownTextColumns(data, names);
  if (known) return known;
  const text = guessTextColumns(data);
  console.warn(describeColumns({ text }));
  return text;
}

/**
 * Finds the text columns of the flag, or those of GLUE.
 *
 * @param data The table.
 * @param names The value of `--text-columns`, if given.
 * @returns One name or two; undefined if neither is there.
 * @throws {RangeError} If there are no columns of the names given.
 */
export function knownTextColumns(
  data: Dataset,
  names: string | undefined,
): readonly string[] | undefined {
  if (names === undefined) {
    return TEXT_COLUMNS.find((columns) =>
      columns.every((name) => data.columnNames.includes(name))
    );
  }
  const columns = splitColumns(names);
  requireColumns(data, columns, () => "correct --text-columns");
  return columns;
}

/**
 * Splits the value of `--text-columns`.
 *
 * @param names The value.
 * @returns One name or two.
 * @throws {RangeError} If there are more, or both are the same.
 */
export function splitColumns(names: string): readonly string[] {
  const columns = names.split(",");
  if (columns.length <= 2 && columns[0] !== columns[1]) return columns;
  throw new RangeError(
    `--text-columns must be one name or two different ones, separated by a comma, not "${names}"`,
  );
}

/**
 * Tells whether a first record is a header.
 *
 * @param record Its fields.
 * @returns Whether it has a column name of GLUE.
 */
export function isHeader(record: readonly string[]): boolean {
  return record.some((name) => HEADER.has(name));
}

/** Whether the first record of a file is a header, maybe one whose delimiter is another than the file's. */
function isFileHeader(record: readonly string[]): boolean {
  const names = record.length === 1 ? record[0]!.split(/[,;\t|]/) : record;
  return isHeader(names) || names.some(isColumnName);
}

/** Source of the texts. */
export interface TextOptions {
  /** One or two texts from the command line. */
  readonly sentences: readonly string[];
  /** A file; undefined where texts are given. */
  readonly data: string | undefined;
  /** The text columns of the file. */
  readonly textColumns: string | undefined;
  /** Delimiter of CSV and TSV. */
  readonly delimiter: string | undefined;
}

/**
 * Reads the texts of the command line or a file, which may lack its header.
 *
 * @param options Source of the texts.
 * @returns The texts, in one column or two.
 * @throws {Error} If they cannot be read, or there are none.
 */
export async function readTexts(
  { sentences, data, textColumns, delimiter }: TextOptions,
): Promise<Dataset> {
  if (data === undefined) {
    return new Dataset(
      Object.fromEntries(
        namesOf(sentences)!.map((name, i) => [name, [sentences[i]]]),
      ),
      { source: "the command line" },
    );
  }
  let firstTexts: readonly string[] | undefined;
  const columnNames = (record: readonly string[]) => {
    if (textColumns !== undefined || isFileHeader(record)) return undefined;
    firstTexts = record;
    return namesOf(record);
  };
  const table = await loadDataFile(data, {
    ...tableOptions(delimiter, []),
    columnNames,
  });
  if (table.length === 0) {
    throw new RangeError(`Cannot read ${table.source}: it has no rows`);
  }
  const columns = findTextColumns(table, textColumns);
  if (firstTexts) {
    const [first, second] = firstTexts.map((text) =>
      JSON.stringify(text.slice(0, 40))
    );
    console.warn(
      `Warning: ${data} has no header with a name of a text or label column: its first line is read as ${
        second === undefined ? "a text" : "a pair of texts"
      }, ${
        second === undefined ? first : `${first} and ${second}`
      }; if these are column names, give --text-columns`,
    );
  }
  // In the order of the pair, not of the columns in the file.
  return new Dataset(
    Object.fromEntries(columns.map((name) => [name, table.column(name)])),
    { source: table.source! },
  );
}

/**
 * Reads the texts of a table for a classifier.
 *
 * @param data The table.
 * @param columns The text columns, one or two.
 * @returns A text or a pair per row.
 * @throws {TypeError} If a value is not text.
 */
export function textsOf(
  data: Dataset,
  columns: readonly string[],
): TextPair[] {
  return Array.from({ length: data.length }, (_, row) => {
    try {
      return toPair(columns.map((name) => textOf(data.at(row), name)));
    } catch (cause) {
      throw new TypeError(
        `Cannot classify row ${row} of ${data.source}: ${
          (cause as Error).message
        }`,
        { cause },
      );
    }
  });
}

/**
 * Makes the input of a classifier.
 *
 * @param texts One text or two.
 * @returns The text or pair.
 */
export function toPair([text, textPair]: readonly string[]): TextPair {
  return { text: text!, ...textPair !== undefined && { textPair } };
}

/**
 * Warns if a classifier has truncated rows of a table.
 *
 * @param classifier The classifier, which has classified this table alone.
 * @param data The table.
 */
export function warnOfTruncated(
  { truncated, maxLength }: Pick<TextClassifier, "truncated" | "maxLength">,
  data: Dataset,
): void {
  if (truncated === 0) return;
  console.warn(
    `Warning: ${truncated} of ${data.length} rows of ${data.source} have more than ${maxLength} tokens and were truncated`,
  );
}

/**
 * Encodes one text or two, truncated if they are longer.
 *
 * @param tokenizer The tokenizer.
 * @param texts The texts.
 * @param maxLength Most tokens.
 * @returns The encoding, and whether it is truncated.
 */
export function encodeTruncated(
  tokenizer: Tokenizer,
  [first, second]: readonly string[],
  maxLength: number,
): { encoding: Encoding; isTruncated: boolean } {
  const whole = tokenizer.encode(first!, second);
  if (whole.inputIds.length <= maxLength) {
    return { encoding: whole, isTruncated: false };
  }
  const encoding = tokenizer.encode(first!, second, { maxLength });
  return { encoding, isTruncated: true };
}

/**
 * Names the texts of a record without a header.
 *
 * @param record Its fields.
 * @returns The names that GLUE has for one text or two; `undefined` for another number.
 */
export function namesOf(
  record: readonly string[],
): readonly string[] | undefined {
  return TEXT_COLUMNS.find(({ length }) => length === record.length);
}

/**
 * Reads the text of a cell. A number is none: 1.50 would become "1.5".
 *
 * @param row The row.
 * @param name The column.
 * @returns The text.
 * @throws {TypeError} If it is none.
 */
export function textOf(row: Row, name: string): string {
  const value = row[name];
  if (typeof value === "string") return value;
  throw new TypeError(
    `its "${name}" is ${JSON.stringify(value)}, and a text is needed${
      typeof value === "number" ? ", which JSON has in quotes" : ""
    }`,
  );
}
