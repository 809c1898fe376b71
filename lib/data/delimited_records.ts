/**
 * Splits delimited text, which arrives in pieces, into records of fields.
 *
 * Source: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180
 *
 * @module
 */

/** Limit of a record, in characters: a quote that is not closed takes the rest of the file. */
const MAX_RECORD = 2 ** 26;

const [LINE_FEED, CARRIAGE_RETURN] = [10, 13];

/** Form of delimited text. */
export interface RecordFormat {
  /** The character between two fields. */
  readonly delimiter: string;
  /** The character around a field, doubled inside it; `null` if there is none. */
  readonly quote: string | null;
  /** The file's name, for errors. */
  readonly source: string;
}

/** Takes a record and the line that it starts on, from 1. */
export type OnRecord = (fields: string[], line: number) => void;

/**
 * Splits text into records. A line ends in `\n` or `\r\n`, and a `\r` alone is a
 * character of its field; if the first line ends in `\r`, a line ends in that or
 * `\r\n`, and a `\n` alone is refused. Empty lines are skipped.
 */
export class RecordSplitter {
  readonly #format: RecordFormat;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #onRecord: OnRecord;
  /** Text from the start of the record that is not complete. */
  #rest = "";
  #line = 1;
  /** Whether `\r` alone ends a line; unknown before the end of the first. */
  #carriageReturnEnds: boolean | undefined;

  /**
   * Makes a splitter.
   *
   * @param format Form of the text.
   * @param onRecord Called with each record.
   */
  constructor(format: RecordFormat, onRecord: OnRecord) {
    this.#format = format;
    this.#delimiter = format.delimiter.charCodeAt(0);
    this.#quote = format.quote?.charCodeAt(0) ?? -1;
    this.#onRecord = onRecord;
  }

  /**
   * Takes the next piece of the text.
   *
   * @param piece The piece; it may end anywhere.
   * @throws {SyntaxError} If a quote is misplaced, or a record is too long.
   */
  push(piece: string): void {
    const text = this.#rest + piece;
    let start = 0;
    for (let end = 0; end >= 0 && start < text.length;) {
      end = this.#record(text, start, false);
      if (end >= 0) start = end;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > MAX_RECORD) {
      this.#fail("a record that starts here does not end", "close its quote");
    }
  }

  /**
   * Ends the text, and with it the last record.
   *
   * @throws {SyntaxError} If a quote is misplaced or not closed.
   */
  end(): void {
    const text = this.#rest;
    let start = 0;
    while (start < text.length) start = this.#record(text, start, true);
  }

  /** Reads a record; returns the index after it, or -1 if more text is needed. */
  #record(text: string, start: number, isLast: boolean): number {
    const fields: string[] = [];
    let lines = 1;
    for (let at = start;;) {
      let end: number;
      if (text.charCodeAt(at) === this.#quote) {
        end = this.#closingQuote(text, at, isLast, lines);
        if (end < 0) return -1;
        const value = text.slice(at + 1, end++);
        lines += value.match(/\r\n?|\n/g)?.length ?? 0;
        const quote = this.#format.quote!;
        fields.push(value.replaceAll(quote + quote, quote));
      } else {
        end = this.#endOfField(text, at, isLast, lines);
        if (end < 0) return -1;
        fields.push(text.slice(at, end));
      }
      if (text.charCodeAt(end) === this.#delimiter) {
        at = end + 1;
        if (at === text.length && !isLast) return -1;
        continue;
      }
      const next = this.#afterLineEnd(text, end, isLast);
      if (next < 0) return -1;
      if (next === end && end < text.length) {
        this.#fail(
          `text follows the quote that closes field ${fields.length}`,
          "double a quote inside a quoted field",
          lines - 1,
        );
      }
      if (end > start) this.#onRecord(fields, this.#line);
      this.#line += lines;
      return next;
    }
  }

  /** Finds the quote that closes a field; returns -1 if more text is needed. */
  #closingQuote(
    text: string,
    start: number,
    isLast: boolean,
    lines: number,
  ): number {
    const quote = this.#format.quote!;
    for (let from = start + 1;;) {
      const end = text.indexOf(quote, from);
      if (end < 0 && isLast) {
        this.#fail("a quote is not closed", "close it", lines - 1);
      }
      if (end < 0 || (end + 1 === text.length && !isLast)) return -1;
      if (text.charCodeAt(end + 1) !== this.#quote) return end;
      from = end + 2;
    }
  }

  /** Finds the end of a field without quotes; returns -1 if more text is needed. */
  #endOfField(
    text: string,
    start: number,
    isLast: boolean,
    lines: number,
  ): number {
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === this.#delimiter) return at;
      if (code === this.#quote) {
        this.#fail(
          "a quote is inside a field without quotes",
          "put the field in quotes, and double the quote inside it",
          lines - 1,
        );
      }
      if (code !== LINE_FEED && code !== CARRIAGE_RETURN) continue;
      const next = this.#afterLineEnd(text, at, isLast);
      if (next < 0) return -1;
      if (next > at) return at;
    }
    return isLast ? text.length : -1;
  }

  /** Returns the index after a line end; the same index if none is there, -1 if more text is needed. */
  #afterLineEnd(text: string, at: number, isLast: boolean): number {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED) {
      if (this.#carriageReturnEnds) {
        this.#fail(
          "it has a line feed, and the first line ends in a carriage return",
          "end every line alike, or quote the field",
        );
      }
      this.#carriageReturnEnds = false;
      return at + 1;
    }
    if (code !== CARRIAGE_RETURN) return at;
    if (at + 1 === text.length) return isLast ? at + 1 : -1;
    if (text.charCodeAt(at + 1) === LINE_FEED) {
      this.#carriageReturnEnds ??= false;
      return at + 2;
    }
    this.#carriageReturnEnds ??= true;
    return this.#carriageReturnEnds ? at + 1 : at;
  }

  #fail(problem: string, remedy: string, linesBefore = 0): never {
    throw new SyntaxError(
      `Cannot read ${this.#format.source}, line ${
        this.#line + linesBefore
      }: ${problem}; ${remedy}`,
    );
  }
}
