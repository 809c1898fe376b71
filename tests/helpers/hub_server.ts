/** A file of a repository on the server. */
export interface ServedFile {
  /** Content of the file. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** Whether it is an LFS file: identified by SHA-256, and served by another host. */
  readonly lfs?: boolean;
  /** A digest to report instead of the correct one. */
  readonly claimedDigest?: string;
  /** Byte offsets at which the connection breaks, once for each number. */
  readonly breaks?: number[];
}

/** A received request. */
export interface Request {
  readonly host: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** A Hub on loopback. */
export interface HubServer extends AsyncDisposable {
  /** Value of HF_ENDPOINT. */
  readonly endpoint: string;
  /** The two host names of the server, for `--allow-net`. */
  readonly hosts: string;
  /** Files by repository, revision and path: `models/owner/name@main/config.json`. */
  readonly files: Map<string, ServedFile>;
  /** Requests received so far. */
  readonly requests: Request[];
  /** Token required by every request, if set. */
  token?: string;
  /** Response for every request, or for the first `times` requests that match `path`. */
  refusal?: {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly path?: RegExp;
    times?: number;
  };
  /** Whether range requests are supported. */
  ranges: boolean;
}

const PAGE = 3;

/**
 * Serves the requests of @huggingface/hub and of downloads: `GET
 * /api/models/OWNER/NAME/tree/REVISION/PATH`, paginated, and `GET
 * /OWNER/NAME/resolve/REVISION/PATH`, which redirects LFS files to another host
 * name; with ranges and ETags. Needs the permission net.
 */
export function hubServer(): HubServer {
  const files = new Map<string, ServedFile>();
  const requests: Request[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const url = new URL(request.url);
      requests.push({
        host: url.host,
        path: decodeURIComponent(url.pathname),
        range: request.headers.get("range") ?? undefined,
        authorization: request.headers.get("authorization") ?? undefined,
      });
      return respond(hub, request, url);
    },
  );
  const { port } = server.addr;
  const hub: HubServer = {
    endpoint: `http://127.0.0.1:${port}`,
    hosts: `127.0.0.1:${port},localhost:${port}`,
    files,
    requests,
    ranges: true,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return hub;
}

const API = /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/tree\/([^/]+)\/?(.*)$/;
const RESOLVE = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/;

async function respond(
  hub: HubServer,
  request: globalThis.Request,
  url: URL,
): Promise<Response> {
  const { pathname } = url;
  if (pathname.startsWith("/cdn/")) {
    return serve(
      hub,
      hub.files.get(decodeURIComponent(pathname.slice(5)))!,
      request,
    );
  }
  const { refusal } = hub;
  if (refusal?.path?.test(pathname) ?? refusal) {
    const { status, headers = {}, times = Infinity } = refusal!;
    refusal!.times = times - 1;
    if (times > 0) return new Response(null, { status, headers });
  }
  const { token } = hub;
  if (token && request.headers.get("authorization") !== `Bearer ${token}`) {
    return Response.json({ error: "Invalid username or password." }, {
      status: 401,
    });
  }
  const [, type, repo, revision, folder = ""] = pathname.match(API) ?? [];
  if (repo) return await list(hub, `${type}/${repo}@${revision}/`, folder, url);
  const [, isDataset, ...parts] = pathname.match(RESOLVE) ?? [];
  const path = decodeURIComponent(parts[2] ?? "");
  const key = `${isDataset ?? "models/"}${parts[0]}@${parts[1]}/${path}`;
  const file = hub.files.get(key);
  if (!file) return new Response("Entry not found", { status: 404 });
  if (!file.lfs) return serve(hub, file, request);
  return new Response(null, {
    status: 302,
    headers: {
      Location: `http://localhost:${url.port}/cdn/${encodeURIComponent(key)}`,
    },
  });
}

async function list(
  hub: HubServer,
  root: string,
  folder: string,
  url: URL,
): Promise<Response> {
  const prefix = folder ? `${root}${folder}/` : root;
  const keys = [...hub.files.keys()].filter((key) => key.startsWith(prefix));
  if (keys.length === 0) {
    return Response.json({ error: "Repository not found" }, { status: 404 });
  }
  const entries = new Map<string, object>();
  for (const key of keys) {
    const path = key.slice(root.length);
    const [first, ...rest] = key.slice(prefix.length).split("/");
    if (rest.length > 0 && first !== "..") {
      const path = folder ? `${folder}/${first}` : first!;
      entries.set(path, { type: "directory", oid: "0", size: 0, path });
    } else entries.set(path, await entry(path, hub.files.get(key)!));
  }
  const start = Number(url.searchParams.get("cursor") ?? 0);
  const next = new URL(url);
  next.searchParams.set("cursor", `${start + PAGE}`);
  return Response.json([...entries.values()].slice(start, start + PAGE), {
    headers: start + PAGE < entries.size
      ? { Link: `<${next}>; rel="next"` }
      : {},
  });
}

async function entry(path: string, file: ServedFile): Promise<object> {
  const { content, lfs, claimedDigest } = file;
  const size = content.length;
  const head = new TextEncoder().encode(`blob ${size}\0`);
  const oid = !lfs && claimedDigest ||
    await digest("SHA-1", new Uint8Array([...head, ...content]));
  if (!lfs) return { type: "file", oid, size, path };
  const sha256 = claimedDigest ?? await digest("SHA-256", content);
  return {
    type: "file",
    oid,
    size,
    path,
    lfs: { oid: sha256, size, pointerSize: 134 },
  };
}

async function digest(
  algorithm: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes)).toHex();
}

function serve(
  hub: HubServer,
  file: ServedFile,
  request: globalThis.Request,
): Response {
  const { content, breaks } = file;
  const range = request.headers.get("range");
  const start = hub.ranges && range ? Number(range.match(/\d+/)![0]) : 0;
  const stop = breaks?.shift();
  const bytes = content.subarray(start, stop);
  const body = stop === undefined ? bytes : new ReadableStream({
    async start(controller) {
      controller.enqueue(bytes);
      await new Promise((resolve) => setTimeout(resolve, 100)); // until the bytes arrive
      controller.error(new Error("The connection broke"));
    },
  });
  return new Response(body, {
    status: start > 0 ? 206 : 200,
    headers: {
      ETag: `"${content.length}"`,
      ...start > 0
        ? {
          "Content-Range": `bytes ${start}-${
            content.length - 1
          }/${content.length}`,
        }
        : {},
    },
  });
}
