import { assertEquals, assertThrows } from "@std/assert";
import {
  checkResumed,
  readConfig,
  type RunConfig,
  runConfig,
  settingsOf,
} from "../../../scripts/run_folder/config.ts";
import project from "../../../deno.json" with { type: "json" };
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { newFolder, resumedFolder, runConfigOf } from "./run_folder_fixture.ts";

Deno.test("settingsOf() has each setting but those of the command", () => {
  assertEquals(
    settingsOf({ seed: 1, model: undefined, resume: "runs/a", flags: {} }),
    { seed: 1, model: null, flags: {} },
  );
});

Deno.test(
  needs(
    "runConfig() has settings, versions, adapter and digests",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    await Deno.writeTextFile(`${folder.path}/train.tsv`, "abc");
    const flags = { seed: 1 };
    const options = { seed: 1, model: undefined, flags };
    const config = await runConfig(
      options,
      device,
      folder.path,
      `${folder.path}/train.tsv`,
    );
    const { data } = config.digests;
    assertEquals(config, {
      seed: 1,
      model: null,
      flags,
      versions: { gradloop: project.version, ...Deno.version },
      adapter: device.description,
      digests: { model: data, data },
    });
    assertEquals(Object.keys(data), ["train.tsv"]);
  },
);

const BEGAN = runConfigOf({ seed: 1, script: "train_mrpc" });

/** Makes the folder of a run that has ended. */
async function create(path: string, config: RunConfig): Promise<void> {
  using folder = newFolder(path);
  await folder.create(config);
}

/** Checks a run that goes on with this configuration; returns what is printed. */
async function check(own: Record<string, unknown>): Promise<string[]> {
  await using temp = await tempFolder();
  using output = printed();
  const path = `${temp.path}/run`;
  await create(path, BEGAN);
  using folder = resumedFolder(path);
  const before = await Deno.readTextFile(`${path}/config.json`);
  try {
    await folder.create(runConfigOf({ seed: 1, ...own }));
  } catch (error) {
    (error as Error).message = (error as Error).message.replace(path, "RUN");
    throw error;
  } finally {
    assertEquals(await Deno.readTextFile(`${path}/config.json`), before);
  }
  return output.lines;
}

Deno.test(
  needs("checkResumed() refuses another model or other data", "read", "write"),
  async (t) => {
    const { model, data } = BEGAN.digests;
    const cases: [Record<string, unknown>, string][] = [
      [
        { model: { "model.safetensors": "other" }, data },
        "model.safetensors of its model has changed",
      ],
      [{ model: {}, data }, "model.safetensors of its model is gone"],
      [
        { model, data: { ...data, "test.tsv": "t" } },
        "test.tsv of its data is new",
      ],
    ];
    for (const [digests, what] of cases) {
      await t.step(what, async () => {
        let message = "";
        await check({ digests }).catch((error) => message = error.message);
        assertEquals(
          message,
          `--resume RUN cannot go on: ${what} since it began; restore the file, or start a new run`,
        );
      });
    }
  },
);

Deno.test(
  needs(
    "checkResumed() says another adapter and other versions",
    "read",
    "write",
  ),
  async () => {
    assertEquals(await check({}), []);
    assertEquals(await check({ adapter: "another GPU" }), [
      "Note: the run began on a GPU and goes on on another GPU: its numbers will differ a little from those of an uninterrupted run",
    ]);
    assertEquals(await check({ versions: { gradloop: "2.0.0" } }), [
      "Note: the run began with gradloop 1.0.0 and goes on with 2.0.0",
    ]);
  },
);

Deno.test(
  needs("checkResumed() returns what the run began with", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/run`;
    await create(path, { ...BEGAN, tuning: { a: "b" } });
    const config = { ...BEGAN, tuning: { a: "b" } };
    assertEquals(checkResumed(path, BEGAN), config);
    assertEquals(readConfig(path), config);
    // it is kept where the folder is made again
    using folder = resumedFolder(path);
    await folder.create(BEGAN);
    await Deno.remove(path, { recursive: true });
    await folder.restore();
    assertEquals(readConfig(path), config);
    const message = `--resume ${path}/none is no run: it has no config.json; `;
    assertThrows(() => readConfig(`${path}/none`), Error, message);
  },
);
