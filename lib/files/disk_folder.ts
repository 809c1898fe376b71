/**
 * Folders and files on the disk. Reading needs permission to; errors keep Deno's
 * class, with path, cause and remedy in the message.
 *
 * @module
 */
import { explain, join } from "../files.ts";
import {
  type Folder,
  type FolderEntries,
  type OpenFile,
  truncatedFile,
} from "./folder.ts";

/**
 * Throws where there is no file system, as in a browser.
 *
 * @param action The operation.
 * @param path The path that was given.
 * @param remedy The remedy that ends the error.
 */
export function checkFileSystem(
  action: "read" | "write",
  path: string,
  remedy: string,
): void {
  if (typeof Deno !== "undefined") return;
  throw new Error(
    `Cannot ${action} ${path}: this environment has no file system; ${remedy}`,
  );
}

class DiskFile implements OpenFile {
  readonly path: string;
  readonly size: number;
  readonly #file: Deno.FsFile;

  constructor(path: string, size: number, file: Deno.FsFile) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  // deno-lint-ignore require-await -- an error rejects, as that of every file
  async read(
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return this.#read(offset, length);
    } catch (error) {
      throw explain(error, "read", this.path);
    }
  }

  /** Synchronous, because concurrent reads would share the one position of the file. */
  #read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    let done = 0;
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    while (done < length) {
      const count = this.#file.readSync(bytes.subarray(done));
      if (count === null) throw truncatedFile(this.path, offset + done);
      done += count;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Opens a file for reading by ranges.
 *
 * @param path The file.
 * @param ifMissing Remedy that ends the error if there is no such file.
 * @returns The open file.
 * @throws {Error} If it cannot be opened.
 */
export async function openDiskFile(
  path: string,
  ifMissing: string,
): Promise<OpenFile> {
  try {
    const { isFile } = await Deno.stat(path); // opening a FIFO would wait for ever
    if (!isFile) {
      throw new Error(
        `Cannot read ${path}: it is not a regular file: give a file, not a folder or a pipe`,
      );
    }
    const file = await Deno.open(path);
    const { size } = await file.stat();
    return new DiskFile(path, size, file);
  } catch (error) {
    throw explain(error, "read", path, ifMissing);
  }
}

/**
 * Returns whether a path is a file.
 *
 * @param path The path.
 * @returns Whether it is; false where that cannot be determined, since reading it
 * then fails with its own message.
 */
export async function isDiskFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** A folder on the disk. */
export class DiskFolder implements Folder {
  readonly path: string;

  /** Takes a path. */
  constructor(path: string) {
    this.path = path;
  }

  pathOf(name: string): string {
    return join(this.path, name);
  }

  open(name: string, ifMissing: string): Promise<OpenFile> {
    return openDiskFile(this.pathOf(name), ifMissing);
  }

  async find(name: string): Promise<OpenFile | undefined> {
    try {
      return await this.open(name, "");
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  folder(name: string): Folder {
    return new DiskFolder(this.pathOf(name));
  }

  async list(ifMissing: string): Promise<FolderEntries> {
    const files: string[] = [];
    const folders: string[] = [];
    try {
      for await (const { name, isDirectory } of Deno.readDir(this.path)) {
        (isDirectory ? folders : files).push(name);
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotADirectory) {
        throw new Deno.errors.NotADirectory(
          `Cannot read ${this.path}: it is a file; give the path of a folder`,
          { cause: error },
        );
      }
      throw explain(error, "read", this.path, ifMissing);
    }
    return { files: files.sort(), folders: folders.sort() };
  }
}
