/**
 * A Hub on loopback that takes uploads: repositories, branches, large files and
 * commits, as @huggingface/hub sends them.
 *
 * @module
 */

import { breakingProxy } from "./breaking_proxy.ts";

/** A file of a branch. */
export interface StoredFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly isLfs: boolean;
  /** Title of its last commit. */
  readonly title: string;
}

/** A branch: its commits and files. */
export interface Branch {
  sha: string;
  readonly files: Map<string, StoredFile>;
}

/** A received request. */
export interface UploadRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly bytes: number;
}

/** A response in place of the first `times` ones to requests that match. */
export interface Refusal {
  readonly status: number;
  /** Matches the method and the path: `PUT /store/…`. */
  readonly request: RegExp;
  readonly error?: string;
  readonly headers?: Record<string, string>;
  times?: number;
}

/** A Hub on loopback. */
export interface HubUploadServer extends AsyncDisposable {
  /** Value of HF_ENDPOINT. */
  readonly endpoint: string;
  /** The host names of Hub and store, for `--allow-net`. */
  readonly hosts: string;
  readonly token: string;
  /** Answer to `whoami-v2`. */
  user: object;
  readonly repos: Map<
    string,
    { isPrivate: boolean; readonly branches: Map<string, Branch> }
  >;
  /** Large files by SHA-256, whether committed or not. */
  readonly store: Map<string, Uint8Array<ArrayBuffer>>;
  readonly requests: UploadRequest[];
  refusal?: Refusal | undefined;
  /** Bytes after which a connection to the store breaks, once for each number. */
  readonly breaks: number[];
  /** Called with each request before it is answered. */
  onRequest?: (request: UploadRequest) => void | Promise<void>;
  /** Whether large files go to the store of chunks (xet) instead of a PUT. */
  isXet: boolean;
}

const PAGE = 2;
const LARGE = /\.(safetensors|onnx)$/;
/** Bytes before each chunk of a xorb. */
const CHUNK_HEAD = 8;

/** Starts a {@linkcode HubUploadServer}. Needs the permission net. */
export function hubUploadServer(): HubUploadServer {
  const xorbs: Uint8Array<ArrayBuffer>[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const url = new URL(request.url);
      const body = await request.bytes().catch(() => undefined);
      if (!body) return new Response(); // the connection broke
      const received = {
        host: url.host,
        method: request.method,
        path: decodeURIComponent(url.pathname),
        authorization: request.headers.get("authorization") ?? undefined,
        bytes: body.length,
      };
      hub.requests.push(received);
      await hub.onRequest?.(received);
      return await respond(hub, received, url, body, xorbs);
    },
  );
  const { port } = server.addr;
  const breaks: number[] = [];
  const proxy = breakingProxy(port, breaks);
  const hub: HubUploadServer = {
    endpoint: `http://127.0.0.1:${port}`,
    hosts: `127.0.0.1:${port},localhost:${proxy.port}`,
    token: "hf_secret",
    user: {
      type: "user",
      name: "alice",
      orgs: [{ name: "team" }],
      auth: { accessToken: { role: "write" } },
    },
    repos: new Map(),
    store: new Map(),
    requests: [],
    breaks,
    isXet: false,
    async [Symbol.asyncDispose]() {
      proxy.close();
      await server.shutdown();
    },
  };
  return hub;

  /** Answers a request. */
  async function respond(
    hub: HubUploadServer,
    { method, path, authorization }: UploadRequest,
    url: URL,
    body: Uint8Array<ArrayBuffer>,
    xorbs: Uint8Array<ArrayBuffer>[],
  ): Promise<Response> {
    const text = () => new TextDecoder().decode(body);
    const { refusal } = hub;
    if (refusal?.request.test(`${method} ${path}`)) {
      const { status, headers = {}, error, times = Infinity } = refusal;
      refusal.times = times - 1;
      if (times > 0) return Response.json({ error }, { status, headers });
    }
    const part = path.match(/^\/store\/(\w+)$|^\/v1\/(xorbs|shards|chunks)/);
    if (part) {
      if (method === "GET") return failure(404, "No such chunk");
      if (part[1]) hub.store.set(part[1], body);
      if (part[2] === "xorbs") xorbs.push(await contentOf(body));
      if (part[2] === "shards") {
        for (const content of xorbs.splice(0)) { // a file each
          hub.store.set(await digest("SHA-256", content), content);
        }
      }
      return Response.json({});
    }
    if (authorization !== `Bearer ${hub.token}`) {
      return failure(401, "Invalid username or password.");
    }
    if (path === "/api/whoami-v2") return Response.json(hub.user);
    if (path === "/api/repos/create") return create(hub, JSON.parse(text()));
    const batch = path.match(/^\/(.+)\.git\/info\/lfs\/objects\/batch$/);
    if (batch) {
      return lfsBatch(hub, JSON.parse(text()), `localhost:${proxy.port}`);
    }
    const [, repo, action, revision = ""] =
      path.match(/^\/api\/models\/([^/]+\/[^/]+)(?:\/(\w+)\/(.+))?$/) ??
        path.match(/^\/([^/]+\/[^/]+)\/(resolve)\/(.+)$/) ?? [];
    const found = hub.repos.get(`${repo}`);
    if (!found) return failure(404, "Repository not found");
    const { branches, isPrivate } = found;
    if (!action) return Response.json({ id: repo, private: isPrivate });
    if (action === "branch") {
      const main = branches.get("main")!;
      branches.set(revision, { sha: main.sha, files: new Map(main.files) });
      return Response.json({});
    }
    const [name, ...rest] = revision.split("/");
    const branch = branches.get(revision) ??
      [...branches.values()].find(({ sha }) => sha === name);
    if (!branch) return failure(404, `Invalid rev id: ${revision}`);
    switch (action) {
      case "revision":
        return Response.json({ id: repo, sha: branch.sha });
      case "tree":
        return await list(branch, url);
      case "resolve":
        return new Response(branch.files.get(rest.join("/"))!.content);
      case "preupload": {
        const { files }: { files: { path: string }[] } = JSON.parse(text());
        return Response.json({
          files: files.map(({ path }) => ({
            path,
            uploadMode: LARGE.test(path) ? "lfs" : "regular",
          })),
        });
      }
      default:
        return commit(hub, branch, text());
    }
  }
}

