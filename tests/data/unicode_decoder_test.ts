import { assertEquals, assertThrows } from "@std/assert";
import { UnicodeDecoder } from "../../lib/data/unicode_decoder.ts";

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) {
    view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

/** Decodes bytes in pieces. */
function decode(bytes: Uint8Array, size: number): string[] {
  const decoder = new UnicodeDecoder("x.csv");
  const pieces: string[] = [];
  for (let at = 0; at <= bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    pieces.push(decoder.decode(piece, piece.length < size));
  }
  return pieces;
}

Deno.test("UnicodeDecoder reads UTF-16 with a byte-order mark in pieces of any size", () => {
  for (const text of ["ä東🚀\ufeffx\r\n\u0a0a\u0d0d", "", "x", "🚀"]) {
    for (const littleEndian of [true, false]) {
      const bytes = utf16(`\ufeff${text}`, littleEndian);
      for (let size = 1; size <= 12; size++) {
        const pieces = decode(bytes, size);
        assertEquals(pieces.join(""), text, `${size}`);
        assertEquals(pieces.every((piece) => piece.isWellFormed()), true);
      }
    }
  }
});

Deno.test("UnicodeDecoder names the line of damaged UTF-16", () => {
  const message =
    "Cannot read x.csv: it is not UTF-16 text in line 3; save it as UTF-8";
  for (const littleEndian of [true, false]) {
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = `\ufeffa\u0a0d${end}b${end}c`;
      for (const size of [1, 5, 100]) {
        const lone = utf16(`${text}\udc00${end}d`, littleEndian);
        assertThrows(() => decode(lone, size), SyntaxError, message);
        const cut = utf16(`${text}d`, littleEndian).subarray(0, -1);
        assertThrows(() => decode(cut, size), SyntaxError, message);
      }
    }
  }
});

Deno.test("UnicodeDecoder names the format of a file that is no such text, and the remedy", () => {
  const cases: [Uint8Array, string][] = [
    [
      utf16("text,label", true),
      "it is UTF-16 text without a byte-order mark; save it as UTF-8",
    ],
    [
      utf16("text,label", false),
      "it is UTF-16 text without a byte-order mark; save it as UTF-8",
    ],
    [
      Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0),
      "it is UTF-32 text; save it as UTF-8",
    ],
    [
      Uint8Array.of(0x1f, 0x8b, 8, 0),
      "it is compressed with gzip; decompress it first",
    ],
    [
      Uint8Array.of(0x50, 0x4b, 3, 4, 20),
      'it is a zip archive, as Excel\'s .xlsx is; save it in Excel as "CSV UTF-8", or decompress it first',
    ],
    [
      Uint8Array.of(0x61, 0xe4, 0x0a),
      'it is not UTF-8 text in line 1; save it in that encoding, in Excel as "CSV UTF-8"',
    ],
  ];
  for (const [bytes, problem] of cases) {
    for (const size of [1, 3, 100]) {
      assertThrows(
        () => decode(bytes, size),
        SyntaxError,
        `Cannot read x.csv: ${problem}`,
      );
    }
  }
});
