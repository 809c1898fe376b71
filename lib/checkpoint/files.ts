/**
 * Reads and writes the files of a folder. With `lib/data/files.ts` the only
 * place in `lib/` that uses the `Deno` namespace.
 *
 * @module
 */

/** A file that is read piece by piece; `using` closes it. */
export class OpenFile implements Disposable {
  /** Path, for errors. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  #file: Deno.FsFile;

  /** Takes over a file that is open for reading. */
  constructor(path: string, size: number, file: Deno.FsFile) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  /**
   * Reads a range of bytes. It is synchronous because the file has one position,
   * which two reads at once would mix up.
   *
   * @param offset Bytes from the start of the file.
   * @param length Bytes to read.
   * @returns The bytes, in a buffer of their own.
   * @throws {SyntaxError} If the file ends before.
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
          }, before it should: it is torn`,
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
 * Opens a file to be read piece by piece.
 *
 * @param folder The folder of the file.
 * @param name The file's name.
 * @param ifMissing Ends the error where there is no such file: what to do.
 * @returns The open file.
 * @throws {Error} If it cannot be opened: the class that Deno gives, with path,
 * cause and remedy in the message.
 */
export async function openFile(
  folder: string,
  name: string,
  ifMissing: string,
): Promise<OpenFile> {
  const path = join(folder, name);
  try {
    const file = await Deno.open(path);
    const { size } = await file.stat();
    return new OpenFile(path, size, file);
  } catch (error) {
    throw explain(error, "read", path, ifMissing);
  }
}

/**
 * Reads a JSON file that holds an object.
 *
 * @param folder The folder of the file.
 * @param name The file's name.
 * @param ifMissing Ends the error where there is no such file: what to do.
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
 * Tells whether a folder has a file.
 *
 * @param folder The folder.
 * @param name The file's name.
 * @returns Whether it is there.
 * @throws {Error} If it cannot be told, as {@linkcode openFile}.
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

/**
 * Writes a file whole or not at all: into a sibling, which takes its name when
 * it is complete. Makes the folder where there is none.
 *
 * @param folder The folder of the file.
 * @param name The file's name.
 * @param content The bytes, in pieces.
 * @throws {Error} If it cannot be written, as {@linkcode openFile}.
 */
export async function writeFile(
  folder: string,
  name: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const path = join(folder, name);
  const partial = `${path}.partial`;
  try {
    await Deno.mkdir(folder, { recursive: true });
    try {
      await writeAll(partial, content);
      await Deno.rename(partial, path);
    } catch (error) {
      await Deno.remove(partial).catch(() => {}); // the first error is the one to tell
      throw error;
    }
  } catch (error) {
    throw explain(error, "write", path);
  }
}

async function writeAll(
  path: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  using file = await Deno.open(path, {
    write: true,
    create: true,
    truncate: true,
  });
  for await (const bytes of content) {
    for (let done = 0; done < bytes.length;) {
      done += await file.write(bytes.subarray(done));
    }
  }
  await file.sync(); // before the rename, or a power cut could leave an empty file
}

/** An error of the system as one of the same class that names path, cause and remedy. */
function explain(
  error: unknown,
  action: "read" | "write",
  path: string,
  ifMissing = "",
): unknown {
  if (!(error instanceof Error)) return error;
  const { NotFound, NotCapable, PermissionDenied } = Deno.errors;
  const SystemError = Object.values(Deno.errors)
    .find((SystemError) => error instanceof SystemError);
  // A full disk and some others have no class of their own.
  if (!SystemError && !/\(os error \d+\)/.test(error.message)) return error;
  let reason = error.message;
  if (SystemError === NotFound) reason = `there is no such file${ifMissing}`;
  if (SystemError === NotCapable) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    reason = `Deno was not allowed to, run it with --allow-${action}=${folder}`;
  }
  if (SystemError === PermissionDenied) {
    reason =
      "the system denies it, check the owner and mode of file and folder";
  }
  return new (SystemError ?? Error)(`Cannot ${action} ${path}: ${reason}`, {
    cause: error,
  });
}

function join(folder: string, name: string): string {
  return `${folder.replace(/\/+$/, "")}/${name}`;
}