function failure(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

function create(
  { repos }: HubUploadServer,
  { name, organization, visibility }: Record<string, string>,
): Response {
  const repo = `${organization}/${name}`;
  if (repos.has(repo)) return failure(409, "You already created this model");
  const files = new Map([[".gitattributes", {
    content: new TextEncoder().encode("*.safetensors filter=lfs\n"),
    isLfs: false,
    title: "initial commit",
  }]]);
  repos.set(repo, {
    isPrivate: visibility === "private",
    branches: new Map([["main", { sha: newSha(), files }]]),
  });
  return Response.json({ url: repo });
}

function lfsBatch(
  { store, isXet }: HubUploadServer,
  { objects }: { objects: { oid: string; size: number }[] },
  host: string,
): Response {
  const header = {
    "X-Xet-Cas-Url": `http://${host}`,
    "X-Xet-Access-Token": "of-the-store",
    "X-Xet-Token-Expiration": `${Date.now() / 1000 + 3600}`,
  };
  return Response.json({
    transfer: isXet ? "xet" : "basic",
    objects: objects.map(({ oid, size }) => ({
      oid,
      size,
      ...!store.has(oid) &&
        {
          actions: { upload: { href: `http://${host}/store/${oid}`, header } },
        },
    })),
  });
}

/** Content of a xorb: chunks, which the server takes uncompressed only. */
async function contentOf(
  xorb: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < xorb.length;) {
    const [, a, b, c, compression] = xorb.subarray(at, at + CHUNK_HEAD);
    if (compression !== 0) throw new Error("Use random content");
    const size = a! + 256 * b! + 65536 * c!;
    at += CHUNK_HEAD + size;
    chunks.push(xorb.subarray(at - size, at));
  }
  return await new Blob(chunks).bytes();
}

/** A line of a commit. */
type Operation =
  | { key: "header"; value: { summary: string; parentCommit?: string } }
  | { key: "file"; value: { path: string; content: string } }
  | { key: "lfsFile"; value: { path: string; oid: string } };

function commit(
  { store }: HubUploadServer,
  branch: Branch,
  lines: string,
): Response {
  const operations: Operation[] = lines.split("\n")
    .map((line) => JSON.parse(line));
  let title = "";
  for (const { key, value } of operations) {
    if (key === "header") {
      title = value.summary;
      if (value.parentCommit && value.parentCommit !== branch.sha) {
        return failure(412, "A commit has happened since");
      }
      continue;
    }
    const isLfs = key === "lfsFile";
    const content = isLfs
      ? store.get(value.oid)
      : Uint8Array.fromBase64(value.content);
    if (!content) return failure(400, `${value.path} was not uploaded`);
    branch.files.set(value.path, { content, isLfs, title });
  }
  branch.sha = newSha();
  return Response.json({ commitOid: branch.sha, commitUrl: "" });
}

async function list({ files }: Branch, url: URL): Promise<Response> {
  const start = Number(url.searchParams.get("cursor") ?? 0);
  const next = new URL(url);
  next.searchParams.set("cursor", `${start + PAGE}`);
  const entries = [];
  for (const [path, { content, isLfs, title }] of files) {
    const { length: size } = content;
    const head = new TextEncoder().encode(`blob ${size}\0`);
    entries.push({
      type: "file",
      path,
      size,
      oid: await digest("SHA-1", new Uint8Array([...head, ...content])),
      ...isLfs && {
        lfs: { oid: await digest("SHA-256", content), size, pointerSize: 134 },
      },
      lastCommit: { title, id: "0", date: "2026-01-31T12:00:00.000Z" },
    });
  }
  return Response.json(entries.slice(start, start + PAGE), {
    headers: start + PAGE < entries.length
      ? { Link: `<${next}>; rel="next"` }
      : {},
  });
}

function newSha(): string {
  return crypto.getRandomValues(new Uint8Array(20)).toHex();
}

async function digest(
  algorithm: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes)).toHex();
}
