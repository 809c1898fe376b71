/**
 * UTF-8 in pieces, with errors that name the line.
 *
 * @module
 */

const [LINE_FEED, CARRIAGE_RETURN] = [10, 13];
/** Whether a byte continues a character. */
const continues = (byte: number) => (byte & 0xc0) === 0x80;

/** Decodes a file from pieces that may end inside a character. */
export class Utf8Decoder {
  readonly #path: string;
  /** The first bytes of a character that the last piece did not complete. */
  #rest: Uint8Array = new Uint8Array();
  #isFirst = true;
  /** Line ends so far: a file has those of one kind, or each twice. */
  #lineFeeds = 0;
  #carriageReturns = 0;

  /**
   * Makes a decoder.
   *
   * @param path The file's name, for errors.
   */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Decodes the next piece.
   *
   * @param piece The bytes.
   * @param isLast Whether the file ends with this piece.
   * @returns The text of the characters that are complete, without the file's byte-order mark.
   * @throws {SyntaxError} If it is not UTF-8.
   */
  decode(piece: Uint8Array, isLast: boolean): string {
    let bytes = piece;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + piece.length);
      bytes.set(this.#rest);
      bytes.set(piece, this.#rest.length);
    }
    if (this.#isFirst && isUtf16(bytes)) {
      this.#fail("it is UTF-16 text; save it as UTF-8");
    }
    if (this.#isFirst && bytes[0] === 0x1f && bytes[1] === 0x8b) {
      this.#fail("it is compressed with gzip; decompress it first");
    }
    const end = isLast ? bytes.length : lengthOfWhole(bytes);
    // A mark after the first character of the file is text.
    const ignoreBOM = !this.#isFirst;
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM });
    const whole = bytes.subarray(0, end);
    let text: string;
    try {
      text = decoder.decode(whole);
    } catch (cause) {
      this.#countLineEnds(whole.subarray(0, lengthOfWholeLines(whole)));
      const line = 1 + Math.max(this.#lineFeeds, this.#carriageReturns);
      this.#fail(
        `it is not UTF-8 text in line ${line}; save it in that encoding`,
        cause,
      );
    }
    this.#rest = bytes.slice(end);
    this.#isFirst &&= whole.length === 0;
    this.#countLineEnds(whole);
    return text;
  }

  #countLineEnds(bytes: Uint8Array): void {
    this.#lineFeeds += count(bytes, LINE_FEED);
    this.#carriageReturns += count(bytes, CARRIAGE_RETURN);
  }

  #fail(problem: string, cause?: unknown): never {
    throw new SyntaxError(`Cannot read ${this.#path}: ${problem}`, { cause });
  }
}

/** Tells whether text is UTF-16: by its byte-order mark, or two characters of one byte each. */
function isUtf16([a, b, c, d]: Uint8Array): boolean {
  return (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) ||
    (a !== 0 && b === 0 && c !== 0 && d === 0) ||
    (a === 0 && b !== 0 && c === 0 && d !== 0);
}

/** Returns the number of bytes without those of a character that is not complete. */
function lengthOfWhole(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back]!;
    if (continues(byte)) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return size > back ? length - back : length;
  }
  return length;
}

/** Returns the number of bytes before the line with the first bytes that are not UTF-8. */
function lengthOfWholeLines(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== LINE_FEED && bytes[at] !== CARRIAGE_RETURN) continue;
    try {
      decoder.decode(bytes.subarray(start, at));
    } catch {
      return start;
    }
    start = at + 1;
  }
  return start;
}

function count(bytes: Uint8Array, wanted: number): number {
  let found = 0;
  for (let at = bytes.indexOf(wanted); at >= 0; found++) {
    at = bytes.indexOf(wanted, at + 1);
  }
  return found;
}
