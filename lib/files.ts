/**
 * Writes files and folders so that neither a killed process nor a power failure
 * leaves a part of one under its name: the content goes to `NAME.partial`, is
 * synced to the disk and renamed; then the folder that holds the name is synced.
 *
 * @module
 */

/** Content of a file: text, written as UTF-8, or bytes, in chunks. */
export type FileContent =
  | string
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>;

/**
 * Writes a file atomically and durably: to a temporary file beside it, which is
 * renamed when it is complete and on the disk. After an error the file has its
 * old content or, if only its folder could not be synced, the new one; never a
 * part. Needs permission to read and write the folder.
 *
 * @param folder The folder of the file; created if it does not exist.
 * @param name The file's name.
 * @param content Its text, or its bytes in chunks.
 * @throws {RangeError} If the folder is the empty string.
 * @throws {Error} If another call writes it, or it cannot be written: Deno's error
 * class, with path, cause and remedy in the message.
 */
export async function writeFile(
  folder: string,
  name: string,
  content: FileContent,
): Promise<void> {
  const path = join(folder, name);
  const partial = `${path}.partial`;
  using _claim = claim(partial, "write", path);
  try {
    await makeFolder(parentOf(path));
    try {
      await writeAll(partial, content);
      await Deno.rename(partial, path);
    } catch (error) {
      await Deno.remove(partial).catch(() => {}); // keep the first error
      throw error;
    }
    await syncFolder(parentOf(path));
  } catch (error) {
    throw explain(error, "write", path);
  }
}

/**
 * Writes a folder atomically and durably: under a temporary name beside it, which
 * becomes its name when everything in it is on the disk. After an error, nothing
 * is left under either name. Needs permission to read and write its parent.
 *
 * @param path The folder, which must not exist; parents are created.
 * @param write Writes the files, with {@linkcode writeFile} or the
 * `savePretrained` of a model or tokenizer, into the folder that it is given.
 * @throws {RangeError} If the path is the empty string.
 * @throws {Error} If the folder exists, another call writes it, or it cannot be
 * written, as {@linkcode writeFile}, or the error of `write`.
 *
 * @example
 * ```ts ignore
 * await writeFolder("runs/mine/checkpoint-100", async (folder) => {
 *   await model.savePretrained(folder);
 *   await writeFile(folder, "notes.txt", "After 100 steps.\n");
 * });
 * ```
 */
export async function writeFolder(
  path: string,
  write: (partialPath: string) => Promise<void>,
): Promise<void> {
  const { target, partial, parent } = namesOf(path);
  using _claim = claim(partial, "write", target);
  try {
    if (await exists(target)) {
      throw new Deno.errors.AlreadyExists(
        `Cannot write ${target}: it already exists; name another folder or remove it`,
      );
    }
    await removeAll(partial); // of a process that was killed
    try {
      await makeFolder(partial);
      await write(partial);
      await syncFolder(partial);
      await Deno.rename(partial, target);
      await syncFolder(parent).catch(async (error) => {
        await Deno.rename(target, partial).catch(() => {});
        throw error;
      });
    } catch (error) {
      await removeAll(partial).catch(() => {}); // keep the first error
      throw error;
    }
  } catch (error) {
    throw explain(error, "write", target);
  }
}

/**
 * Removes a folder and everything in it, atomically and durably: it is renamed
 * first, so that no part of it is left under its name. No error if there is none.
 * Needs permission to read and write its parent.
 *
 * @param path The folder.
 * @throws {RangeError} If the path is the empty string.
 * @throws {Error} If another call writes it, or it cannot be removed, as {@linkcode writeFile}; then it is
 * complete or has lost its name.
 *
 * @example
 * ```ts ignore
 * await removeFolder("runs/mine/checkpoint-100");
 * ```
 */
export async function removeFolder(path: string): Promise<void> {
  const { target, partial, parent } = namesOf(path);
  using _claim = claim(partial, "remove", target);
  try {
    await removeAll(partial); // of a process that was killed
    if (!await exists(target)) return;
    await Deno.rename(target, partial);
    await syncFolder(parent).catch(async (error) => {
      await Deno.rename(partial, target).catch(() => {});
      throw error;
    });
    await removeAll(partial);
  } catch (error) {
    throw explain(error, "remove", target);
  }
}

const claimed = new Set<string>(); // temporary names in use

