import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  addModel,
  fetchTest,
  FOLDER,
  large,
  list,
  MODEL,
  NEEDED,
  run,
  start,
  WEIGHTS,
} from "./fetch_fixture.ts";

fetchTest(
  "fetch.ts resumes where the connection broke",
  async ({ hub, folder }) => {
    addModel(hub, large({ breaks: [60_000, 120_000, 180_000, 240_000] }));
    const { code, stderr } = await run(hub, folder, "--model owner/model");
    assertEquals(code, 0, stderr);
    const ranges = hub.requests.filter(({ path }) => path.startsWith("/cdn/"))
      .map(({ range }) => range);
    assertEquals(ranges, [
      undefined,
      "bytes=60000-",
      "bytes=120000-",
      "bytes=180000-",
      "bytes=240000-",
    ]);
    assertEquals(
      await Deno.readFile(`${folder.path}/${FOLDER}/model.safetensors`),
      WEIGHTS,
    );
  },
);

fetchTest(
  "fetch.ts starts over if the server has no ranges",
  async ({ hub, folder }) => {
    hub.ranges = false;
    addModel(hub, large({ breaks: [100_000] }));
    const { code, stderr } = await run(hub, folder, "--model owner/model");
    assertEquals(code, 0, stderr);
    assertEquals(
      await Deno.readFile(`${folder.path}/${FOLDER}/model.safetensors`),
      WEIGHTS,
    );
  },
);

fetchTest(
  "fetch.ts fails if the connection breaks repeatedly, and a later run resumes",
  async ({ hub, folder }) => {
    addModel(hub, large({ breaks: [100_000, 100_000, 100_000, 100_000] }));
    const first = await run(hub, folder, "--model owner/model");
    assertEquals(first.code, 1);
    assertStringIncludes(
      first.error,
      "The connection broke at byte 100000 of 300000 of model.safetensors: run the same command again to resume from there",
    );
    // No file has its final name yet, not even a complete one.
    const left = await list(folder, FOLDER);
    assertEquals(left.filter((name) => !name.endsWith(".partial")), []);

    hub.requests.length = 0;
    const second = await run(hub, folder, "--model owner/model");
    assertEquals(second.code, 0, second.stderr);
    assertEquals(
      hub.requests.find(({ path }) => path.startsWith("/cdn/"))!.range,
      "bytes=100000-",
    );
    assertEquals(await list(folder, FOLDER), NEEDED);
  },
);

/** A large file that takes ten seconds, in a hundred chunks. */
const slow = () =>
  large({ breaks: Array.from({ length: 100 }, (_, i) => 3000 * (i + 1)) });

fetchTest(
  "fetch.ts waits out rate limits, for a listing and for a file",
  async ({ hub, folder }) => {
    addModel(hub);
    for (
      const [path, headers] of [
        [/\/tree\//, { "Retry-After": "1" }],
        [/\/resolve\//, { RateLimit: '"resolvers";r=0;t=1' }],
      ] as const
    ) {
      hub.refusal = { status: 429, headers, path, times: 1 };
      const { code, stderr } = await run(hub, folder, "--model owner/model");
      assertEquals(
        stderr,
        "Rate limit of the Hub reached: continuing in 1 s\n",
      );
      assertEquals(code, 0);
      assertEquals(await list(folder, FOLDER), NEEDED);
      await Deno.remove(`${folder.path}/${FOLDER}`, { recursive: true });
    }
  },
);

for (
  const [signal, ending] of [["SIGKILL", 137], ["SIGINT", 130]] as const
) {
  fetchTest(
    `fetch.ts leaves nothing that looks complete on ${signal}, and resumes later`,
    async ({ hub, folder }) => {
      addModel(hub, slow());
      const child = start(hub, folder, "--model owner/model");
      /** Size of the partial file. */
      const partial = async () => {
        const name = (await list(folder, FOLDER))
          .find((name) => name.startsWith("model.safetensors"));
        const path = `${folder.path}/${FOLDER}/${name}`;
        return name === undefined ? 0 : (await Deno.stat(path)).size;
      };
      while (await partial() === 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      child.kill(signal);
      const { code, stderr } = await child.output();
      assertEquals(code, ending);
      if (signal === "SIGINT") {
        assertEquals(
          new TextDecoder().decode(stderr),
          "Interrupted by SIGINT\n",
        );
      }
      const left = await list(folder, FOLDER);
      assertEquals(left.filter((name) => !name.endsWith(".partial")), []);
      const size = await partial();

      hub.files.set(`${MODEL}model.safetensors`, large());
      hub.requests.length = 0;
      const later = await run(hub, folder, "--model owner/model");
      assertEquals(later.code, 0, later.stderr);
      assertEquals(
        hub.requests.find(({ path }) => path.startsWith("/cdn/"))!.range,
        `bytes=${size}-`,
      );
      assertEquals(await list(folder, FOLDER), NEEDED);
      assertEquals(
        await Deno.readFile(`${folder.path}/${FOLDER}/model.safetensors`),
        WEIGHTS,
      );
    },
  );
}
