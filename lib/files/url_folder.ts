/**
 * Folders and files on a server.
 *
 * @module
 */
import type { Folder, OpenFile } from "./folder.ts";
import { bodyOf, MemoryFile } from "./memory_folder.ts";

const NOT_FOUND = 404;

/**
 * Fetches a file. Servers of web pages answer with a page for a file that they do
 * not have, and none of the files that are read is a page.
 *
 * @param url The file.
 * @returns The file; `undefined` if there is none.
 * @throws {Error} If the server cannot be reached, or answers with an error.
 */
export async function findUrlFile(url: URL): Promise<OpenFile | undefined> {
  const { href } = url;
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new Error(
      `Cannot read ${href}: the request failed (${
        (cause as Error).message
      }); check the address, the network, and that the server lets other pages read it (CORS)`,
      { cause },
    );
  }
  if (response.status === NOT_FOUND || (response.ok && isPage(response))) {
    await response.body?.cancel();
    return undefined;
  }
  return new MemoryFile(href, await bodyOf(response, href));
}

/**
 * Fetches a file, as {@linkcode findUrlFile}.
 *
 * @param url The file.
 * @param ifMissing Remedy that ends the error if there is no such file.
 * @returns The file.
 * @throws {Error} If it cannot be fetched.
 */
export async function openUrlFile(
  url: URL,
  ifMissing: string,
): Promise<OpenFile> {
  const file = await findUrlFile(url);
  if (file) return file;
  throw new Error(
    `Cannot read ${url.href}: there is no such file${ifMissing}`,
  );
}

function isPage({ headers }: Response): boolean {
  return /^text\/html\b/i.test(headers.get("content-type") ?? "");
}

/** A folder on a server; a query, as of a signed address, goes with each file. */
export class UrlFolder implements Folder {
  readonly path: string;
  readonly #url: URL;

  /** Takes a URL, with or without a slash at its end. */
  constructor(url: URL) {
    this.path = url.href;
    this.#url = url;
  }

  pathOf(name: string): string {
    return this.#urlOf(name).href;
  }

  open(name: string, ifMissing: string): Promise<OpenFile> {
    return openUrlFile(this.#urlOf(name), ifMissing);
  }

  find(name: string): Promise<OpenFile | undefined> {
    return findUrlFile(this.#urlOf(name));
  }

  folder(name: string): Folder {
    return new UrlFolder(this.#urlOf(name));
  }

  #urlOf(name: string): URL {
    const url = new URL(this.#url);
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/${name}`;
    return url;
  }
}