/** Takes a temporary name: two calls that use it would mix their contents. */
function claim(
  partial: string,
  action: "write" | "remove",
  path: string,
): Disposable {
  if (claimed.has(partial)) {
    throw new Error(
      `Cannot ${action} ${path}: another call writes or removes it; wait for that one to end`,
    );
  }
  claimed.add(partial);
  return { [Symbol.dispose]: () => void claimed.delete(partial) };
}

/** Normalized path of a folder, its temporary name, and its parent. */
function namesOf(
  path: string,
): { target: string; partial: string; parent: string } {
  const target = path.replace(/(?<=.)\/+$/, "");
  if (target === "") {
    throw new RangeError("Cannot use a folder without a name: give its path");
  }
  return { target, partial: `${target}.partial`, parent: parentOf(target) };
}

/** Path of the folder that has an entry for a path without a slash at its end. */
function parentOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, Math.max(end, 1));
}

/** Makes a folder and its parents if they do not exist, durably. */
async function makeFolder(path: string): Promise<void> {
  const parents: string[] = [];
  for (let at = path; at !== parentOf(at); at = parentOf(at)) {
    if (await exists(at).catch(isNotPermitted)) break;
    parents.push(parentOf(at));
  }
  await Deno.mkdir(path, { recursive: true });
  for (const parent of parents.reverse()) await syncFolder(parent);
}

function isNotPermitted(error: unknown): true {
  if (error instanceof Deno.errors.NotCapable) return true;
  throw error;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function removeAll(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function writeAll(path: string, content: FileContent): Promise<void> {
  using file = await Deno.open(path, {
    write: true,
    create: true,
    truncate: true,
  });
  const chunks = typeof content === "string"
    ? [new TextEncoder().encode(content)]
    : content;
  for await (const bytes of chunks) {
    for (let done = 0; done < bytes.length;) {
      done += await file.write(bytes.subarray(done));
    }
  }
  await file.sync(); // else a power failure after the rename could leave an empty file
}

/** Syncs the names in a folder, where the system and the permissions let it be opened. */
async function syncFolder(path: string): Promise<void> {
  let folder: Deno.FsFile;
  try {
    folder = await Deno.open(path);
  } catch (error) {
    const { NotCapable, PermissionDenied } = Deno.errors;
    if (error instanceof NotCapable) return;
    if (error instanceof PermissionDenied) return; // Windows opens no folders
    throw error;
  }
  using _open = folder;
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems, mostly of networks, do not sync folders.
    const { code = "" } = error as { code?: string };
    if (!["EINVAL", "ENOTSUP", "ENOTTY"].includes(code)) throw error;
  }
}

/**
 * Turns a system error into one of the same class that names path, cause and
 * remedy.
 *
 * @param error The error.
 * @param action The operation that failed.
 * @param path The file or folder.
 * @param ifMissing Remedy that ends the error if there is no such file.
 * @returns The error to throw; the same if it is not of the system, or explained.
 */
export function explain(
  error: unknown,
  action: "read" | "write" | "remove",
  path: string,
  ifMissing = "",
): unknown {
  if (!(error instanceof Error) || /^Cannot /.test(error.message)) return error;
  const { NotFound, NotCapable, PermissionDenied } = Deno.errors;
  const SystemError = Object.values(Deno.errors)
    .find((SystemError) => error instanceof SystemError);
  // A full disk and some others have no class of their own.
  if (!SystemError && !/\(os error \d+\)/.test(error.message)) return error;
  let reason = error.message;
  if (/\(os error (28|122)\)/.test(reason)) reason += "; free space on it"; // disk, quota
  if (SystemError === NotFound) reason = `there is no such file${ifMissing}`;
  if (SystemError === NotCapable) {
    const needed = /^Requires (\w+) access/.exec(reason)?.[1];
    reason = `Deno has no permission to, run it with --allow-${needed}=${
      parentOf(path)
    }`;
  }
  if (SystemError === PermissionDenied) {
    reason =
      "the system denies it, check the owner and mode of the file and its folder";
  }
  return new (SystemError ?? Error)(`Cannot ${action} ${path}: ${reason}`, {
    cause: error,
  });
}

/**
 * Path of a file in a folder.
 *
 * @param folder The folder.
 * @param name The file's name.
 * @returns The path.
 * @throws {RangeError} If the folder is the empty string.
 */
export function join(folder: string, name: string): string {
  if (folder === "") {
    throw new RangeError(
      `Cannot use ${name} in a folder without a name: give its path, "." for the current folder`,
    );
  }
  return `${folder.replace(/\/+$/, "")}/${name}`;
}
