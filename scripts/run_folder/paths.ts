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
 * Checks whether two paths are of the same file or folder, however they are written.
 *
 * @param a A path.
 * @param b Another.
 * @returns Whether they are; false where one is not there, unless they are the same text.
 */
export function isSamePath(a: string, b: string): boolean {
  if (withoutSlash(a) === withoutSlash(b)) return true;
  try {
    return Deno.realPathSync(a) === Deno.realPathSync(b);
  } catch {
    return false; // not there, or no permission to read it
  }
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
