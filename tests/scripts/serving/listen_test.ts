import { assertEquals, assertRejects } from "@std/assert";
import { listen, type ListenOptions } from "../../../scripts/serving/listen.ts";
import { needs } from "../../helpers/permissions.ts";

const never = new Promise<never>(() => {});

/** Listens with these options; resolves to the end of the server, once it has a URL. */
async function listening(
  options: Partial<ListenOptions>,
): Promise<{ url: string; port: number; end: Promise<void> }> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const end = listen({
    host: "127.0.0.1",
    port: 0,
    handle: () => Promise.resolve(new Response("answer")),
    signal: new AbortController().signal,
    failed: never,
    shutdownMs: 60_000,
    onListen: resolve,
    ...options,
  });
  end.catch(reject);
  const url = await promise;
  return { url, port: Number(new URL(url).port), end };
}

Deno.test(
  needs(
    "listen() answers the requests that it has, and takes no more, once it is told to end",
    "net",
  ),
  async () => {
    const controller = new AbortController();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Response>();
    const { url, port, end } = await listening({
      signal: controller.signal,
      handle: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    // One that sends nothing, and one that sends half a request, do not keep it.
    using _idle = await Deno.connect({ hostname: "127.0.0.1", port });
    using half = await Deno.connect({ hostname: "127.0.0.1", port });
    await half.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost:"));
    const response = fetch(url);
    await asked.promise;
    controller.abort();
    await assertRejects(async () => {
      while (true) {
        using _ = await Deno.connect({ hostname: "127.0.0.1", port });
      }
    });
    answer.resolve(new Response("answer"));
    assertEquals(await (await response).text(), "answer");
    await end;
  },
);

Deno.test(
  needs("listen() does not wait for ever for an answer", "net"),
  async () => {
    const controller = new AbortController();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Response>();
    const { url, end } = await listening({
      signal: controller.signal,
      shutdownMs: 10,
      handle: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    const response = fetch(url);
    await asked.promise;
    controller.abort();
    await end;
    answer.resolve(new Response("answer")); // so that the test leaves nothing open
    assertEquals(await (await response).text(), "answer");
  },
);

Deno.test(
  needs("listen() ends with the error of the service", "net"),
  async () => {
    const failed = Promise.withResolvers<never>();
    const { end } = await listening({ failed: failed.promise });
    failed.reject(new Error("the device is lost"));
    await assertRejects(() => end, Error, "the device is lost");
  },
);

Deno.test(
  needs("listen() says why its server ended", "net"),
  async () => {
    const { serve } = Deno;
    const finished = Promise.withResolvers<void>();
    let server: Deno.HttpServer | undefined;
    // The limit of open files cannot be reached here without its effects on other tests.
    Deno.serve = ((...args: Parameters<typeof serve>) => {
      server = serve(...args);
      return { ...server, finished: finished.promise };
    }) as typeof serve;
    try {
      const { end } = await listening({});
      finished.reject(new Error("Error: Too many open files (os error 24)"));
      await assertRejects(
        () => end,
        Error,
        "Cannot take connections any more: Too many open files (os error 24): let clients reuse theirs, or raise the limit of open files (ulimit -n)",
      );
    } finally {
      Deno.serve = serve;
      await server?.shutdown();
    }
  },
);

Deno.test(needs("listen() says why it cannot listen", "net"), async (t) => {
  await t.step("a port in use", async () => {
    const controller = new AbortController();
    const { port, end } = await listening({ signal: controller.signal });
    const error = await assertRejects(() => listening({ port }), Error);
    assertEquals(
      error.message,
      `Cannot listen on 127.0.0.1:${port}: another program uses this port; end it, or give another --port`,
    );
    controller.abort();
    await end;
  });
  await t.step("another host", async () => {
    const error = await assertRejects(
      () => listening({ host: "0.0.0.0", port: 8000 }),
      Error,
    );
    assertEquals(
      error.message,
      "Cannot listen on 0.0.0.0:8000: deno task serve may use 127.0.0.1 alone; to serve others run deno run --unstable-no-legacy-abort --allow-read --allow-net=0.0.0.0:8000 scripts/serve.ts --host 0.0.0.0 --model …",
    );
  });
});
