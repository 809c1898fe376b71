/**
 * The delimiter of delimited text, as its first lines tell: Excel's line `sep=;`,
 * or a header that only another delimiter than that of the format divides, as
 * Excel writes CSV where the comma is the decimal sign.
 *
 * @module
 */
import { RecordSplitter } from "./delimited_records.ts";

/** Delimiters of files that are called CSV or TSV. */
const DELIMITERS = [",", ";", "\t", "|"];
/** The line with which Excel declares the delimiter. */
const SEPARATOR_LINE = /^"?sep=([^"\r\n])"?(?:\r\n?|\n|$)/i;
/** Limit of the header, in characters: a quote that is not closed takes the rest of the file. */
const MAX_HEADER = 2 ** 20;

/** Form of the files of an extension. */
export interface TableFormat {
  /** The character between two fields. */
  readonly delimiter: string;
  /** The character around a field; `null` if there is none. */
  readonly quote: string | null;
  /** The file's name, for errors. */
  readonly source: string;
}

/** The delimiter, and where it is from. */
export interface Delimiter {
  /** The character between two fields. */
  readonly delimiter: string;
  /** Whether the first line is `sep=;`, before the header. */
  readonly hasSeparatorLine: boolean;
  /** Other delimiters that the file may mean, if neither the caller nor the file declares one. */
  readonly others: readonly string[];
}

/**
 * Returns whether text has a complete first record, or is too long for one.
 *
 * @param text The text so far.
 * @param quote The character around a field, if any.
 * @returns Whether {@linkcode findDelimiter} can take it.
 */
export function hasHeader(text: string, quote: string | null): boolean {
  return text.length > MAX_HEADER || firstLine(text, quote) !== undefined;
}

/**
 * Finds the delimiter in the first lines.
 *
 * @param text The text up to the end of the header, at least; all of it if it ends before.
 * @param format Form of the files.
 * @param given The delimiter, if the caller gives it.
 * @param isHeader Tells whether a first record of one field names a column.
 * @returns The delimiter.
 * @throws {SyntaxError} If several delimiters divide the header, or one does
 * where the format has no quotes.
 */
export function findDelimiter(
  text: string,
  format: TableFormat,
  given: string | undefined,
  isHeader: (fields: readonly string[]) => boolean,
): Delimiter {
  const separator = text.match(SEPARATOR_LINE)?.[1];
  const declared = given ?? separator;
  const hasSeparatorLine = separator !== undefined;
  if (declared !== undefined) {
    return { delimiter: declared, hasSeparatorLine, others: [] };
  }
  const { delimiter, quote, source } = format;
  const line = firstLine(text, quote) ?? text.slice(0, MAX_HEADER);
  const others = DELIMITERS.filter((other) =>
    other !== delimiter && (firstRecord(line, format, other)?.length ?? 0) > 1
  );
  const own = { delimiter, hasSeparatorLine, others };
  const fields = firstRecord(line, format, delimiter);
  if (fields && (fields.length > 1 || !isHeader(fields))) return own;
  if (others.length === 0) return own;
  if (others.length === 1 && quote !== null) {
    return { ...own, delimiter: others[0]!, others: [delimiter] };
  }
  const [start] = text.split(line, 1);
  throw new SyntaxError(
    `Cannot read ${source}, line ${1 + lineEnds(start!)}: ${
      JSON.stringify(delimiter)
    } separates the columns of such a file, but the header is ${
      JSON.stringify(line)
    }; give the delimiter (--delimiter in the scripts) ${
      others.map((other) => JSON.stringify(other)).join(" or ")
    } if that separates them, or ${
      JSON.stringify(delimiter)
    } if it is one column`,
  );
}

/** Returns the first line that is not empty, without its end; `undefined` if it does not end. */
function firstLine(text: string, quote: string | null): string | undefined {
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === quote) isQuoted = !isQuoted;
    if (isQuoted || (character !== "\n" && character !== "\r")) continue;
    if (at > start) return text.slice(start, at);
    start = at + 1;
  }
  return undefined;
}

/** Returns the fields of a line; `undefined` if a quote is misplaced. */
function firstRecord(
  line: string,
  format: TableFormat,
  delimiter: string,
): string[] | undefined {
  let first: string[] | undefined;
  const splitter = new RecordSplitter(
    { ...format, delimiter },
    (fields) => first ??= fields,
  );
  try {
    splitter.push(line);
    splitter.end();
  } catch {
    return undefined;
  }
  return first;
}

function lineEnds(text: string): number {
  return text.match(/\r\n?|\n/g)?.length ?? 0;
}
