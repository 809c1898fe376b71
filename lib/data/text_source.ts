/**
 * Text that is whole, or arrives in pieces: no string of V8 holds a file of
 * more than 512 MB.
 *
 * @module
 */
import { describe } from "../check_options.ts";
import { MemoryFile } from "../files/memory_folder.ts";
import { type BinarySource, readTextPieces } from "./files.ts";

/** Limit of a line, in characters. */
const MAX_LINE = 2 ** 28;

/**
 * Text: whole, in pieces that may end anywhere between two characters, or as bytes
 * in UTF-8 or, with a byte-order mark, UTF-16.
 */
export type TextSource = string | BinarySource | AsyncIterable<string>;

/**
 * Yields the pieces of a text, without its byte-order mark.
 *
 * @param text The text.
 * @param source The file's name, for errors.
 * @returns The pieces.
 * @throws {SyntaxError} If bytes are not text.
 * @throws {TypeError} If it is none of these, or has a piece that is no text.
 */
export async function* piecesOf(
  text: TextSource,
  source: string,
): AsyncGenerator<string> {
  if (typeof text === "string") {
    yield text.startsWith("\ufeff") ? text.slice(1) : text;
  } else if (text instanceof Uint8Array || text instanceof Blob) {
    yield* readTextPieces(new MemoryFile(source, text));
  } else {
    if (!isIterable(text)) throw noText(source, text);
    for await (const piece of text) {
      if (typeof piece !== "string") {
        throw noText(`a piece of ${source}`, piece);
      }
      yield piece;
    }
  }
}

function isIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value);
}

function noText(source: string, value: unknown): TypeError {
  return new TypeError(
    `Cannot read ${source}: it is ${
      describe(value)
    }; give text, a Uint8Array or a Blob, or the file itself to loadDataFile`,
  );
}

/** Splits text in pieces into lines, which end in `\n`, `\r\n` or `\r`. */
export class LineSplitter {
  readonly #source: string;
  readonly #onLine: (line: string, number: number) => void;
  /** The line that is not complete. */
  #rest = "";
  #number = 1;

  /**
   * Makes a splitter.
   *
   * @param source The file's name, for errors.
   * @param onLine Called with each line and its number, from 1.
   */
  constructor(
    source: string,
    onLine: (line: string, number: number) => void,
  ) {
    this.#source = source;
    this.#onLine = onLine;
  }

  /**
   * Takes the next piece of the text.
   *
   * @param piece The piece; it may end anywhere.
   * @throws {SyntaxError} If a line is too long.
   */
  push(piece: string): void {
    const text = this.#rest + piece;
    let start = 0;
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r(?!$)/g)) {
      this.#onLine(text.slice(start, index), this.#number++);
      start = index + end.length;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length <= MAX_LINE) return;
    throw new SyntaxError(
      `Cannot read ${this.#source}, line ${this.#number}: it has more than ${MAX_LINE} characters; write one row a line`,
    );
  }

  /** Ends the text, and with it the last line. */
  end(): void {
    const last = this.#rest.endsWith("\r")
      ? this.#rest.slice(0, -1)
      : this.#rest;
    if (last !== "") this.#onLine(last, this.#number);
  }
}
