/**
 * Reads the JSON files of a folder.
 *
 * @module
 */
import type { Folder, OpenFile } from "../files/folder.ts";

/**
 * Reads a JSON file that holds an object.
 *
 * @param folder The folder of the file.
 * @param name The file's name.
 * @param ifMissing Remedy that ends the error if there is no such file.
 * @returns The object.
 * @throws {SyntaxError} If it does not hold a JSON object.
 * @throws {Error} If it cannot be read.
 */
export async function readJsonObject(
  folder: Folder,
  name: string,
  ifMissing: string,
): Promise<Record<string, unknown>> {
  return await parseJsonObject(await folder.open(name, ifMissing));
}

/**
 * Parses an open JSON file that holds an object, and closes it.
 *
 * @param file The file.
 * @returns The object.
 * @throws {SyntaxError} If it does not hold a JSON object.
 */
export async function parseJsonObject(
  file: OpenFile,
): Promise<Record<string, unknown>> {
  using open = file;
  const { path, size } = open;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(await open.read(0, size)));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new SyntaxError(
      `Cannot read ${path}: it is not valid JSON: ${cause.message}; copy or download it again`,
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
