/** A port that passes connections on. */
export interface BreakingProxy {
  readonly port: number;
  /** Ends it with all its connections. */
  close(): void;
}

/**
 * Passes connections on to a port on loopback, and breaks each after the next
 * number of bytes, if there is one. Needs the permission net.
 */
export function breakingProxy(port: number, breaks: number[]): BreakingProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const close = (...connections: Deno.Conn[]) => {
    for (const connection of connections) {
      if (!open.delete(connection)) continue;
      try {
        connection.close();
      } catch {
        // the other end closed it
      }
    }
  };
  const pass = async (client: Deno.Conn) => {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    open.add(client).add(server);
    const limit = breaks.shift() ?? Infinity;
    const buffer = new Uint8Array(16384);
    server.readable.pipeTo(client.writable).catch(() => {});
    try {
      let sent = 0;
      for (let n; (n = await client.read(buffer)) !== null;) {
        for (let done = 0; done < n;) {
          done += await server.write(buffer.subarray(done, n));
        }
        sent += n;
        if (sent >= limit) break;
      }
    } catch {
      // the other end closed it
    }
    close(client, server);
  };
  (async () => {
    for await (const client of listener) pass(client).catch(() => {});
  })().catch(() => {});
  return {
    port: listener.addr.port,
    close() {
      close(...open);
      listener.close();
    },
  };
}
