/**
 * Text in Arrow data, which must be UTF-8.
 *
 * @module
 */
import { bitAt, type Bits } from "./arrow_buffers.ts";

/** Decodes text that was checked; a byte order mark is a character of it. */
export const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

/** Checks text; the other decoder, which replaces what is damaged, is faster. */
const STRICT = new TextDecoder("utf-8", { fatal: true });

/** Bytes that are decoded at once. */
const PIECE = 2 ** 20;

/**
 * Checks the texts of a column.
 *
 * @param bytes All texts.
 * @param offsets Their offsets, one more than there are texts.
 * @param valid Those that are not missing.
 * @throws {Error} If one is not UTF-8.
 */
export function checkText(
  bytes: Uint8Array,
  offsets: ArrayLike<number>,
  valid: Bits,
): void {
  const count = offsets.length - 1;
  const [start, end] = [offsets[0]!, offsets[count]!];
  if (isAscii(bytes, start, end)) return;
  // Fast: all at once, if no text begins within a character.
  let isWhole = isText(bytes, start, end);
  for (let i = 1; i < count && isWhole; i++) {
    const at = offsets[i]!;
    isWhole = at === end || (bytes[at]! & 0xc0) !== 0x80;
  }
  if (isWhole) return;
  for (let i = 0; i < count; i++) {
    // What lies under a missing text can be anything.
    if (bitAt(valid, i) && !isText(bytes, offsets[i]!, offsets[i + 1]!)) {
      throw new Error("a text is not UTF-8");
    }
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! > 127) return false;
  return true;
}

function isText(bytes: Uint8Array, start: number, end: number): boolean {
  try {
    if (end - start <= PIECE) {
      STRICT.decode(bytes.subarray(start, end));
      return true;
    }
    const decoder = new TextDecoder("utf-8", { fatal: true });
    for (let at = start; at < end; at += PIECE) {
      decoder.decode(bytes.subarray(at, Math.min(end, at + PIECE)), {
        stream: at + PIECE < end,
      });
    }
  } catch {
    return false;
  }
  return true;
}
