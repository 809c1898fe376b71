/**
 * Requests to the Hugging Face Hub: listings, through @huggingface/hub, and file
 * contents.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { listFiles } from "npm:@huggingface/hub@2.17.5";
import type { HubName } from "./names.ts";

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

const MAX_REDIRECTS = 5;
/** Window of the rate limits: https://huggingface.co/docs/hub/rate-limits */
const MAX_WAIT_SECONDS = 300;

/** Client of a Hub. */
export class HubClient {
  readonly #endpoint: string;
  readonly #token: string | undefined;
  readonly #signal: AbortSignal;

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
    if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
      throw new TypeError(
        `HF_ENDPOINT must be a URL such as https://huggingface.co, not "${endpoint}"`,
      );
    }
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
      throw new TypeError(
        "HF_TOKEN has characters that no token has: copy it again from the settings of the Hub",
      );
    }
    this.#endpoint = endpoint.replace(/\/+$/, "");
    this.#token = token;
    this.#signal = signal;
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
      hubUrl: this.#endpoint,
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
    const url = `${this.#endpoint}/${repository}/resolve/${
      encodeURIComponent(name.revision)
    }/${file}`;
    const range = start > 0 ? { Range: `bytes=${start}-` } : {};
    return await this.#request(name, path, url, range);
  }

  /** Sends a request, and waits out rate limits up to a maximum. */
  async #request(
    name: HubName,
    path: string,
    url: string,
    headers: Record<string, string>,
  ): Promise<Response> {
    for (let waited = 0;;) {
      const response = await this.#follow(url, headers);
      if (response.ok) return response;
      await response.body?.cancel();
      const seconds = secondsToWait(response);
      if (
        response.status !== 429 || seconds === undefined ||
        waited + seconds > MAX_WAIT_SECONDS
      ) {
        throw hubError(response.status, name, path, seconds);
      }
      console.error(
        `Rate limit of the Hub reached: continuing in ${seconds} s`,
      );
      await delay(1000 * seconds, this.#signal);
      waited += seconds;
    }
  }

  /** Follows redirects manually, so that only the Hub gets the token. */
  async #follow(
    url: string,
    headers: Record<string, string>,
  ): Promise<Response> {
    const hub = new URL(this.#endpoint);
    let target = new URL(url);
    for (let i = 0; i <= MAX_REDIRECTS; i++) {
      if (hub.protocol === "https:" && target.protocol !== "https:") {
        throw new Error(
          `The Hub redirects to ${target.origin}, which is not encrypted: nothing is fetched from there`,
        );
      }
      const auth = target.origin === hub.origin && this.#token !== undefined
        ? { Authorization: `Bearer ${this.#token}` }
        : {};
      const response = await this.#send(target, { ...headers, ...auth });
      const location = response.headers.get("Location");
      if (response.status < 300 || response.status >= 400 || !location) {
        return response;
      }
      await response.body?.cancel();
      target = new URL(location, target);
    }
    throw new Error(
      `The Hub redirects more than ${MAX_REDIRECTS} times: try again later`,
    );
  }

  async #send(
    target: URL,
    headers: Record<string, string>,
  ): Promise<Response> {
    try {
      return await fetch(target, {
        // Not compressed, so that ranges and sizes are those of the file.
        headers: { ...headers, "Accept-Encoding": "identity" },
        redirect: "manual",
        signal: this.#signal,
      });
    } catch (cause) {
      if (this.#signal.aborted) throw cause;
      if (cause instanceof Deno.errors.NotCapable) {
        throw new Error(
          `${target.host} is not among the hosts that this task may reach: for another Hub run scripts/fetch.ts with --allow-net=${target.host}`,
          { cause },
        );
      }
      throw new Error(
        `Cannot reach ${target.host}: check the network, and HF_ENDPOINT if it is set`,
        { cause },
      );
    }
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

/** Seconds until the next request is allowed, if the response has them. */
function secondsToWait({ headers }: Response): number | undefined {
  const seconds = headers.get("Retry-After")?.match(/^\d+$/)?.[0] ??
    headers.get("RateLimit")?.match(/;\s*t=(\d+)/)?.[1];
  return seconds === undefined ? undefined : Math.max(1, Number(seconds));
}

/** Waits; rejects if the signal is aborted first. */
function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    setTimeout(resolve, ms);
  });
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
