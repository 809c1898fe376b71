/**
 * Reads the files of a folder.
 *
 * @module
 */
import { explain, join } from "../files.ts";

/** A file that is open for reading by ranges; `using` closes it. */
export class OpenFile implements Disposable {
  /** Path, for errors. */
  readonly path: string;
  /** Size of the file, in bytes. */
  readonly size: number;
  #file: Deno.FsFile;

  /** Takes ownership of a file that is open for reading. */
  constructor(path: string, size: number, file: Deno.FsFile) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  /**
   * Reads a range of bytes. Synchronous, because concurrent reads would share
   * the one position of the file.
   *
   * @param offset Offset from the start of the file, in bytes.
   * @param length Number of bytes.
   * @returns The bytes, in a new buffer.
   * @throws {SyntaxError} If the file ends earlier.
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    let done = 0;
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    while (done < length) {
      const count = this.#file.readSync(bytes.subarray(done));
      if (count === null) {
        throw new SyntaxError(
          `Cannot read ${this.path}: it ends at byte ${
            offset + done
          }, too early: it is truncated; copy or download it again`,
        );
      }
      done += count;
    }
    return bytes;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Opens a file for reading by ranges.
 *
 * @param folder The folder of the file.
 * @param name The file's name.
 * @param ifMissing Remedy that ends the error if there is no such file.
 * @returns The open file.
 * @throws {Error} If it cannot be opened: Deno's error class, with path, cause
 * and remedy in the message.
 */
export async function openFile(
  folder: string,
  name: string,
  ifMissing: string,
): Promise<OpenFile> {
  const path = join(folder, name);
  try {
    const { isFile } = await Deno.stat(path); // opening a FIFO would wait for ever
    if (!isFile) throw new NotAFile(path);
    const file = await Deno.open(path);
    const { size } = await file.stat();
    return new OpenFile(path, size, file);
  } catch (error) {
    throw explain(error, "read", path, ifMissing);
  }
}

/** Refuses folders, pipes and devices. */
class NotAFile extends Error {
  constructor(path: string) {
    super(
      `Cannot read ${path}: it is not a regular file: give a file, not a folder or a pipe`,
    );
  }
}

/**
 * Reads a JSON file that holds an object.
 *
 * @param folder The folder of the file.
 * @param name The file's name.
 * @param ifMissing Remedy that ends the error if there is no such file.
 * @returns The object.
 * @throws {SyntaxError} If it does not hold a JSON object.
 * @throws {Error} If it cannot be read, as {@linkcode openFile}.
 */
export async function readJsonObject(
  folder: string,
  name: string,
  ifMissing: string,
): Promise<Record<string, unknown>> {
  const path = join(folder, name);
  let text: string;
  try {
    if (!(await Deno.stat(path)).isFile) throw new NotAFile(path);
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw explain(error, "read", path, ifMissing);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${path}: it is not valid JSON: ${
        (cause as Error).message
      }; copy or download it again`,
      { cause },
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError(
      `Cannot read ${path}: it must hold a JSON object; copy or download it again`,
    );
  }
  return value as Record<string, unknown>;
}

/**
 * Tells whether a file exists.
 *
 * @param folder The folder of the file.
 * @param name The file's name.
 * @returns Whether it exists.
 * @throws {Error} If that cannot be determined, as {@linkcode openFile}.
 */
export async function fileExists(
  folder: string,
  name: string,
): Promise<boolean> {
  const path = join(folder, name);
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw explain(error, "read", path);
  }
}
