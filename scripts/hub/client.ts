/**
 * Requests to the Hugging Face Hub: listings, through @huggingface/hub, and file
 * contents.
 *
 * @module
 */
import {
  commit,
  createBranch,
  HubApiError,
  listFiles,
} from "npm:@huggingface/hub@2.17.5";
import { HubConnection } from "./connection.ts";
import type { HubName } from "./names.ts";

export { commit, createBranch, HubApiError, listFiles };

/** A file of a repository. */
export interface HubFile {
  /** Path in the repository. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  /** SHA-256 of a large file; SHA-1 of the git blob for a small one. */
  readonly digest: string;
  /** Path in the local folder, if it differs from the path in the repository. */
  readonly as?: string;
}

/** Content of a folder of a repository. */
export interface Listing {
  /** The files, by path. */
  readonly files: ReadonlyMap<string, HubFile>;
  /** Paths of the folders. */
  readonly folders: readonly string[];
}

/** A request that the Hub refused. */
export class HubError extends Error {
  /** The HTTP status. */
  readonly status: number;

  /** Makes an error for a status. */
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Client of a Hub. */
export class HubClient {
  readonly #connection: HubConnection;

  /**
   * Makes a client, without sending a request.
   *
   * @param endpoint URL of the Hub: `https://huggingface.co`.
   * @param token Token, sent to that host only, not to the targets of redirects.
   * @param signal Aborts every request.
   * @throws {TypeError} If the endpoint is not a URL, or the token has invalid characters.
   */
  constructor(
    endpoint: string,
    token: string | undefined,
    signal: AbortSignal,
  ) {
    this.#connection = new HubConnection(
      endpoint,
      token,
      signal,
      "scripts/fetch.ts",
    );
  }

  /**
   * Lists a folder of a repository.
   *
   * @param name The repository.
   * @param path The folder; the root by default.
   * @returns Its files and folders.
   * @throws {HubError} If the Hub refuses the request.
   * @throws {Error} If it cannot be reached, or the path of a file leads out of the repository.
   */
  async list(name: HubName, path?: string): Promise<Listing> {
    const files = new Map<string, HubFile>();
    const folders: string[] = [];
    const entries = listFiles({
      repo: { type: name.type, name: name.repo },
      revision: encodeURIComponent(name.revision),
      hubUrl: this.#connection.endpoint,
      fetch: (url) => this.#request(name, path ?? "", `${url}`, {}),
      ...path === undefined ? {} : { path },
    });
    for await (const { type, path, size, oid, lfs } of entries) {
      checkPath(path, name);
      if (type === "directory") folders.push(path);
      else {
        files.set(path, {
          path,
          size: lfs?.size ?? size,
          digest: `${lfs?.oid ?? oid}`,
        });
      }
    }
    return { files, folders };
  }

  /**
   * Requests the content of a file.
   *
   * @param name The repository.
   * @param path Path in the repository.
   * @param start Offset of the first byte.
   * @returns The response: status 206 if it begins at `start`, else 200.
   * @throws {HubError} If the Hub refuses the request.
   * @throws {Error} If it cannot be reached.
   */
  async open(name: HubName, path: string, start: number): Promise<Response> {
    const repository = name.type === "dataset"
      ? `datasets/${name.repo}`
      : name.repo;
    const file = path.split("/").map(encodeURIComponent).join("/");
    const url = `${this.#connection.endpoint}/${repository}/resolve/${
      encodeURIComponent(name.revision)
    }/${file}`;
    const range = start > 0 ? { Range: `bytes=${start}-` } : {};
    return await this.#request(name, path, url, range);
  }

  async #request(
    name: HubName,
    path: string,
    url: string,
    headers: Record<string, string>,
  ): Promise<Response> {
    return await this.#connection.request(
      url,
      { headers },
      ({ status }, seconds) => hubError(status, name, path, seconds),
    );
  }
}

/** Rejects paths that lead out of the local folder of the repository. */
function checkPath(path: string, { repo }: HubName): void {
  const parts = path.split("/");
  if (
    parts.some((part) => ["", ".", ".."].includes(part)) || /[\\:\0]/.test(path)
  ) {
    throw new Error(
      `${repo} has a file called ${
        JSON.stringify(path)
      }, which leads out of its folder: nothing is fetched from such a repository`,
    );
  }
}

function hubError(
  status: number,
  { type, repo, revision }: HubName,
  path: string,
  seconds: number | undefined,
): HubError {
  const what = `the ${type} ${repo}`;
  const reasons: Record<number, string> = {
    401:
      `The Hub denies access to ${what} (401): check the name; if it is private or gated, set HF_TOKEN to a token that may read it`,
    403:
      `The Hub denies access to ${what} (403): accept its conditions on its page, or set HF_TOKEN to a token that may read it`,
    404: `The Hub has no ${
      path ? `${path} in ${what}` : `${type} ${repo}`
    } at revision ${revision} (404): check the name and the revision`,
    429: `Rate limit of the Hub reached (429): run the same command again ${
      seconds === undefined ? "later" : `after ${seconds} seconds`
    }, or set HF_TOKEN`,
  };
  return new HubError(
    reasons[status] ??
      `The Hub responds with status ${status} for ${what}: run the same command again later`,
    status,
  );
}
