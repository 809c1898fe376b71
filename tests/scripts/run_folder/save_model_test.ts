import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Pretrained, writeFile } from "../../../mod.ts";
import { saveModel } from "../../../scripts/run_folder/save_model.ts";
import { injectFault } from "../../helpers/faulty_files.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { list } from "./run_folder_fixture.ts";

const PARTS: readonly Pretrained[] = ["model.safetensors", "tokenizer.json"]
  .map((name) => ({ savePretrained: (path) => writeFile(path, name, name) }));
const FILES = ["model.safetensors", "tokenizer.json"];

/** Replaces the terminal until it is disposed; each prompt calls `onEnter`, and null is that of Ctrl-C. */
function terminal(onEnter?: () => void | null): Disposable {
  const { stdin } = Deno;
  const { isTerminal } = stdin;
  const { prompt } = globalThis;
  stdin.isTerminal = () => onEnter !== undefined;
  globalThis.prompt = () => onEnter!() === null ? null : "";
  return {
    [Symbol.dispose]() {
      stdin.isTerminal = isTerminal;
      globalThis.prompt = prompt;
    },
  };
}

/** A run folder; writes to paths below `failing` fail, such as those of "run/model". */
async function modelFixture(failing?: string) {
  const temp = await tempFolder();
  const folder = `${temp.path}/run`;
  await Deno.mkdir(folder);
  const fault = failing === undefined ? undefined : injectFault({
    paths: `${temp.path}/${failing}`,
    call: "write",
    nth: 1,
    fault: "ENOSPC",
    isLasting: true,
  });
  return {
    temp,
    folder,
    checkpoint: `${folder}/checkpoint-6`,
    reason:
      `Cannot write ${folder}/model.partial/model.safetensors: No space left on device (os error 28); free space on it`,
    /** Frees the disk. */
    repair: () => fault?.[Symbol.dispose](),
    async [Symbol.asyncDispose](): Promise<void> {
      fault?.[Symbol.dispose]();
      await temp[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  needs(
    "saveModel() writes model/, also over that of a killed process",
    "read",
    "write",
  ),
  async () => {
    using _noTerminal = terminal();
    await using fixture = await modelFixture();
    using output = printed();
    const { folder } = fixture;
    await Deno.mkdir(`${folder}/model`);
    await Deno.writeTextFile(`${folder}/model/old`, "");
    const places = { folder, checkpoint: undefined };
    assertEquals(await saveModel(places, PARTS), `${folder}/model`);
    assertEquals(await list(`${folder}/model`), FILES);
    assertEquals(await list(fixture.temp.path), ["run"]);
    assertEquals(output.lines, []);
  },
);

Deno.test(
  needs(
    "saveModel() writes beside the folder of the run if it must",
    "read",
    "write",
  ),
  async () => {
    using _noTerminal = terminal();
    await using fixture = await modelFixture("run/model");
    using output = printed();
    const { folder, checkpoint, reason } = fixture;
    const path = await saveModel({ folder, checkpoint }, PARTS);
    assertEquals(path, `${folder}-model`);
    assertEquals(await list(path), FILES);
    assertEquals(await list(folder), []);
    assertEquals(output.lines, [
      `Warning: the model is in ${path}: ${reason}`,
    ]);
  },
);

Deno.test(
  needs(
    "saveModel() falls back to a checkpoint with the same weights",
    "read",
    "write",
  ),
  async () => {
    using _noTerminal = terminal();
    await using fixture = await modelFixture("run");
    using output = printed();
    const { folder, checkpoint, reason } = fixture;
    await Deno.mkdir(checkpoint);
    assertEquals(await saveModel({ folder, checkpoint }, PARTS), checkpoint);
    assertEquals(output.lines, [
      [`Warning: the model is in ${checkpoint} only`, reason].join(": "),
    ]);
    assertEquals(await list(fixture.temp.path), ["run"]);
  },
);

Deno.test(
  needs("saveModel() fails if the model is nowhere", "read", "write"),
  async () => {
    using _noTerminal = terminal();
    await using fixture = await modelFixture("run");
    const { folder, checkpoint, reason } = fixture;
    for (const place of [checkpoint, undefined]) { // which is not there
      const save = () => saveModel({ folder, checkpoint: place }, PARTS);
      assertEquals((await assertRejects(save, Error)).message, reason);
    }
  },
);

Deno.test(
  needs(
    "saveModel() waits for room on a terminal, and tries again",
    "read",
    "write",
  ),
  async () => {
    await using fixture = await modelFixture("run");
    const { folder, checkpoint, reason } = fixture;
    await Deno.mkdir(checkpoint);
    let times = 0;
    using _terminal = terminal(() => {
      if (++times === 2) fixture.repair();
    });
    using output = printed();
    assertEquals(
      await saveModel({ folder, checkpoint }, PARTS),
      `${folder}/model`,
    );
    assertEquals(times, 2);
    const line = `Warning: the model cannot be saved: ${reason}`;
    assertEquals(output.lines, [line, line]);
  },
);

Deno.test(
  needs("saveModel() ends by Ctrl-C on a terminal", "read", "write"),
  async () => {
    await using fixture = await modelFixture("run");
    const { folder, checkpoint } = fixture;
    let isAsked = false;
    using _terminal = terminal(() => {
      assert(!isAsked);
      isAsked = true;
      return null;
    });
    using _output = printed();
    const save = () => saveModel({ folder, checkpoint }, PARTS);
    await assertRejects(save, Error, fixture.reason);
    await Deno.mkdir(checkpoint);
    isAsked = false;
    assertEquals(await save(), checkpoint); // which has the model
  },
);
