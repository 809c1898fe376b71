/**
 * Folders and files that are read, wherever they are: on the disk, in memory or on
 * a server.
 *
 * @module
 */

/**
 * Files by name: `{ "config.json": file, … }`. A name may have a folder, as
 * `onnx/model.onnx`. A `File` is a `Blob`; a `Response` is read once and kept.
 */
export type InputFiles = Readonly<
  Record<string, Uint8Array | Blob | Response>
>;

/**
 * A folder: its path, where there is a file system; its URL, also as text; or its
 * files.
 */
export type FolderSource = string | URL | InputFiles;

/** One file: its path, where there is a file system; its URL; or a `File`. */
export type FileSource = string | URL | File;

/** A file that is open for reading by ranges; `using` closes it. */
export interface OpenFile extends Disposable {
  /** Path or URL, for errors. */
  readonly path: string;
  /** Size of the file, in bytes. */
  readonly size: number;
  /**
   * Reads a range of bytes.
   *
   * @param offset Offset from the start of the file, in bytes.
   * @param length Number of bytes.
   * @returns The bytes, in a new buffer.
   * @throws {SyntaxError} If the file ends earlier.
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Names in a folder, sorted. */
export interface FolderEntries {
  /** Names of the files. */
  readonly files: readonly string[];
  /** Names of the folders. */
  readonly folders: readonly string[];
}

/** A folder that is read. */
export interface Folder {
  /** Path or URL, for errors. */
  readonly path: string;
  /** Path or URL of a file in it, for errors. */
  pathOf(name: string): string;
  /**
   * Opens a file.
   *
   * @param name The file's name.
   * @param ifMissing Remedy that ends the error if there is no such file.
   * @returns The open file.
   * @throws {Error} If there is none or it cannot be read, with path, cause and remedy.
   */
  open(name: string, ifMissing: string): Promise<OpenFile>;
  /** Opens a file, as `open`; `undefined` if there is none. */
  find(name: string): Promise<OpenFile | undefined>;
  /** Returns a folder in it. */
  folder(name: string): Folder;
  /**
   * Lists the folder; absent on a server, which has no list.
   *
   * @param ifMissing Remedy that ends the error if there is no such folder.
   * @returns The names in it.
   * @throws {Error} If there is no such folder, or it cannot be read.
   */
  list?(ifMissing: string): Promise<FolderEntries>;
}

/** The error of a file that ends before a range that is read. */
export function truncatedFile(path: string, end: number): SyntaxError {
  return new SyntaxError(
    `Cannot read ${path}: it ends at byte ${end}, too early: it is truncated; copy or download it again`,
  );
}
