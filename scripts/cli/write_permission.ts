/**
 * Permission to write what a flag names.
 *
 * @module
 */
import { scriptStart } from "./command_text.ts";

/** A file or folder that a task writes. */
export interface WritePlace {
  /** The flag that names it, with its hyphens. */
  readonly flag: string;
  /** Its path. */
  readonly path: string;
  /** The folder that needs the permission; the path itself by default. */
  readonly folder?: string;
  /** The task that writes it. */
  readonly task: string;
  /** Name of the script of the task; that of the task by default. */
  readonly script?: string;
  /** Permissions of the script besides reading and writing; none by default. */
  readonly permissions?: readonly string[];
  /** Another way, such as `name a folder below runs`. */
  readonly remedy: string;
}

/**
 * Checks that a place can be written, without writing it.
 *
 * @param place The place.
 * @throws {Error} If there is no permission.
 */
export function checkWritePermission(place: WritePlace): void {
  const { flag, path, folder = path, task, script = task, remedy } = place;
  const { state } = Deno.permissions.querySync({ name: "write", path: folder });
  if (state === "granted") return;
  const command = scriptStart(script, folder, place.permissions);
  throw new Error(
    `${flag} ${path} cannot be written with the permissions given, which for the ${task} task cover runs alone: ${remedy}, or use ${command} …`,
  );
}
