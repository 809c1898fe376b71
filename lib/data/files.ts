/**
 * Files and folders: the only module of `lib/data` that needs a permission.
 * Every error names the path, the problem and the remedy.
 *
 * @module
 */

/**
 * Reads a file.
 *
 * @param path The file.
 * @returns The bytes of the file, at least one.
 * @throws {Error} If there is no such file, it is empty, or it cannot be read.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  const bytes = await attempt("read", path, () => Deno.readFile(path));
  if (bytes.length === 0) {
    throw new Error(
      `Cannot read ${path}: the file is empty; write or download it again`,
    );
  }
  return bytes;
}

/**
 * Reads a text file, without its byte-order mark.
 *
 * @param path The file, in UTF-8.
 * @returns The text.
 * @throws {SyntaxError} If it is not UTF-8.
 * @throws {Error} If there is no such file, it is empty, or it cannot be read.
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${path}: it is not UTF-8 text; save it in that encoding`,
      { cause },
    );
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
  return (await attempt("read", path, list, ifMissing)).sort();
}

/**
 * Writes a text file to a folder, which is created if it does not exist.
 *
 * @param folder The folder.
 * @param name The file's name.
 * @param text The file's text.
 * @throws {Error} If the file cannot be written.
 */
export async function writeText(
  folder: string,
  name: string,
  text: string,
): Promise<void> {
  const path = `${folder}/${name}`;
  await attempt("write", path, async () => {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(path, text);
  });
}

/** Runs a file operation; an error keeps its class, and its message names path and remedy. */
async function attempt<T>(
  verb: "read" | "write",
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
      `Cannot ${verb} ${path}: ${explain(cause, verb, path, ifMissing)}`,
      { cause },
    );
  }
}

function explain(
  cause: unknown,
  verb: string,
  path: string,
  ifMissing: string,
): string {
  if (cause instanceof Deno.errors.NotCapable) {
    return `this run has no permission to ${verb} it; start it with --allow-${verb}=${path}`;
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return `the system does not let this user ${verb} it; change its owner or mode`;
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
