/**
 * Texts to classify, from the command line, a file or standard input, and
 * their way to tokens.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  Dataset,
  loadDataFile,
  ProgressBar,
  readTsv,
  type Row,
  type Tokenizer,
} from "../../mod.ts";
import { TASKS } from "../glue/tasks.ts";
import { patientError } from "../cli/patient_error.ts";

/** The columns that hold the texts of GLUE's tasks, pairs first. */
const TEXT_COLUMNS: readonly (readonly string[])[] = Object.values(TASKS)
  .map(({ textColumns }): readonly string[] => textColumns)
  .sort((a, b) => b.length - a.length);
/** Names that no text has: a record with one of them is a header. */
const HEADER = new Set([...TEXT_COLUMNS.flat(), "label", "idx"]);

/**
 * Finds the columns that hold the texts.
 *
 * @param data The table.
 * @param names The value of `--text-columns`, if it was given.
 * @returns One name or two.
 * @throws {RangeError} If there are no such columns.
 */
export function findTextColumns(
  data: Dataset,
  names: string | undefined,
): readonly string[] {
  const { columnNames, source } = data;
  if (names === undefined) {
    const found = TEXT_COLUMNS.find((columns) =>
      columns.every((name) => columnNames.includes(name))
    );
    if (found) return found;
    throw new RangeError(
      `${source} has no columns "sentence1" and "sentence2" or those of another task of GLUE, only ${
        columnNames.join(", ")
      }: give --text-columns the names of its own, one or two, parted by a comma`,
    );
  }
  const columns = names.split(",");
  if (columns.length > 2) {
    throw new RangeError(
      `--text-columns must be one name or two, parted by a comma, not "${names}"`,
    );
  }
  const missing = columns.find((name) => !columnNames.includes(name));
  if (missing === undefined) return columns;
  throw new RangeError(
    `${source} has no column "${missing}", only ${
      columnNames.join(", ")
    }: correct --text-columns`,
  );
}

/** Where texts come from. */
export interface TextOptions {
  /** One or two that were typed. */
  readonly sentences: readonly string[];
  /** A file of them; where neither is given, standard input. */
  readonly data: string | undefined;
  /** Which columns hold them. */
  readonly textColumns: string | undefined;
}

/**
 * Reads the texts. Lines of standard input are texts, or pairs parted by a tab,
 * as are those of a file without a header.
 *
 * @param options Where they come from.
 * @returns The texts, in one column or two.
 * @throws {Error} If they cannot be read, or there are none.
 */
export async function readTexts(
  { sentences, data, textColumns }: TextOptions,
): Promise<Dataset> {
  if (sentences.length > 0) {
    return new Dataset(
      Object.fromEntries(
        namesOf(sentences)!.map((name, i) => [name, [sentences[i]]]),
      ),
      { source: "the command line" },
    );
  }
  let hasHeader = true;
  const columnNames = (record: readonly string[]) => {
    hasHeader = textColumns !== undefined ||
      record.some((name) => HEADER.has(name));
    return hasHeader ? undefined : namesOf(record);
  };
  const table = data === undefined
    ? await readTsv(await readStandardInput(), "standard input", {
      columnNames,
    })
    : await loadDataFile(data, { columnNames });
  if (table.length === 0) {
    throw new RangeError(`Cannot read ${table.source}: it has no rows`);
  }
  const columns = findTextColumns(table, textColumns);
  if (!hasHeader && data !== undefined) {
    console.warn(
      `${data} has no header: its first line is taken for ${
        columns.length === 1 ? "a text" : "a pair of texts"
      }`,
    );
  }
  // The first of a pair first, whatever the order in the file.
  return new Dataset(
    Object.fromEntries(columns.map((name) => [name, table.column(name)])),
    { source: table.source! },
  );
}

/** How texts become tokens. */
export interface EncodeOptions {
  /** The model's. */
  readonly tokenizer: Tokenizer;
  /** The columns of the texts. */
  readonly columns: readonly string[];
  /** Tokens at which a row is truncated. */
  readonly maxLength: number;
}

/**
 * Adds the tokens of each row's texts, and says how many rows were truncated.
 *
 * @param data The rows.
 * @param options How.
 * @returns The wider rows.
 * @throws {Error} If a value is no text.
 */
export function encodeTexts(
  data: Dataset,
  { tokenizer, columns, maxLength }: EncodeOptions,
): Dataset {
  using progress = new ProgressBar(data.length, {
    label: "tokenizing",
    unit: "rows",
    output: patientError(),
  });
  let truncated = 0;
  const encoded = data.map((row) => {
    const [first, second] = columns.map((name) => textOf(row, name));
    const whole = tokenizer.encode(first!, second);
    if (whole.inputIds.length <= maxLength) return whole;
    truncated++;
    return tokenizer.encode(first!, second, { maxLength });
  }, { onProgress: () => progress.update() });
  progress.pause();
  if (truncated > 0) {
    console.warn(
      `Warning: ${truncated} of ${data.length} rows of ${data.source} have more than ${maxLength} tokens and were truncated`,
    );
  }
  return encoded;
}

/** Names for the fields of a record without a header. */
function namesOf(record: readonly string[]): readonly string[] | undefined {
  return TEXT_COLUMNS.find(({ length }) => length === record.length);
}

/** A text; a table gives numbers where all its texts are some. */
function textOf(row: Row, name: string): string {
  const value = row[name];
  if (typeof value === "string" || typeof value === "number") return `${value}`;
  throw new TypeError(
    `its "${name}" is ${JSON.stringify(value)}, and a text is needed`,
  );
}

async function readStandardInput(): Promise<string> {
  if (Deno.stdin.isTerminal()) {
    throw new TypeError(
      "No texts: give one or two in quotes, a file with --data, or lines on standard input, see --help",
    );
  }
  const bytes = await new Response(Deno.stdin.readable).bytes();
  if (bytes.length === 0) {
    throw new RangeError(
      "Cannot read standard input: it is empty; give it lines of one text, or of two parted by a tab",
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError(
      "Cannot read standard input: it is not UTF-8 text; give it in that encoding",
    );
  }
}
