/**
 * Uploads to the Hugging Face Hub, through @huggingface/hub: large files to the
 * store that the Hub names, then one commit, so that a repository never has a part
 * of a model.
 *
 * @module
 */
import {
  commit,
  createBranch,
  HubApiError,
  HubError,
  listFiles,
} from "./client.ts";
import {
  ConnectionError,
  delay,
  HubConnection,
  type HubRequest,
} from "./connection.ts";
import { uploadError } from "./upload_errors.ts";
import type {
  Account,
  BranchFile,
  Repository,
  Target,
  UploadFile,
} from "./upload_types.ts";

/** Title of the commits of uploads, by which a later one knows its files. */
const COMMIT_TITLE = "Upload model with gradloop";

/** Attempts to send a request whose connection breaks. */
const MAX_ATTEMPTS = 3;
const RETRY_MS = 1000;

const CREATION = "/api/repos/create";

/** Client that writes to a Hub. */
export class UploadClient {
  readonly #connection: HubConnection;
  readonly #signal: AbortSignal;
  #user: string | undefined;

  /** Makes a client, without sending a request, as {@linkcode HubConnection}. */
  constructor(endpoint: string, token: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#connection = new HubConnection(
      endpoint,
      token,
      signal,
      "scripts/upload.ts",
    );
  }

  /**
   * Asks for the user of the token.
   *
   * @param repo The repository of the upload, for messages.
   * @returns The user.
   * @throws {HubError} If the Hub does not accept the token.
   */
  async account(repo: string): Promise<Account> {
    const url = `${this.#connection.endpoint}/api/whoami-v2`;
    const response = await this.#send(repo, url);
    const { name, orgs, auth } = await response.json();
    this.#user = `${name}`;
    return {
      name: `${name}`,
      organizations: (Array.isArray(orgs) ? orgs : [])
        .map((organization) => `${organization?.name}`),
      isReadOnly: auth?.accessToken?.role === "read",
    };
  }

  /**
   * Asks for a repository and the files of its branch.
   *
   * @param target The repository and the branch.
   * @returns The repository; undefined if there is none that the token may see.
   * @throws {HubError} If the Hub refuses the request.
   * @throws {Error} If the repository has another name now.
   */
  async repository({ repo, branch }: Target): Promise<Repository | undefined> {
    const url = `${this.#connection.endpoint}/api/models/${repo}`;
    const about = await this.#find(repo, url);
    if (about === undefined) return undefined;
    const { id, private: isPrivate } = await about.json();
    if (id !== repo) {
      throw new Error(`${repo} is ${id} now: use --repo ${id}`);
    }
    const revision = await this.#find(
      repo,
      `${url}/revision/${encodeURIComponent(branch)}`,
    );
    const head = revision && `${(await revision.json()).sha}`;
    const files = new Map<string, BranchFile>();
    if (head === undefined) return { isPrivate, head, files };
    const entries = listFiles({
      repo: { type: "model", name: repo },
      revision: head,
      recursive: true,
      expand: true,
      hubUrl: this.#connection.endpoint,
      fetch: this.#fetch(repo),
    });
    for await (const { type, path, size, oid, lfs, lastCommit } of entries) {
      if (type !== "file") continue;
      files.set(path, {
        path,
        size: lfs?.size ?? size,
        digest: `${lfs?.oid ?? oid}`,
        isOurs: lastCommit?.title === COMMIT_TITLE,
      });
    }
    return { isPrivate, head, files };
  }

  /**
   * Reads a text file of a repository.
   *
   * @param repo The repository.
   * @param head A commit of it.
   * @param path Path in the repository.
   * @returns The text.
   * @throws {HubError} If the Hub refuses the request.
   */
  async read(repo: string, head: string, path: string): Promise<string> {
    const url = `${this.#connection.endpoint}/${repo}/resolve/${head}/${path}`;
    return await (await this.#send(repo, url)).text();
  }

  /**
   * Creates a repository.
   *
   * @param repo The repository.
   * @param isPrivate Whether it is private; else it is as its owner's settings say.
   * @throws {HubError} If the Hub refuses the request.
   */
  async create(repo: string, isPrivate: boolean): Promise<void> {
    const [organization, name] = repo.split("/");
    const url = `${this.#connection.endpoint}${CREATION}`;
    const response = await this.#send(repo, url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        type: "model",
        name,
        organization,
        ...isPrivate && { visibility: "private" },
      }),
    });
    await response.body?.cancel();
  }

  /**
   * Creates a branch at the end of the main one.
   *
   * @param target The repository and the branch.
   * @throws {HubError} If the Hub refuses the request.
   */
  async createBranch({ repo, branch }: Target): Promise<void> {
    await createBranch({
      repo: { type: "model", name: repo },
      branch,
      hubUrl: this.#connection.endpoint,
      fetch: this.#fetch(repo),
    });
  }

  /**
   * Uploads files and commits them. What the Hub's store has already is not sent.
   *
   * @param target The repository and the branch.
   * @param head The branch's last commit; the upload fails if it is another one.
   * @param files The files.
   * @param onBytes Called for each piece that was sent, with its number of bytes.
   * @throws {HubError} If the Hub refuses a request.
   * @throws {Error} If the connection breaks repeatedly.
   */
  async commit(
    { repo, branch }: Target,
    head: string,
    files: readonly UploadFile[],
    onBytes: (count: number) => void,
  ): Promise<void> {
    try {
      await commit({
        repo: { type: "model", name: repo },
        branch,
        title: COMMIT_TITLE,
        parentCommit: head,
        operations: files.map(({ path, url }) => ({
          operation: "addOrUpdate",
          path,
          content: url,
        })),
        hubUrl: this.#connection.endpoint,
        fetch: this.#fetch(repo, onBytes),
        abortSignal: this.#signal,
      });
    } catch (error) {
      this.#signal.throwIfAborted(); // @huggingface/hub has another reason
      if (!(error instanceof HubApiError)) throw error;
      throw new HubError(
        `The Hub refuses a file for ${repo} (${error.statusCode}: ${error.message}): correct what it names, and run the same command again`,
        error.statusCode,
      );
    }
  }

  /** `fetch` for @huggingface/hub. */
  #fetch(repo: string, onBytes?: (count: number) => void): typeof fetch {
    return async (input, { method = "GET", headers, body } = {}) => {
      const url = `${input}`;
      // Bytes instead of a blob that reads its file lazily: a store needs their number.
      const content = body instanceof Blob
        ? new Uint8Array(await body.arrayBuffer())
        : body as HubRequest["body"];
      const request = {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        ...content === undefined ? {} : { body: content },
      };
      if (method === "GET") {
        // Whether the store has a part already: 404 is an answer.
        return await this.#find(repo, url, request) ??
          new Response(null, { status: 404 });
      }
      const response = await this.#send(repo, url, request);
      const isStore = !url.startsWith(`${this.#connection.endpoint}/`);
      if (isStore && content instanceof Uint8Array) onBytes?.(content.length);
      return response;
    };
  }

  /** Sends a request for something that may be missing. */
  async #find(
    repo: string,
    url: string,
    request: HubRequest = {},
  ): Promise<Response | undefined> {
    try {
      return await this.#send(repo, url, request);
    } catch (error) {
      if (error instanceof HubError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Sends a request, again if the connection breaks and it may be repeated. */
  async #send(
    repo: string,
    url: string,
    request: HubRequest = {},
  ): Promise<Response> {
    const { endpoint } = this.#connection;
    const isCreation = url === `${endpoint}${CREATION}`;
    const isCommit = url.startsWith(`${endpoint}/api/models/${repo}/commit/`);
    const attempts = isCreation || isCommit ? 1 : MAX_ATTEMPTS;
    for (let attempt = 1;; attempt++) {
      try {
        const response = await this.#connection.request(
          url,
          request,
          (response, seconds) => {
            const context = { endpoint, repo, user: this.#user };
            return uploadError(response, context, isCreation, seconds);
          },
        );
        const { status, headers } = response;
        return new Response(await contentOf(response), { status, headers });
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        if (attempt === attempts) {
          throw new Error(
            `${error.message}; run the same command again, it goes on where it stopped`,
            { cause: error },
          );
        }
        await delay(RETRY_MS * attempt, this.#signal);
      }
    }
  }
}

/** Reads the content of a response, which is short. */
async function contentOf(
  response: Response,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await response.bytes();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new ConnectionError(
      `The connection to ${new URL(response.url).host} broke`,
      { cause },
    );
  }
}
