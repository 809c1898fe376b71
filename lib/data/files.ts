/**
 * Files and folders: the only module of `lib/data` that needs a permission.
 * Every error names the path, what is wrong with it and what to do.
 *
 * @module
 */

/**
 * Reads a file.
 *
 * @param path The file.
 * @returns Its bytes, at least one.
 * @throws {Error} If there is no such file, it is empty, or it may not be read.
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
 * Reads a text file. A byte-order mark at its start is left out.
 *
 * @param path The file, in UTF-8.
 * @returns Its text.
 * @throws {SyntaxError} If it is not UTF-8.
 * @throws {Error} If there is no such file, it is empty, or it may not be read.
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
 * Lists a folder.
 *
 * @param path The folder.
 * @returns The names of the files in it, sorted.
 * @throws {Error} If there is no such folder, or it may not be read.
 */
export async function listFiles(path: string): Promise<string[]> {
  return await listEntries(path, (entry) => !entry.isDirectory);
}

/**
 * Lists the folders in a folder.
 *
 * @param path The folder.
 * @returns Their names, sorted.
 * @throws {Error} If there is no such folder, or it may not be read.
 */
export async function listFolders(path: string): Promise<string[]> {
  return await listEntries(path, (entry) => entry.isDirectory);
}

async function listEntries(
  path: string,
  isWanted: (entry: Deno.DirEntry) => boolean,
): Promise<string[]> {
  const names = await attempt("read", path, async () => {
    const names: string[] = [];
    for await (const entry of Deno.readDir(path)) {
      if (isWanted(entry)) names.push(entry.name);
    }
    return names;
  });
  return names.sort();
}

/**
 * Writes a text file into a folder, which is made where there is none.
 *
 * @param folder The folder.
 * @param name The file's name.
 * @param text Its text.
 * @throws {Error} If it may not be written.
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

/** Runs a file operation; its error keeps its class and gets the path and the remedy. */
async function attempt<T>(
  verb: "read" | "write",
  path: string,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const SameError = Object.values(Deno.errors).find((Type) =>
      cause instanceof Type
    ) ?? Error;
    throw new SameError(
      `Cannot ${verb} ${path}: ${explain(cause, verb, path)}`,
      { cause },
    );
  }
}

function explain(cause: unknown, verb: string, path: string): string {
  if (cause instanceof Deno.errors.NotCapable) {
    return `this run has no permission to ${verb} it; start it with --allow-${verb}=${path}`;
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return `the system does not let this user ${verb} it; change its owner or mode`;
  }
  if (cause instanceof Deno.errors.NotFound) {
    return "there is no such file or folder; check the path";
  }
  if (cause instanceof Deno.errors.IsADirectory) {
    return "it is a folder, and a file is needed";
  }
  if (cause instanceof Deno.errors.NotADirectory) {
    return "it is a file, and a folder is needed";
  }
  return cause instanceof Error ? cause.message : String(cause);
}
