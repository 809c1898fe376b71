/**
 * Opens what a caller gives: a path, a URL, or files.
 *
 * @module
 */
import { describe } from "../check_options.ts";
import { checkFileSystem, DiskFolder, openDiskFile } from "./disk_folder.ts";
import type { FileSource, Folder, FolderSource, OpenFile } from "./folder.ts";
import { MemoryFile, MemoryFolder } from "./memory_folder.ts";
import { openUrlFile, UrlFolder } from "./url_folder.ts";

const REMEDY =
  'give files by name, as { "config.json": file }, a File, or a URL';

/**
 * Returns the URL on a server that a source is.
 *
 * @param source A path, a URL, also as text, or anything else.
 * @returns The URL; `undefined` if it is none, or that of a local file.
 * @throws {TypeError} If it starts as a URL, and is none.
 */
export function urlOf(source: unknown): URL | undefined {
  const url = parsedUrl(source);
  return url?.protocol === "file:" ? undefined : url;
}

/**
 * Returns the path that a source is.
 *
 * @param source A path, a `file:` URL, also as text, or anything else.
 * @returns The path; `undefined` if it is none.
 */
export function diskPathOf(source: unknown): string | undefined {
  const url = parsedUrl(source);
  if (url?.protocol === "file:") {
    const path = decodeURIComponent(url.pathname);
    return path.replace(/^\/(?=[a-z]:)/i, ""); // /C:/models on Windows
  }
  return !url && typeof source === "string" ? source : undefined;
}

function parsedUrl(source: unknown): URL | undefined {
  if (source instanceof URL) return source;
  if (typeof source !== "string" || !/^(?:https?|file):\/\//i.test(source)) {
    return undefined;
  }
  try {
    return new URL(source);
  } catch (cause) {
    throw new TypeError(
      `Cannot read ${source}: it is not a valid URL; correct it`,
      { cause },
    );
  }
}

/**
 * Names a source for errors.
 *
 * @param source Path, URL, `File` or files.
 * @returns Its path, URL or name.
 */
export function pathOf(source: FileSource | FolderSource): string {
  const path = diskPathOf(source);
  if (path !== undefined) return path;
  const url = urlOf(source);
  if (url) return typeof source === "string" ? source : url.href;
  return source instanceof File ? source.name : "the given files";
}

/**
 * Opens a folder; nothing is read yet.
 *
 * @param source Path, URL or files.
 * @returns The folder.
 * @throws {TypeError} If it is none of these.
 * @throws {Error} If it is a path, and there is no file system.
 */
export function openFolder(source: FolderSource): Folder {
  const url = urlOf(source);
  if (url) return new UrlFolder(url);
  const path = diskPathOf(source);
  if (path !== undefined) {
    checkFileSystem("read", path, REMEDY);
    return new DiskFolder(path);
  }
  if (typeof source === "object" && source && !(source instanceof Blob)) {
    return new MemoryFolder(source as Exclude<FolderSource, URL | string>);
  }
  throw new TypeError(
    `Cannot read a folder from ${
      describe(source)
    }: it must be a path, a URL, or files by name, as { "config.json": file }`,
  );
}

/**
 * Opens one file.
 *
 * @param source Path, URL or `File`.
 * @param ifMissing Remedy that ends the error if there is no such file.
 * @returns The open file.
 * @throws {Error} If there is no such file, or it cannot be read.
 */
export async function openFile(
  source: FileSource,
  ifMissing: string,
): Promise<OpenFile> {
  const url = urlOf(source);
  if (url) return await openUrlFile(url, ifMissing);
  const path = diskPathOf(source);
  if (path !== undefined) {
    checkFileSystem("read", path, REMEDY);
    return await openDiskFile(path, ifMissing);
  }
  if (source instanceof File) return new MemoryFile(source.name, source);
  throw new TypeError(
    `Cannot read ${
      describe(source)
    }: it must be a path, a URL or a File, as new File([bytes], "train.csv")`,
  );
}
