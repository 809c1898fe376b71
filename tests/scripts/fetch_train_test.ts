import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import parquet from "../data/fixtures/parquet.json" with { type: "json" };
import { hubServer } from "../helpers/hub_server.ts";
import { needs } from "../helpers/permissions.ts";
import { run } from "./fetch_fixture.ts";
import {
  type Ended,
  type StartOptions,
  trainFixture,
} from "./train_fixture.ts";

const NAMES = "--model owner/model --data owner/data:mrpc";

Deno.test(
  needs(
    "train, glue, evaluate and predict take the names that were fetched",
    "read",
    "write",
    "net",
    "run",
  ),
  async (t) => {
    await using hub = hubServer();
    await using fixture = await trainFixture(); // data/hub is made here
    for (const name of await fixture.list("model")) {
      const content = await Deno.readFile(`${fixture.path}/model/${name}`);
      const lfs = name.endsWith(".safetensors");
      hub.files.set(`models/owner/model@main/${name}`, { content, lfs });
    }
    for (
      const [name, file] of [
        ["mrpc/train-00000-of-00002", "shard0"],
        ["mrpc/train-00001-of-00002", "shard1"],
        ["mrpc/validation-00000-of-00001", "zstd"],
        ["other/train-00000-of-00001", "shard0"],
      ] as const
    ) {
      hub.files.set(`datasets/owner/data@main/${name}.parquet`, {
        content: Uint8Array.fromBase64(parquet.files[file]),
        lfs: true,
      });
    }
    const task = async (flags: string, options: StartOptions = {}) => {
      const ended: Ended = await fixture.run(flags, options);
      assertEquals(ended.code, 0, ended.stderr);
      return ended;
    };

    await t.step("not fetched: the command to fetch", async () => {
      const { code, error } = await fixture.run(NAMES);
      assertEquals(code, 2);
      assertStringIncludes(
        error,
        "fetch it with deno task fetch --model owner/model",
      );
    });
    await t.step("fetched in part: the command to resume", async () => {
      const half = "data/hub/models/owner/half";
      await fixture.write(`${half}/config.json.0123456789abcdef.partial`, "{");
      const { code, error } = await fixture.run(
        "--model owner/half --data data",
      );
      assertEquals(code, 2);
      assertStringIncludes(
        error,
        "--model owner/half was not fetched completely: deno task fetch --model owner/half resumes it",
      );
    });
    for (
      const flags of [
        "--model owner/model --dataset owner/data:mrpc",
        "--dataset owner/data:other",
      ]
    ) {
      const fetched = await run(hub, fixture, flags);
      assertEquals(fetched.code, 0, fetched.stderr);
    }

    const recipe = `${NAMES} --max-length 32 --epochs 1`;
    await t.step("train", async () => {
      await task(`${recipe} --output-dir runs/train`);
      const results = JSON.parse(
        await fixture.text("runs/train/results.json"),
      );
      assertEquals(results.steps, 2); // 12 rows in batches of 8
    });
    await t.step("glue, to the same weights", async () => {
      await task(`--task mrpc ${recipe} --output-dir runs/glue`, {
        task: "classify",
      });
      const [one, other] = await Promise.all(
        ["train", "glue"].map((run) =>
          fixture.text(`runs/${run}/model/model.safetensors`)
        ),
      );
      assert(one === other);
    });
    await t.step("evaluate", async () => {
      const { stdout } = await task(NAMES, { task: "evaluate" });
      assertEquals(JSON.parse(stdout.trimEnd().split("\n").at(-1)!).rows, 12);
    });
    await t.step("predict", async () => {
      const texts = ["the ferry leaves .", "rain ."];
      for (const model of ["owner/model", "runs/train/model"]) {
        const { stdout } = await task(`--model ${model}`, {
          task: "predict",
          texts,
        });
        assertEquals(Object.keys(JSON.parse(stdout)).sort(), [
          "label",
          "probabilities",
          "sentence1",
          "sentence2",
        ]);
      }
    });
  },
);
