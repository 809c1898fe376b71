/**
 * Lines of a stream, as they come: from bytes to one text, or two.
 *
 * @module
 */
import { isHeader, namesOf } from "./texts.ts";

/** Bytes that are read at once. */
const CHUNK_BYTES = 2 ** 16;
/** Limit of a line: a stream may have no line end at all. */
const MAX_LINE_BYTES = 2 ** 24;

const LINE_FEED = 10;

/** A source of bytes, such as `Deno.stdin`. */
export interface ByteReader {
  /** Reads into a buffer; returns the number of bytes, or `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** A line: its text, or the reason that it has none. */
export interface InputLine {
  /** Its number, from 1. */
  readonly number: number;
  /** Its text, without the line end. */
  readonly text?: string;
  /** Reason that it cannot be read, as in "it is not UTF-8 text; give it in that encoding". */
  readonly problem?: string;
}

/**
 * Splits bytes into lines. Memory is that of a chunk and of the longest line.
 *
 * @param reader The source.
 * @returns The lines that each read completed.
 */
export async function* readLines(
  reader: ByteReader,
): AsyncGenerator<InputLine[]> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  let number = 0;
  let parts: Uint8Array[] = [];
  let size = 0;
  const add = (bytes: Uint8Array) => {
    size += bytes.length;
    if (size <= MAX_LINE_BYTES) parts.push(bytes);
    else parts = [];
  };
  const complete = (): InputLine => {
    const line = size > MAX_LINE_BYTES
      ? { problem: `it has more than ${MAX_LINE_BYTES} bytes; end its lines` }
      : decode(parts, number === 0);
    parts = [];
    size = 0;
    return { number: ++number, ...line };
  };
  for (;;) {
    const count = await reader.read(buffer);
    if (count === null) break;
    const lines: InputLine[] = [];
    let start = 0;
    for (;;) {
      const end = buffer.subarray(0, count).indexOf(LINE_FEED, start);
      if (end < 0) break;
      add(buffer.slice(start, end));
      lines.push(complete());
      start = end + 1;
    }
    if (start < count) add(buffer.slice(start, count));
    if (lines.length > 0) yield lines;
  }
  if (size > 0) yield [complete()];
}

function decode(
  parts: readonly Uint8Array[],
  isFirst: boolean,
): { text: string } | { problem: string } {
  const decoder = new TextDecoder("utf-8", {
    fatal: true,
    ignoreBOM: !isFirst, // a mark inside a stream is text
  });
  try {
    const text = parts.map((bytes) => decoder.decode(bytes, { stream: true }))
      .join("") + decoder.decode();
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    if (!line.includes("\r")) return { text: line };
    return {
      problem: "it has a carriage return inside; end lines with a line feed",
    };
  } catch {
    return { problem: "it is not UTF-8 text; give it in that encoding" };
  }
}

/** A line as a row of texts: blank lines and lines with a problem have no text to label. */
export interface InputRow {
  /** Number of its line, from 1. */
  readonly line: number;
  /** Column and text, once or twice. */
  readonly texts: readonly (readonly [column: string, text: string])[];
  /** Whether it has nothing but white space. */
  readonly isBlank: boolean;
  /** Reason that it cannot be read. */
  readonly problem?: string;
}

/** Reads lines of one text, or two separated by a tab, or of the columns of a header. */
export class RowParser {
  /** Names of the texts. */
  #names: readonly string[] | undefined;
  /** Fields of a line, and the line that set their number. */
  #fields: { count: number; line: number } | undefined;
  readonly #columns: readonly string[] | undefined;
  #indices: readonly number[] = [0, 1];

  /**
   * Makes a parser.
   *
   * @param textColumns The text columns of a header; undefined for lines without a header.
   */
  constructor(textColumns: readonly string[] | undefined) {
    this.#columns = textColumns;
    this.#names = textColumns;
  }

  /** Whether the next line is the header. */
  get needsHeader(): boolean {
    return this.#columns !== undefined && this.#fields === undefined;
  }

  /**
   * Reads the header.
   *
   * @param line The first line.
   * @throws {RangeError} If it lacks a text column, or has it twice.
   * @throws {SyntaxError} If it cannot be read.
   */
  readHeader({ number, text, problem }: InputLine): void {
    if (text === undefined) {
      throw new SyntaxError(
        `Cannot read standard input, line ${number}: ${problem}`,
      );
    }
    const header = text.split("\t");
    this.#indices = this.#columns!.map((name) => {
      const index = header.indexOf(name);
      if (index >= 0 && index === header.lastIndexOf(name)) return index;
      if (index >= 0) {
        throw new RangeError(
          `standard input has two columns "${name}" in its header: rename one`,
        );
      }
      throw new RangeError(
        `standard input has no column "${name}", only ${
          header.join(", ")
        }: correct --text-columns`,
      );
    });
    this.#fields = { count: header.length, line: number };
  }

  /** Whether a first line looks like a header, which it is not without `--text-columns`. */
  static looksLikeHeader({ text = "" }: InputLine): boolean {
    const fields = text.split("\t");
    return fields.length > 1 && isHeader(fields);
  }

  /**
   * Reads a line.
   *
   * @param line The line.
   * @returns The row.
   */
  parse({ number: line, text, problem }: InputLine): InputRow {
    if (text === undefined) {
      return { line, texts: [], isBlank: false, problem: problem! };
    }
    const fields = text.split("\t");
    if (text.trim() === "") {
      const names = this.#names ?? ["sentence"];
      const texts = names.map((name) => [name, ""] as const);
      return { line, texts, isBlank: true };
    }
    const fault = this.#faultOf(fields);
    if (fault) return { line, texts: [], isBlank: false, problem: fault };
    this.#fields ??= { count: fields.length, line };
    this.#names ??= namesOf(fields)!;
    const texts = this.#names
      .map((name, i) => [name, fields[this.#indices[i]!]!] as const);
    return { line, texts, isBlank: false };
  }

  #faultOf({ length }: readonly string[]): string | undefined {
    if (this.#fields && this.#fields.count !== length) {
      return `it has ${
        countOf(length)
      } separated by tabs, and line ${this.#fields.line} has ${this.#fields.count}; correct it`;
    }
    if (this.#columns || length <= 2) return undefined;
    return `it has ${
      countOf(length)
    } separated by tabs, and a model takes one text or two; choose those of a header with --text-columns, or give a file with --data`;
  }
}

function countOf(fields: number): string {
  return `${fields} field${fields === 1 ? "" : "s"}`;
}
