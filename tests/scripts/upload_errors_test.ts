import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FILES, filesOf, FLAGS, MODEL, uploadTest } from "./upload_fixture.ts";

uploadTest("upload.ts refuses what it cannot upload", async (
  { hub, folder, run, write },
  t,
) => {
  const check = (
    name: string,
    flags: string,
    message: string,
    env: Record<string, string> = {},
  ) =>
    t.step(name, async () => {
      const { code, error } = await run(flags, env);
      assertEquals([code, hub.repos.size], [2, 0]);
      assertStringIncludes(error, message);
    });
  const to = "--repo alice/mine --model";
  await check("no model", "--repo alice/mine", "Missing --model: give ");
  await check("no repo", "--model runs/mine/model", "Missing --repo: give ");
  for (const repo of ["mine", "a/b/c", "a/b@main", "https://x.y/z", "a/../b"]) {
    await check(
      repo,
      `--model ${MODEL} --repo ${repo}`,
      `--repo must be user/name, not "${repo}"`,
    );
  }
  await check("branch", `${FLAGS} --branch ../a`, "--branch must be a name");
  await check("argument", `${FLAGS} more`, 'Unexpected argument "more"');
  await check("no token", FLAGS, "HF_TOKEN is not set", { HF_TOKEN: "" });
  await check("odd token", FLAGS, "HF_TOKEN has characters", {
    HF_TOKEN: "a b",
  });
  await check(
    "no folder",
    `${to} runs/none`,
    "--model runs/none is not a folder",
  );
  await check("a file", `${to} ${MODEL}/config.json`, "is not a folder");
  await check("outside", `${to} /etc`, "cannot be read with the permissions");
  await Deno.mkdir(`${folder.path}/runs/empty`);
  await check("empty", `${to} runs/empty`, "runs/empty has no config.json");
  await Deno.writeTextFile(`${folder.path}/runs/mine/config.json`, "{}");
  await check(
    "a run",
    `${to} runs/mine`,
    "has no model_type in its config.json",
  );
  // Tests have no permission to make a link.
  await new Deno.Command("deno", {
    args: ["eval", `Deno.symlinkSync("/etc/hosts", "${MODEL}/hosts")`],
    cwd: folder.url,
  }).output();
  await check("a link", FLAGS, `${MODEL}/hosts is a link`);
  await Deno.remove(`${folder.path}/${MODEL}/hosts`);
  await write("vocab.txt", "");
  await check("an empty file", FLAGS, "has an empty vocab.txt");
  await Deno.remove(`${folder.path}/${MODEL}/vocab.txt`);
  await write("config.json", "{");
  await check("no JSON", FLAGS, "config.json is no JSON");
});

uploadTest("upload.ts says why the Hub refuses", async ({ hub, run }, t) => {
  const cases: readonly [
    name: string,
    refusal: typeof hub.refusal,
    message: string,
    isBegun?: boolean,
  ][] = [
    [
      "a wrong token",
      { status: 401, request: /whoami/, error: "Invalid credentials" },
      `The Hub does not accept HF_TOKEN (401: Invalid credentials): make a token with the role write at ${hub.endpoint}/settings/tokens`,
    ],
    [
      "no rights to create",
      { status: 403, request: /create/, error: "No\nrights \u001b[31m" },
      "HF_TOKEN, of alice, may not write to alice/mine (403: No rights [31m): use a token with the role write, of alice or a member of it",
      true,
    ],
    [
      "no rights to write",
      { status: 403, request: /preupload/ },
      "HF_TOKEN, of alice, may not write to alice/mine (403)",
      true,
    ],
    [
      "no such user",
      { status: 404, request: /create/, error: "Not found" },
      "The Hub has no user or organization alice (404: Not found): check --repo",
      true,
    ],
    [
      "a repository that the token may not see",
      { status: 409, request: /create/ },
      "alice/mine is there, but HF_TOKEN, of alice, may not see it (409)",
      true,
    ],
    [
      "metadata that is not valid",
      { status: 400, request: /commit/, error: "Invalid metadata" },
      "The Hub refuses the upload to alice/mine (400: Invalid metadata)",
      true,
    ],
    [
      "a file that is too large",
      { status: 413, request: /PUT/ },
      "The Hub refuses a file for alice/mine as too large (413)",
      true,
    ],
    [
      "a long rate limit",
      { status: 429, request: /preupload/, headers: { "Retry-After": "301" } },
      "Rate limit of the Hub reached (429): run the same command again after 301 seconds",
      true,
    ],
    [
      "a store that fails",
      { status: 503, request: /PUT/ },
      "responds with status 503 to the upload to alice/mine: run the same command again later",
      true,
    ],
  ];
  for (const [name, refusal, message, isBegun = false] of cases) {
    await t.step(name, async () => {
      hub.repos.clear();
      hub.store.clear();
      hub.refusal = refusal;
      const { code, stderr, error } = await run(FLAGS);
      assertEquals(code, isBegun ? 1 : 2);
      assertStringIncludes(error, message);
      assert(!stderr.includes(hub.token));
      assertEquals(filesOf(hub), {});
    });
  }
});

uploadTest(
  "upload.ts warns of a token of somebody else, and refuses one that only reads",
  async ({ hub, run }) => {
    hub.user = { name: "bob", orgs: [] };
    const { code, stderr } = await run(FLAGS);
    assertEquals(code, 0);
    assertEquals(
      stderr,
      "Warning: HF_TOKEN is of bob, and alice is neither that user nor one of its organizations\n",
    );
    hub.user = { name: "alice", auth: { accessToken: { role: "read" } } };
    const { code: second, error } = await run(FLAGS);
    assertEquals(second, 2);
    assertStringIncludes(error, "HF_TOKEN, of alice, may only read");
  },
);

uploadTest(
  "upload.ts does not follow a repository to another name",
  async ({ hub, run }) => {
    await run(FLAGS);
    hub.requests.length = 0;
    hub.refusal = {
      status: 307,
      request: /^GET \/api\/models\/alice\/mine$/,
      headers: { Location: "/api/models/alice/new" },
    };
    hub.repos.set("alice/new", hub.repos.get("alice/mine")!);
    const { code, error } = await run(FLAGS);
    assertEquals(code, 2);
    assertEquals(
      error,
      "error: alice/mine is alice/new now: use --repo alice/new",
    );
  },
);

uploadTest("upload.ts waits out rate limits", async ({ hub, run }) => {
  for (const request of [/whoami/, /PUT/, /commit/]) {
    hub.repos.clear();
    hub.store.clear();
    hub.refusal = {
      status: 429,
      request,
      headers: { "Retry-After": "1" },
      times: 1,
    };
    const { code, stderr } = await run(FLAGS);
    assertEquals(
      [code, stderr],
      [0, "Rate limit of the Hub reached: continuing in 1 s\n"],
    );
    assertEquals(filesOf(hub), FILES);
  }
});
