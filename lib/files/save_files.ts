/**
 * Saves files to a folder on the disk, or into an object that receives them.
 *
 * @module
 */
import {
  type FileContent,
  writeFile as writeDiskFile,
  writeFolder,
} from "../files.ts";
import { checkFileSystem } from "./disk_folder.ts";

/**
 * An object that receives saved files by name. Whatever loads a folder takes it as
 * the folder's files.
 */
export type OutputFiles = Record<string, Blob>;

/**
 * A folder to save to: its path, where there is a file system, or an object that
 * receives the files.
 */
export type FolderTarget = string | OutputFiles;

const REMEDY = "give an object that receives the files, as const files = {}";

/**
 * Writes a file. On the disk atomically and durably: to a temporary file beside it,
 * which is renamed when it is complete and on the disk. After an error the file has
 * its old content or, if only its folder could not be synced, the new one; never a
 * part. Needs permission to read and write the folder. Into an object, the file is
 * put when it is complete.
 *
 * @param target The folder of the file, created if it does not exist, or an object
 * that receives the file.
 * @param name The file's name; it may have a folder, as `onnx/model.onnx`.
 * @param content Its text, or its bytes in chunks.
 * @throws {RangeError} If the folder is the empty string.
 * @throws {Error} If another call writes it, it cannot be written, or there is no
 * file system: Deno's error class, with path, cause and remedy in the message.
 *
 * @example
 * ```ts ignore
 * await writeFile("runs/mine", "results.json", JSON.stringify(scores));
 * ```
 */
export async function writeFile(
  target: FolderTarget,
  name: string,
  content: FileContent,
): Promise<void> {
  if (typeof target !== "string") {
    target[name] = await toBlob(content);
    return;
  }
  checkFileSystem("write", target, REMEDY);
  await writeDiskFile(target, name, content);
}

/**
 * Saves a folder: on the disk atomically and durably, as {@linkcode writeFolder};
 * into an object all files at once, at the end.
 *
 * @param target The folder, which must not exist, or an empty object.
 * @param save Saves the files into the folder that it is given.
 * @throws {RangeError} If the object has files.
 * @throws {Error} If it cannot be written, there is no file system, or the error of `save`.
 */
export async function saveFolder(
  target: FolderTarget,
  save: (partial: FolderTarget) => Promise<void>,
): Promise<void> {
  if (typeof target === "string") {
    checkFileSystem("write", target, REMEDY);
    return await writeFolder(target, save);
  }
  const [name] = Object.keys(target);
  if (name !== undefined) {
    throw new RangeError(
      `Cannot save into an object with files: it has ${name}; give an empty one, {}`,
    );
  }
  const files: OutputFiles = {};
  await save(files);
  Object.assign(target, files);
}

async function toBlob(content: FileContent): Promise<Blob> {
  if (typeof content === "string") return new Blob([content]);
  const parts: Blob[] = [];
  // A chunk may be overwritten after its turn, and a browser keeps a Blob outside its heap.
  for await (const chunk of content) {
    parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  }
  return new Blob(parts);
}
