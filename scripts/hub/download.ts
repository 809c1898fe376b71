/**
 * Brings one file whole: it goes on where an earlier try broke off, and size and
 * digest are checked. @huggingface/hub does neither.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { HubClient, HubFile } from "./client.ts";
import type { HubName } from "./names.ts";

/** Tries without a single byte after which a file is given up. */
const MAX_BARREN_TRIES = 3;

/** A file on its way. */
export interface Download {
  /** The file in the repository. */
  readonly file: HubFile;
  /** Where it will lie. */
  readonly target: string;
}

/**
 * The name of a file that is not whole or not checked yet. It has the digest, so
 * that none is taken up for another version.
 */
export function partialName({ file, target }: Download): string {
  return `${target}.${file.digest.slice(0, 16)}.partial`;
}

/**
 * Tells whether a file lies there with the right size and digest.
 *
 * @param path Where.
 * @param file What it should be.
 */
export async function isWhole(path: string, file: HubFile): Promise<boolean> {
  return sizeOf(path) === file.size &&
    await digestOf(path, file) === file.digest;
}

/**
 * Brings a file under its {@linkcode partialName}.
 *
 * @param client The Hub.
 * @param name The repository.
 * @param download What and where.
 * @param onBytes Told of every piece, with its bytes.
 * @throws {HubError} If the Hub turns the request down.
 * @throws {Error} If the connection breaks off again and again, or the digest is wrong.
 */
export async function fetchFile(
  client: HubClient,
  name: HubName,
  download: Download,
  onBytes: (count: number) => void,
): Promise<void> {
  const { file } = download;
  const partial = partialName(download);
  let have = sizeOf(partial) ?? 0;
  if (have > file.size) have = 0;
  onBytes(have);
  let barren = 0;
  while (have < file.size) {
    const before = have;
    try {
      have = await append(client, name, download, have, onBytes);
    } catch (cause) {
      if (!(cause instanceof BrokenOff)) throw cause;
      have = cause.have;
      barren = have > before ? 0 : barren + 1;
      if (barren < MAX_BARREN_TRIES) continue;
      throw new Error(
        `The connection broke off at byte ${have} of ${file.size} of ${file.path}: run the same command again, and it goes on from there`,
        { cause },
      );
    }
  }
  if (await isWhole(partial, file)) return;
  await Deno.remove(partial);
  throw new Error(
    `${file.path} of ${name.repo} is not what the Hub says it is: size or digest differ, so it was removed; run the same command again`,
  );
}

/** The connection ended before the file did. */
class BrokenOff extends Error {
  /** Bytes that are there now. */
  readonly have: number;

  /** Wraps what happened. */
  constructor(have: number, cause: unknown) {
    super("The connection broke off", { cause });
    this.have = have;
  }
}

/** Asks for the rest of a file and appends it; gives the bytes that are there then. */
async function append(
  client: HubClient,
  name: HubName,
  download: Download,
  have: number,
  onBytes: (count: number) => void,
): Promise<number> {
  const { file } = download;
  const response = await client.open(name, file.path, have);
  const range = response.headers.get("Content-Range");
  if (have > 0 && !range?.startsWith(`bytes ${have}-`)) {
    onBytes(-have); // a server that knows no ranges begins anew
    have = 0;
  }
  using out = await Deno.open(partialName(download), {
    write: true,
    create: true,
  });
  await out.truncate(have);
  await out.seek(have, Deno.SeekMode.Start);
  try {
    for await (const bytes of response.body ?? []) {
      if (have + bytes.length > file.size) {
        throw new Error(
          `${file.path} of ${name.repo} has more bytes than the Hub says: run the same command again`,
        );
      }
      for (let done = 0; done < bytes.length;) {
        done += await out.write(bytes.subarray(done));
      }
      have += bytes.length;
      onBytes(bytes.length);
    }
  } catch (cause) {
    const isNetwork = cause instanceof TypeError ||
      cause instanceof Deno.errors.Http ||
      cause instanceof Deno.errors.ConnectionReset;
    if (isNetwork) throw new BrokenOff(have, cause);
    throw cause;
  }
  await out.sync(); // before it is renamed
  if (have < file.size) throw new BrokenOff(have, "it ended early");
  return have;
}

/** Bytes of a file, or `undefined` where there is none. */
function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** SHA-256 of the bytes, or the SHA-1 of git's blob, whichever the Hub gives. */
async function digestOf(path: string, file: HubFile): Promise<string> {
  const isSha256 = file.digest.length === 64;
  const hash = createHash(isSha256 ? "sha256" : "sha1");
  if (!isSha256) hash.update(`blob ${file.size}\0`);
  using input = await Deno.open(path);
  for await (const bytes of input.readable) hash.update(bytes);
  return hash.digest("hex");
}
