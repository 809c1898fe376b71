import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import type { ServedFile } from "../helpers/hub_server.ts";
import {
  addModel,
  fetchTest,
  FOLDER,
  large,
  list,
  MODEL,
  NEEDED,
  run,
  text,
  WEIGHTS,
} from "./fetch_fixture.ts";

Deno.test("the fetch task may only reach the Hub, and write in data/hub", () => {
  assertEquals(
    project.tasks.fetch.command,
    "deno run --allow-net='huggingface.co,*.huggingface.co,*.hf.co' --allow-read=data/hub --allow-write=data/hub --allow-env=HF_TOKEN,HF_ENDPOINT scripts/fetch.ts",
  );
});

fetchTest(
  "fetch.ts fetches the files that are needed and missing",
  async ({ hub, folder }) => {
    addModel(hub);
    const first = await run(hub, folder, "--model owner/model");
    assertEquals(first.code, 0, first.stderr);
    assertStringIncludes(first.stdout, "5 of 5 files to fetch, 1 MB");
    assertEquals(await list(folder, FOLDER), NEEDED);
    assertEquals(
      await Deno.readFile(`${folder.path}/${FOLDER}/model.safetensors`),
      WEIGHTS,
    );
    // The large file comes from the other host.
    assertEquals(
      hub.requests.filter(({ host }) => host.startsWith("localhost")).length,
      1,
    );

    hub.requests.length = 0;
    const second = await run(hub, folder, "--model owner/model");
    assertEquals(second.code, 0, second.stderr);
    assertStringIncludes(second.stdout, "0 of 5 files to fetch");
    assertEquals(
      hub.requests.every(({ path }) => path.startsWith("/api/")),
      true,
    );

    // Only the changed file is fetched again.
    await Deno.writeTextFile(`${folder.path}/${FOLDER}/tokenizer.json`, "[]");
    const third = await run(hub, folder, "--model owner/model");
    assertStringIncludes(third.stdout, "1 of 5 files to fetch");
    assertEquals(await list(folder, FOLDER), NEEDED);
    assertEquals(
      await Deno.readTextFile(`${folder.path}/${FOLDER}/tokenizer.json`),
      "{}",
    );
  },
);

fetchTest(
  "fetch.ts fetches shards, revisions and configurations",
  async ({ hub, folder }) => {
    const index = {
      "weight_map": {
        a: "model-00001-of-00002.safetensors",
        b: "model-00002-of-00002.safetensors",
      },
    };
    const revision = "models/owner/model@refs%2Fpr%2F1/";
    const data = "datasets/owner/data@main/";
    const files: Record<string, ServedFile> = {
      [`${revision}config.json`]: text("{}"),
      [`${revision}tokenizer.json`]: text("{}"),
      [`${revision}model.safetensors.index.json`]: text(JSON.stringify(index)),
      [`${revision}model-00001-of-00002.safetensors`]: large(),
      [`${revision}model-00002-of-00002.safetensors`]: large(),
      [`${data}README.md`]: text("# Data"),
      [`${data}mrpc/train-00000-of-00002.parquet`]: large(),
      [`${data}mrpc/train-00001-of-00002.parquet`]: large(),
      [`${data}mrpc/validation-00000-of-00001.parquet`]: large(),
      [`${data}rte/train-00000-of-00001.parquet`]: large(),
    };
    for (const [key, file] of Object.entries(files)) hub.files.set(key, file);
    const { code, stderr } = await run(
      hub,
      folder,
      "--model owner/model@refs/pr/1 --dataset owner/data:mrpc",
    );
    assertEquals(code, 0, stderr);
    assertEquals(await list(folder, `${FOLDER}@refs--pr--1`), [
      "config.json",
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
      "tokenizer.json",
    ]);
    assertEquals(await list(folder, "data/hub/datasets/owner/data"), ["mrpc"]);
    assertEquals(
      (await list(folder, "data/hub/datasets/owner/data/mrpc")).length,
      3,
    );

    const unnamed = await run(hub, folder, "--dataset owner/data");
    assertEquals(unnamed.code, 2);
    assertStringIncludes(
      unnamed.error,
      "name a configuration after a colon, one of mrpc, rte",
    );
    const other = await run(hub, folder, "--dataset owner/data:cola");
    assertStringIncludes(
      other.error,
      "owner/data has no folder cola: give one of mrpc, rte after the colon",
    );

    hub.files.delete(`${revision}model-00002-of-00002.safetensors`);
    const torn = await run(hub, folder, "--model owner/model@refs/pr/1");
    assertEquals(torn.code, 2);
    assertStringIncludes(
      torn.error,
      'has no "model-00002-of-00002.safetensors", which its model.safetensors.index.json names',
    );
  },
);

