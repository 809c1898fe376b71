/**
 * Paths of files and folders.
 *
 * @module
 */

/**
 * Checks whether a path exists.
 *
 * @param path The path.
 * @returns Whether it is a file, a folder or a link.
 */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) {
      return false;
    }
    throw error;
  }
}

/**
 * Removes the slashes at the end of a path.
 *
 * @param path The path.
 * @returns The path by which a folder is named here, and in messages.
 */
export function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}

/**
 * Makes a folder and its parents.
 *
 * @param path The folder.
 * @throws {Deno.errors.AlreadyExists} If it exists.
 */
export function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(path, { recursive: true });
  }
}
