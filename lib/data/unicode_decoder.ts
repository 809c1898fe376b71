/**
 * UTF-8, and UTF-16 with a byte-order mark, in pieces, with errors that name the
 * line. Excel writes both: "CSV UTF-8", and "Unicode Text" in UTF-16.
 *
 * @module
 */

/** Bytes that tell the encoding: those of the longest byte-order mark. */
const MARK_BYTES = 4;
/** Whether a byte continues a character. */
const continues = (byte: number) => (byte & 0xc0) === 0x80;

/** Encodings that can be read. */
type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** Decodes a file from pieces that may end inside a character. */
export class UnicodeDecoder {
  readonly #path: string;
  /** The first bytes of a character that the last piece did not complete. */
  #rest: Uint8Array = new Uint8Array();
  /** The encoding; unknown before the first bytes. */
  #encoding: Encoding | undefined;
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
   * @throws {SyntaxError} If it is neither UTF-8 nor UTF-16 with a byte-order mark.
   */
  decode(piece: Uint8Array, isLast: boolean): string {
    let bytes = piece;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + piece.length);
      bytes.set(this.#rest);
      bytes.set(piece, this.#rest.length);
    }
    if (!this.#encoding && bytes.length < MARK_BYTES && !isLast) {
      this.#rest = bytes.slice();
      return "";
    }
    // A mark after the first character of the file is text.
    const ignoreBOM = this.#encoding !== undefined;
    const encoding = this.#encoding ??= this.#encodingOf(bytes);
    const end = isLast ? bytes.length : lengthOfWhole(bytes, encoding);
    const whole = bytes.subarray(0, end);
    this.#rest = bytes.slice(end);
    try {
      const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM });
      const text = decoder.decode(whole);
      this.#countLineEnds(text);
      return text;
    } catch (cause) {
      this.#failInLine(whole, encoding, cause);
    }
  }

  /** Returns the encoding that the first bytes declare. */
  #encodingOf(bytes: Uint8Array): Encoding {
    const problem = otherFormat(bytes);
    if (problem !== undefined) this.#fail(problem);
    const [a, b] = bytes;
    if (a === 0xff && b === 0xfe) return "utf-16le";
    return a === 0xfe && b === 0xff ? "utf-16be" : "utf-8";
  }

  #countLineEnds(text: string): void {
    this.#lineFeeds += count(text, "\n");
    this.#carriageReturns += count(text, "\r");
  }

  /** Names the line of the first bytes that are not in the encoding. */
  #failInLine(bytes: Uint8Array, encoding: Encoding, cause: unknown): never {
    this.#countLineEnds(validStart(bytes, encoding));
    const line = 1 + Math.max(this.#lineFeeds, this.#carriageReturns);
    const [name, remedy] = encoding === "utf-8"
      ? ["UTF-8", 'save it in that encoding, in Excel as "CSV UTF-8"']
      : ["UTF-16", "save it as UTF-8"];
    this.#fail(`it is not ${name} text in line ${line}; ${remedy}`, cause);
  }

  #fail(problem: string, cause?: unknown): never {
    throw new SyntaxError(`Cannot read ${this.#path}: ${problem}`, { cause });
  }
}

/** Says what a file is that is not text in an encoding that can be read, and the remedy. */
function otherFormat([a, b, c, d]: Uint8Array): string | undefined {
  if (a === 0x1f && b === 0x8b) {
    return "it is compressed with gzip; decompress it first";
  }
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4) {
    return 'it is a zip archive, as Excel\'s .xlsx is; save it in Excel as "CSV UTF-8", or decompress it first';
  }
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) {
    return "it is UTF-32 text; save it as UTF-8";
  }
  // Two characters of one byte each.
  const isUtf16 = (a !== 0 && b === 0 && c !== 0 && d === 0) ||
    (a === 0 && b !== 0 && c === 0 && d !== 0);
  return isUtf16
    ? "it is UTF-16 text without a byte-order mark; save it as UTF-8"
    : undefined;
}

/** Returns the number of bytes without those of a character that is not complete. */
function lengthOfWhole(bytes: Uint8Array, encoding: Encoding): number {
  const { length } = bytes;
  if (encoding !== "utf-8") {
    const even = length - length % 2;
    const high = bytes[even - (encoding === "utf-16le" ? 1 : 2)] ?? 0;
    const isHighSurrogate = (high & 0xfc) === 0xd8;
    return isHighSurrogate ? even - 2 : even;
  }
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back]!;
    if (continues(byte)) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return size > back ? length - back : length;
  }
  return length;
}

/** Returns the text before the first bytes that are not in the encoding. */
function validStart(bytes: Uint8Array, encoding: Encoding): string {
  let text = "";
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const decoder = new TextDecoder(encoding, { fatal: true });
    try {
      text = decoder.decode(bytes.subarray(0, middle), { stream: true });
      low = middle;
    } catch {
      high = middle - 1;
    }
  }
  return text;
}

function count(text: string, wanted: string): number {
  let found = 0;
  for (let at = text.indexOf(wanted); at >= 0; found++) {
    at = text.indexOf(wanted, at + 1);
  }
  return found;
}
