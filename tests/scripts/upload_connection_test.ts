import { assertEquals, assertStringIncludes } from "@std/assert";
import { FILES, filesOf, FLAGS, uploadTest } from "./upload_fixture.ts";

uploadTest(
  "upload.ts sends a file again after the connection broke",
  async ({ hub, run }) => {
    hub.breaks.push(10_000, 20_000);
    const { code, stderr } = await run(FLAGS);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(filesOf(hub), FILES);
  },
);

uploadTest(
  "upload.ts fails if the connection breaks repeatedly, and a later run sends the rest",
  async ({ hub, run }) => {
    hub.refusal = { status: 503, request: /PUT/, times: 1 };
    const broken = await run(FLAGS);
    assertEquals(broken.code, 1);
    hub.breaks.push(...new Array(9).fill(10_000));
    const { code, error } = await run(FLAGS);
    assertEquals(code, 1);
    assertStringIncludes(error, "Cannot reach localhost:");
    assertStringIncludes(
      error,
      "; run the same command again, it goes on where it stopped",
    );
    assertEquals(filesOf(hub), {}); // no part of a model
    hub.breaks.length = 0;
    hub.requests.length = 0;
    const stored = hub.store.size;
    const later = await run(FLAGS);
    assertEquals(later.code, 0, later.stderr);
    const puts = hub.requests.filter(({ method }) => method === "PUT");
    assertEquals(puts.length, 2 - stored);
    assertEquals(filesOf(hub), FILES);
  },
);

for (
  const [signal, ending] of [["SIGKILL", 137], ["SIGINT", 130]] as const
) {
  uploadTest(
    `upload.ts leaves no part of a model on ${signal}, and a later run sends the rest`,
    async ({ hub, start, run }) => {
      const arrived = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<void>();
      hub.onRequest = async ({ path }) => {
        if (!path.includes("/commit/")) return;
        arrived.resolve();
        await ended.promise;
        hub.refusal = { status: 500, request: /commit/, times: 1 };
      };
      const child = start(FLAGS);
      await arrived.promise;
      child.kill(signal);
      const { code, stderr } = await child.output();
      ended.resolve();
      assertEquals(code, ending);
      if (signal === "SIGINT") {
        assertEquals(
          new TextDecoder().decode(stderr),
          "Interrupted by SIGINT\n",
        );
      }
      assertEquals(filesOf(hub), {});
      delete hub.onRequest;
      hub.refusal = undefined;
      hub.requests.length = 0;
      const later = await run(FLAGS);
      assertEquals(later.code, 0, later.stderr);
      assertEquals(filesOf(hub), FILES);
      assertEquals(
        hub.requests.filter(({ method }) => method === "PUT").length,
        0,
      );
    },
  );
}
