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
