/**
 * Downloads of single files: resumed after an interruption, with size and digest
 * checked. @huggingface/hub does neither.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { HubClient, HubFile } from "./client.ts";
import type { HubName } from "./names.ts";

/** Consecutive attempts without a byte after which a download fails. */
const MAX_FAILED_ATTEMPTS = 3;

/** A file to download. */
export interface Download {
  /** The file in the repository. */
  readonly file: HubFile;
  /** Local path. */
  readonly target: string;
}

/**
 * The local path of a file that is not yet complete and checked. It has the
 * digest, so that no download resumes from another version.
 *
 * @param download The download.
 * @returns The path.
 */
export function partialName({ file, target }: Download): string {
  return `${target}.${file.digest.slice(0, 16)}.partial`;
}

/**
 * Checks whether a local file has the right size and digest.
 *
 * @param path Local path.
 * @param file The file in the repository.
 * @returns Whether it is complete.
 */
export async function isComplete(
  path: string,
  file: HubFile,
): Promise<boolean> {
  return sizeOf(path) === file.size &&
    await digestOf(path, file) === file.digest;
}

/**
 * Downloads a file to its {@linkcode partialName}.
 *
 * @param client The Hub.
 * @param name The repository.
 * @param download The download.
 * @param onBytes Called for every chunk, with its number of bytes.
 * @throws {HubError} If the Hub refuses the request.
 * @throws {Error} If the connection breaks repeatedly, or the digest is wrong.
 */
export async function fetchFile(
  client: HubClient,
  name: HubName,
  download: Download,
  onBytes: (count: number) => void,
): Promise<void> {
  const { file } = download;
  const partial = partialName(download);
  let size = sizeOf(partial) ?? 0;
  if (size > file.size) size = 0;
  onBytes(size);
  let failedAttempts = 0;
  while (size < file.size) {
    const before = size;
    try {
      size = await append(client, name, download, size, onBytes);
    } catch (cause) {
      if (!(cause instanceof ConnectionBroken)) throw cause;
      size = cause.size;
      failedAttempts = size > before ? 0 : failedAttempts + 1;
      if (failedAttempts < MAX_FAILED_ATTEMPTS) continue;
      throw new Error(
        `The connection broke at byte ${size} of ${file.size} of ${file.path}: run the same command again to resume from there`,
        { cause },
      );
    }
  }
  if (await isComplete(partial, file)) {
    using out = await Deno.open(partial, { write: true });
    return await out.sync(); // before it is renamed
  }
  await Deno.remove(partial);
  throw new Error(
    `${file.path} of ${name.repo} does not match the size and digest that the Hub gives: it was removed; run the same command again`,
  );
}

/** The connection ended before the file did. */
class ConnectionBroken extends Error {
  /** Bytes of the partial file. */
  readonly size: number;

  /** Makes an error. */
  constructor(size: number, cause: unknown) {
    super("The connection broke", { cause });
    this.size = size;
  }
}

/** Requests the rest of a file and appends it; returns the new size. */
async function append(
  client: HubClient,
  name: HubName,
  download: Download,
  size: number,
  onBytes: (count: number) => void,
): Promise<number> {
  const { file } = download;
  const response = await client.open(name, file.path, size);
  const range = response.headers.get("Content-Range");
  if (size > 0 && !range?.startsWith(`bytes ${size}-`)) {
    onBytes(-size); // a server without ranges starts over
    size = 0;
  }
  using out = await Deno.open(partialName(download), {
    write: true,
    create: true,
  });
  await out.truncate(size);
  await out.seek(size, Deno.SeekMode.Start);
  try {
    for await (const bytes of response.body ?? []) {
      if (size + bytes.length > file.size) {
        throw new Error(
          `${file.path} of ${name.repo} has more bytes than the Hub gives as its size: run the same command again`,
        );
      }
      for (let done = 0; done < bytes.length;) {
        done += await out.write(bytes.subarray(done));
      }
      size += bytes.length;
      onBytes(bytes.length);
    }
  } catch (cause) {
    const isNetwork = cause instanceof TypeError ||
      cause instanceof Deno.errors.Http ||
      cause instanceof Deno.errors.ConnectionReset;
    if (isNetwork) throw new ConnectionBroken(size, cause);
    throw cause;
  }
  if (size < file.size) throw new ConnectionBroken(size, "it ended early");
  return size;
}

/**
 * Syncs the names of downloads to the disk, and those of the folders that hold them.
 *
 * @param downloads The downloads.
 */
export async function syncNames(downloads: readonly Download[]): Promise<void> {
  const folders = new Set<string>();
  for (const { target } of downloads) {
    for (let end = target.length; end > 0;) {
      end = target.lastIndexOf("/", end - 1);
      if (end > 0) folders.add(target.slice(0, end));
    }
  }
  for (const folder of folders) {
    try {
      using opened = await Deno.open(folder);
      await opened.sync();
    } catch (error) {
      // Above data/hub; or the system or file system does not sync folders.
      if (error instanceof Deno.errors.NotCapable) continue;
      if (error instanceof Deno.errors.PermissionDenied) continue;
      const { code = "" } = error as { code?: string };
      if (!["EINVAL", "ENOTSUP", "ENOTTY"].includes(code)) throw error;
    }
  }
}

/** Size of a file in bytes; `undefined` if there is none. */
function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** SHA-256 of the content, or SHA-1 of the git blob, as the Hub gives it. */
async function digestOf(path: string, file: HubFile): Promise<string> {
  const isSha256 = file.digest.length === 64;
  const hash = createHash(isSha256 ? "sha256" : "sha1");
  if (!isSha256) hash.update(`blob ${file.size}\0`);
  using input = await Deno.open(path);
  for await (const bytes of input.readable) hash.update(bytes);
  return hash.digest("hex");
}
