/**
 * The contents of open files: bytes, and text.
 *
 * @module
 */
import { describe } from "../check_options.ts";
import type { OpenFile } from "../files/folder.ts";
import { UnicodeDecoder } from "./unicode_decoder.ts";

/** Size of the pieces of a text file, in bytes. */
const PIECE_BYTES = 2 ** 22;

/** Bytes, or a `Blob` or `File` that has them. */
export type BinarySource = Uint8Array | Blob;

/**
 * Reads a file.
 *
 * @param file The open file, which is closed.
 * @returns The bytes of the file, at least one.
 * @throws {Error} If it is empty, or it cannot be read.
 */
export async function readBytes(file: OpenFile): Promise<Uint8Array> {
  using open = file;
  checkIsNotEmpty(open);
  return await open.read(0, open.size);
}

/**
 * Returns the bytes of a source.
 *
 * @param content The source.
 * @param source The file's name, for errors.
 * @returns The same bytes, or those of the `Blob`.
 * @throws {TypeError} If it is neither.
 */
export async function bytesOf(
  content: BinarySource,
  source: string,
): Promise<Uint8Array> {
  if (content instanceof Blob) {
    return new Uint8Array(await content.arrayBuffer());
  }
  if (content instanceof Uint8Array) return content;
  throw new TypeError(
    `Cannot read ${source}: its contents are ${
      describe(content)
    }; give a Uint8Array or a Blob, or the file itself to loadDataFile`,
  );
}

/**
 * Reads a text file, without its byte-order mark.
 *
 * @param file The open file, in UTF-8 or, with a byte-order mark, UTF-16; it is closed.
 * @returns The text.
 * @throws {SyntaxError} If it is neither.
 * @throws {Error} If it is empty, or it cannot be read.
 */
export async function readText(file: OpenFile): Promise<string> {
  let text = "";
  for await (const piece of readTextPieces(file)) text += piece;
  return text;
}

/**
 * Reads a text file in pieces, without its byte-order mark: a file of more than
 * 512 MB does not fit into one string.
 *
 * @param file The open file, in UTF-8 or, with a byte-order mark, UTF-16; it is closed.
 * @param pieceBytes Size of a piece, in bytes.
 * @returns The pieces, of whole characters.
 * @throws {SyntaxError} If it is neither, with the line.
 * @throws {Error} If it is empty, or it cannot be read.
 */
export async function* readTextPieces(
  file: OpenFile,
  pieceBytes: number = PIECE_BYTES,
): AsyncGenerator<string> {
  using open = file;
  checkIsNotEmpty(open);
  const decoder = new UnicodeDecoder(open.path);
  for (let offset = 0; offset < open.size; offset += pieceBytes) {
    const length = Math.min(pieceBytes, open.size - offset);
    const bytes = await open.read(offset, length);
    yield decoder.decode(bytes, offset + length === open.size);
  }
}

function checkIsNotEmpty({ path, size }: OpenFile): void {
  if (size > 0) return;
  throw new Error(
    `Cannot read ${path}: the file is empty; write or download it again`,
  );
}
