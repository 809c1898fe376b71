/**
 * Lock of the folder of a run: two processes that train in it would mix their files.
 *
 * @module
 */

/**
 * Locks a folder until the lock is closed or the process ends, in any way.
 *
 * @param path The folder.
 * @returns The lock; undefined where the system cannot lock folders.
 * @throws {Error} If another process has locked it.
 */
export function lockFolder(path: string): Deno.FsFile | undefined {
  let folder: Deno.FsFile;
  try {
    folder = Deno.openSync(path);
  } catch {
    return undefined; // Windows opens no folders; one that is not there is reported elsewhere
  }
  let isLocked: boolean;
  try {
    isLocked = folder.tryLockSync(true);
  } catch {
    isLocked = true; // some file systems of networks have no locks
  }
  if (isLocked) return folder;
  folder.close();
  throw new Error(
    `--resume ${path} is in use by another process, which trains in it: end that process first, or name another run`,
  );
}
