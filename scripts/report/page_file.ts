/**
 * The file of a page, and the permission to write it.
 *
 * @module
 */
import { writeFile } from "../../mod.ts";
import { checkWritePermission } from "../cli/write_permission.ts";

/** The flag that names a page. */
export interface PageFlag {
  /** The flag, without hyphens. */
  readonly flag: string;
  /** The task that writes it; its script has the same name. */
  readonly task: string;
}

/**
 * Checks that a page can be written, without writing it.
 *
 * @param path Its path.
 * @param flag The flag that names it.
 * @throws {RangeError} If the name does not end in `.html`.
 * @throws {Error} If there is no permission.
 */
export function checkPageFile(path: string, { flag, task }: PageFlag): void {
  if (!path.endsWith(".html")) {
    throw new RangeError(
      `--${flag} must be a file that ends in .html, not "${path}"`,
    );
  }
  const [folder] = splitPath(path);
  const remedy = "name a file below runs";
  checkWritePermission({ flag: `--${flag}`, path, folder, task, remedy });
}

/**
 * Writes a page, and its folder if there is none.
 *
 * @param path Its path.
 * @param html Its text.
 */
export async function writePage(path: string, html: string): Promise<void> {
  await writeFile(...splitPath(path), html);
}

function splitPath(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf("/");
  return [at < 0 ? "." : path.slice(0, at) || "/", path.slice(at + 1)];
}
