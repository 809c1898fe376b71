/**
 * Bytes as printable characters, as GPT-2's tokenizer has them.
 *
 * Source: https://github.com/openai/gpt-2/blob/master/src/encoder.py
 *
 * @module
 */

/** The character for each byte, `[256]`. */
const CHARACTERS: readonly string[] = characters();
/** The byte for each character. */
const BYTES: ReadonlyMap<string, number> = new Map(
  CHARACTERS.map((char, byte) => [char, byte]),
);

const ENCODER = new TextEncoder();

function characters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = byte >= 0x21 && byte <= 0x7e ||
      byte >= 0xa1 && byte <= 0xac || byte >= 0xae;
    return String.fromCharCode(isPrintable ? byte : next++);
  });
}

/**
 * Replaces the bytes of a text by characters.
 *
 * @param text The text.
 * @returns A character for each byte in UTF-8.
 */
export function byteCharacters(text: string): string {
  if (/^[!-~]*$/.test(text)) return text;
  let result = "";
  for (const byte of ENCODER.encode(text)) result += CHARACTERS[byte];
  return result;
}

/**
 * Returns the bytes of a token.
 *
 * @param token The token.
 * @returns The bytes that its characters stand for, or its UTF-8 if one stands for none.
 */
export function tokenBytes(token: string): ArrayLike<number> {
  const bytes = Array.from(token, (char) => BYTES.get(char));
  return bytes.includes(undefined) ? ENCODER.encode(token) : bytes as number[];
}
