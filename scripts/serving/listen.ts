/**
 * The port of a server, from its opening to its end.
 *
 * @module
 */

/** Settings of {@linkcode listen}. */
export interface ListenOptions {
  /** Address to listen on. */
  readonly host: string;
  /** The port; 0 for a free one. */
  readonly port: number;
  /** Answers a request. */
  readonly handle: (request: Request) => Promise<Response>;
  /** Called once requests can come. */
  readonly onListen: (url: string) => void;
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** Ends the server with its error. */
  readonly failed: Promise<never>;
  /** Time for the answers to open requests at the end, in ms. */
  readonly shutdownMs: number;
}

/**
 * Serves until a signal; then takes no more connections, and answers the requests
 * that it has, as far as they come in time.
 *
 * @param options Address, handler, signal.
 * @throws {Error} If it cannot listen there or take connections any more, with the remedy, or `failed` rejects.
 */
export async function listen(
  { host, port, handle, onListen, signal, failed, shutdownMs }: ListenOptions,
): Promise<void> {
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: host,
      port,
      onListen: ({ hostname, port }) =>
        onListen(
          `http://${
            hostname.includes(":") ? `[${hostname}]` : hostname
          }:${port}/`,
        ),
    }, handle);
  } catch (error) {
    throw explain(error as Error, host, port);
  }
  const interrupted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
  const broken = server.finished.then(() => interrupted, explainEnd);
  await Promise.race([interrupted, failed, broken]);
  const { promise: patience, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, shutdownMs);
  await Promise.race([server.shutdown(), patience]);
  clearTimeout(timer);
}

/** Deno ends a server that cannot open a connection, as where all files that a process may have are open. */
function explainEnd(cause: Error): never {
  const reason = cause.message.replace(/^Error: /, "");
  throw new Error(
    `Cannot take connections any more: ${reason}: let clients reuse theirs, or raise the limit of open files (ulimit -n)`,
    { cause },
  );
}

/** Names the address, the reason and the remedy. */
function explain(error: Error, host: string, port: number): Error {
  const reason = reasonOf(error, host, port);
  if (reason === undefined) return error;
  return new Error(`Cannot listen on ${host}:${port}: ${reason}`, {
    cause: error,
  });
}

function reasonOf(
  error: Error,
  host: string,
  port: number,
): string | undefined {
  const { AddrInUse, AddrNotAvailable, NotCapable, PermissionDenied } =
    Deno.errors;
  if (error instanceof AddrInUse) {
    return "another program uses this port; end it, or give another --port";
  }
  if (error instanceof AddrNotAvailable) {
    return "this machine has no such address; give one of its own as --host";
  }
  if (error instanceof PermissionDenied) {
    return "the system denies it; give a --port from 1024";
  }
  if (error instanceof NotCapable) {
    return `deno task serve may use 127.0.0.1 alone; to serve others run deno run --unstable-no-legacy-abort --allow-read --allow-net=${host}:${port} scripts/serve.ts --host ${host} --model …`;
  }
  // A name without an address has no class of its own.
  return /lookup address/.test(error.message)
    ? "there is no such host; give an address of this machine as --host"
    : undefined;
}
