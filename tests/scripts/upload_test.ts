import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { FILES, filesOf, FLAGS, MODEL, uploadTest } from "./upload_fixture.ts";

Deno.test("the upload task may only reach the Hub, and read runs", () => {
  assertEquals(
    project.tasks.upload.command,
    "deno run --allow-net='huggingface.co,*.huggingface.co,*.hf.co' --allow-read=runs --allow-env=HF_TOKEN,HF_ENDPOINT scripts/upload.ts",
  );
});

for (const isXet of [false, true]) {
  uploadTest(
    `upload.ts uploads a model folder in one commit, ${
      isXet ? "through the store of chunks" : "by PUT"
    }`,
    async ({ hub, run }) => {
      hub.isXet = isXet;
      const { code, stdout, stderr } = await run(FLAGS);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(filesOf(hub), FILES);
      assertStringIncludes(stdout, "model.safetensors      0.06  new");
      assertStringIncludes(stdout, "5 of 5 files to upload, 1 MB");
      assertStringIncludes(stdout, `${hub.endpoint}/alice/mine\n`);
      const commits = hub.requests.filter(({ path }) =>
        path.includes("/commit/")
      );
      assertEquals(commits.length, 1);
      // The store has its own tokens, in the headers or in the address.
      const [ours, others] = [true, false].map((isHub) =>
        hub.requests.filter(({ host }) =>
          (host === new URL(hub.endpoint).host) === isHub
        )
      );
      assert(
        ours!.every(({ authorization }) =>
          authorization === `Bearer ${hub.token}`
        ),
      );
      assert(
        others!.length > 0 &&
          others!.every(({ authorization = "" }) =>
            !authorization.includes(hub.token)
          ),
      );
    },
  );
}

uploadTest(
  "upload.ts sends what has changed, and nothing the second time",
  async ({ hub, run, write }) => {
    assertEquals((await run(FLAGS)).code, 0);
    hub.requests.length = 0;
    const same = await run(FLAGS);
    assertEquals([same.code, same.stderr], [0, ""]);
    assertStringIncludes(same.stdout, "0 of 5 files to upload, 0 MB");
    assertStringIncludes(same.stdout, "alice/mine has the model already");
    assert(hub.requests.every(({ method }) => method === "GET"));

    await write("tokenizer.json", '{"a": 1}');
    hub.requests.length = 0;
    const changed = await run(FLAGS);
    assertEquals(changed.code, 0, changed.stderr);
    assertStringIncludes(changed.stdout, "1 of 5 files to upload");
    assert(hub.requests.every(({ method }) => method !== "PUT"));
    const content = new TextEncoder().encode('{"a": 1}');
    assertEquals(filesOf(hub), { ...FILES, "tokenizer.json": content });
  },
);

uploadTest(
  "upload.ts sends nothing in a dry run, and says what it would send",
  async ({ hub, run }) => {
    const { code, stdout } = await run(`${FLAGS} --private --dry-run`);
    assertEquals(code, 0);
    assertStringIncludes(
      stdout,
      `${MODEL} to alice/mine (a new repository, private)`,
    );
    assertStringIncludes(stdout, "5 of 5 files to upload");
    assertStringIncludes(stdout, "Dry run: nothing was sent");
    assertEquals(hub.repos.size, 0);
    assert(hub.requests.every(({ method }) => method === "GET"));
  },
);

uploadTest(
  "upload.ts makes a private repository, and does not take a public one for it",
  async ({ hub, run }) => {
    assertEquals((await run(`${FLAGS} --private`)).code, 0);
    const mine = hub.repos.get("alice/mine")!;
    assertEquals(mine.isPrivate, true);
    mine.isPrivate = false;
    const { code, error } = await run(`${FLAGS} --private --force`);
    assertEquals(code, 2);
    assertStringIncludes(error, "alice/mine is there and public");
    assertEquals((await run(FLAGS)).code, 0);
    const other = "--model runs/mine/model --repo alice/other";
    assertEquals((await run(other)).code, 0);
    assertEquals(hub.repos.get("alice/other")!.isPrivate, false);
  },
);

uploadTest(
  "upload.ts uploads to a branch, which it makes",
  async ({ hub, run }) => {
    const { code, stdout, stderr } = await run(`${FLAGS} --branch try/1`);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "/alice/mine/tree/try/1");
    assertEquals(filesOf(hub), {});
    assertEquals(filesOf(hub, "alice/mine", "try/1"), FILES);
  },
);

uploadTest(
  "upload.ts leaves out hidden and partial files and training states",
  async ({ hub, run, write }) => {
    for (
      const name of [
        ".env",
        "optimizer.safetensors",
        "trainer_state.json",
        "model.safetensors.partial",
      ]
    ) await write(name, "x");
    const { stdout } = await run(FLAGS);
    assertEquals(filesOf(hub), FILES);
    assertStringIncludes(
      stdout,
      "Left out: .env, model.safetensors.partial, optimizer.safetensors, trainer_state.json\n",
    );
  },
);

uploadTest(
  "upload.ts keeps the names of files with unusual characters",
  async ({ hub, run, write }) => {
    await write("a #1?%20 ä.txt", "x");
    const { code, stderr } = await run(FLAGS);
    assertEquals(code, 0, stderr);
    const content = new TextEncoder().encode("x");
    assertEquals(filesOf(hub), { ...FILES, "a #1?%20 ä.txt": content });
  },
);