fetchTest(
  "fetch.ts refuses wrong digests of large and small files",
  async ({ hub, folder }) => {
    addModel(hub, large({ claimedDigest: "ab".repeat(32) }));
    const { code, error } = await run(hub, folder, "--model owner/model");
    assertEquals(code, 1);
    assertStringIncludes(
      error,
      "model.safetensors of owner/model does not match the size and digest",
    );
    assertEquals(await list(folder, FOLDER), []);

    addModel(hub);
    hub.files.set(`${MODEL}config.json`, {
      ...text("{}"),
      claimedDigest: "cd".repeat(20),
    });
    const small = await run(hub, folder, "--model owner/model");
    assertEquals(small.code, 1);
    assertStringIncludes(
      small.error,
      "config.json of owner/model does not match the size and digest",
    );
  },
);

fetchTest(
  "fetch.ts sends the token only to the Hub, and never prints or stores it",
  async ({ hub, folder }) => {
    addModel(hub);
    hub.token = "hf_secret";
    const without = await run(hub, folder, "--model owner/model");
    assertEquals(without.code, 2);
    assertStringIncludes(
      without.error,
      "(401): check the name; if it is private or gated, set HF_TOKEN",
    );
    hub.requests.length = 0;
    const { code, stdout, stderr } = await run(
      hub,
      folder,
      "--model owner/model",
      { HF_TOKEN: hub.token },
    );
    assertEquals(code, 0, stderr);
    for (const { host, authorization } of hub.requests) {
      assertEquals(
        authorization,
        host.startsWith("localhost") ? undefined : "Bearer hf_secret",
      );
    }
    assertEquals((stdout + stderr).includes("secret"), false);
    for (const name of await list(folder, FOLDER)) {
      const content = await Deno.readTextFile(
        `${folder.path}/${FOLDER}/${name}`,
      );
      assertEquals(content.includes("secret"), false);
    }
    const odd = await run(hub, folder, "--model owner/model", {
      HF_TOKEN: "hf_sec ret",
    });
    assertEquals(odd.code, 2);
    assertEquals(odd.stderr.includes("sec ret"), false);
  },
);

fetchTest(
  "fetch.ts reports errors of the Hub",
  async ({ hub, folder }, t) => {
    addModel(hub);
    const refused = async (flags: string, message: string) => {
      const { code, error, stderr } = await run(hub, folder, flags);
      assertStringIncludes(error, message);
      assertEquals(code, 2);
      assertEquals(stderr.trimEnd().split("\n").length, 1);
      assertEquals(await list(folder, ""), []);
    };
    await t.step("names", async () => {
      await refused(
        "--model bert",
        '--model must be a model: owner/name, optionally with @revision, not "bert"',
      );
      await refused("--model ../x", "--model must be a model: owner/name");
      await refused("--model a/..", "--model must be a model: owner/name");
      await refused("--model a/b@../c", "--model must be a model: owner/name");
      await refused(
        "--dataset a/b:../c",
        "--dataset must be a data set: owner/name, or owner/name:configuration",
      );
      await refused("--modle a/b", "Unknown flag --modle: use --model");
    });
    await t.step(
      "404",
      () =>
        refused(
          "--model owner/none",
          "The Hub has no model owner/none at revision main (404): check the name and the revision",
        ),
    );
    await t.step("429", async () => {
      hub.refusal = { status: 429 };
      await refused(
        "--model owner/model",
        "Rate limit of the Hub reached (429): run the same command again later",
      );
      // Longer than the maximum wait.
      hub.refusal = { status: 429, headers: { "Retry-After": "3600" } };
      await refused(
        "--model owner/model",
        "(429): run the same command again after 3600 seconds, or set HF_TOKEN",
      );
      delete hub.refusal;
    });
    await t.step("pickled weights", async () => {
      hub.files.delete(`${MODEL}model.safetensors`);
      await refused(
        "--model owner/model",
        "has its weights in pytorch_model.bin only, a pickle file, and reading one runs code inside it",
      );
      addModel(hub);
    });
    await t.step("a tokenizer of SentencePiece alone", async () => {
      for (const path of ["tokenizer.json", "vocab.txt"]) {
        hub.files.delete(MODEL + path);
      }
      await refused(
        "--model owner/model",
        'owner/model has no tokenizer.json: its tokenizer is in spiece.model alone, which transformers converts; name a repository that has it, or load model and tokenizer in transformers, call save_pretrained("DIR") of both, and give --model DIR in place of fetching it',
      );
      addModel(hub);
    });
    await t.step("a path that leads out", async () => {
      hub.files.set(`${MODEL}../evil.json`, text("{}"));
      await refused(
        "--model owner/model",
        '"../evil.json", which leads out of its folder',
      );
      hub.files.delete(`${MODEL}../evil.json`);
    });
    await t.step("a host that is not allowed", async () => {
      const narrow = { ...hub, hosts: hub.endpoint.replace("http://", "") };
      const { code, error } = await run(narrow, folder, "--model owner/model");
      assertEquals(code, 1);
      assertMatch(
        error,
        /localhost:\d+ is not among the hosts that this task may reach/,
      );
    });
  },
);
