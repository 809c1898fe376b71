/**
 * Reads files and folders: the only module of `lib/data` that needs permission to.
 * Every error names the path, the problem and the remedy.
 *
 * @module
 */
import { UnicodeDecoder } from "./unicode_decoder.ts";

/** Size of the pieces of a text file, in bytes. */
const PIECE_BYTES = 2 ** 22;

/**
 * Reads a file.
 *
 * @param path The file.
 * @returns The bytes of the file, at least one.
 * @throws {Error} If there is no such file, it is empty, or it cannot be read.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  const bytes = await attempt(path, () => Deno.readFile(path));
  if (bytes.length === 0) throw emptyFile(path);
  return bytes;
}

/**
 * Reads a text file, without its byte-order mark.
 *
 * @param path The file, in UTF-8 or, with a byte-order mark, UTF-16.
 * @returns The text.
 * @throws {SyntaxError} If it is neither.
 * @throws {Error} If there is no such file, it is empty, or it cannot be read.
 */
export async function readText(path: string): Promise<string> {
  let text = "";
  for await (const piece of readTextPieces(path)) text += piece;
  return text;
}

/**
 * Reads a text file in pieces, without its byte-order mark: a file of more than
 * 512 MB does not fit into one string.
 *
 * @param path The file, in UTF-8 or, with a byte-order mark, UTF-16.
 * @param pieceBytes Size of a piece, in bytes.
 * @returns The pieces, of whole characters.
 * @throws {SyntaxError} If it is neither, with the line.
 * @throws {Error} If there is no such file, it is empty, or it cannot be read.
 */
export async function* readTextPieces(
  path: string,
  pieceBytes = PIECE_BYTES,
): AsyncGenerator<string> {
  using file = await attempt(path, () => Deno.open(path));
  const decoder = new UnicodeDecoder(path);
  const buffer = new Uint8Array(pieceBytes);
  for (let isFirst = true;; isFirst = false) {
    const length = await attempt(path, () => fill(file, buffer));
    if (length === 0 && isFirst) throw emptyFile(path);
    yield decoder.decode(buffer.subarray(0, length), length < pieceBytes);
    if (length < pieceBytes) return;
  }
}

/** Reads until a buffer is full or the file ends; returns the number of bytes. */
async function fill(file: Deno.FsFile, buffer: Uint8Array): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const count = await file.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  return length;
}

function emptyFile(path: string): Error {
  return new Error(
    `Cannot read ${path}: the file is empty; write or download it again`,
  );
}

/**
 * Returns whether a path is a file.
 *
 * @param path The path.
 * @returns Whether it is; false where that cannot be determined, since reading it
 * then fails with its own message.
 */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/**
 * Lists the files in a folder.
 *
 * @param path The folder.
 * @param ifMissing The remedy that the error names if there is no such folder.
 * @returns The names of the files, sorted.
 * @throws {Error} If there is no such folder, or it cannot be read.
 */
export async function listFiles(
  path: string,
  ifMissing?: string,
): Promise<string[]> {
  return await listEntries(path, (entry) => !entry.isDirectory, ifMissing);
}

/**
 * Lists the folders in a folder.
 *
 * @param path The folder.
 * @returns The names of the folders, sorted.
 * @throws {Error} If there is no such folder, or it cannot be read.
 */
export async function listFolders(path: string): Promise<string[]> {
  return await listEntries(path, (entry) => entry.isDirectory);
}

async function listEntries(
  path: string,
  isWanted: (entry: Deno.DirEntry) => boolean,
  ifMissing?: string,
): Promise<string[]> {
  const list = async () => {
    const names: string[] = [];
    for await (const entry of Deno.readDir(path)) {
      if (isWanted(entry)) names.push(entry.name);
    }
    return names;
  };
  return (await attempt(path, list, ifMissing)).sort();
}

/** Runs a file operation; an error keeps its class, and its message names path and remedy. */
async function attempt<T>(
  path: string,
  operation: () => Promise<T>,
  ifMissing = "check the path",
): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const SameError = Object.values(Deno.errors).find((Type) =>
      cause instanceof Type
    ) ?? Error;
    throw new SameError(
      `Cannot read ${path}: ${explain(cause, path, ifMissing)}`,
      { cause },
    );
  }
}

function explain(
  cause: unknown,
  path: string,
  ifMissing: string,
): string {
  if (cause instanceof Deno.errors.NotCapable) {
    return `this run has no permission to read it; start it with --allow-read=${path}`;
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return `the system does not let this user read it; change its owner or mode`;
  }
  if (cause instanceof Deno.errors.NotFound) {
    return `there is no such file or folder; ${ifMissing}`;
  }
  if (cause instanceof Deno.errors.IsADirectory) {
    return "it is a folder; give the path of a file";
  }
  if (cause instanceof Deno.errors.NotADirectory) {
    return "it is a file; give the path of a folder";
  }
  return cause instanceof Error ? cause.message : String(cause);
}
