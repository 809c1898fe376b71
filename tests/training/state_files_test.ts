import { assertEquals, assertRejects } from "@std/assert";
import {
  BertConfig,
  BertForSequenceClassification,
  loadState,
  type OutputFiles,
  saveState,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { advance, makeObjects } from "./state_objects.ts";

Deno.test(
  needs(
    "saveState() saves the same files into an object as to a folder, and loadState() restores them",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const objects = makeObjects();
    await advance(objects, 2);
    const files: OutputFiles = {};
    await saveState(files, objects);
    await saveState(`${folder.path}/a`, objects);
    for (const [name, file] of Object.entries(files)) {
      const saved = await Deno.readFile(`${folder.path}/a/${name}`);
      assertEquals(await file.bytes(), saved, name);
    }
    const names = await Array.fromAsync(Deno.readDir(`${folder.path}/a`));
    assertEquals(
      Object.keys(files).sort(),
      names.map(({ name }) => name).sort(),
    );

    const other = makeObjects();
    await advance(other, 3);
    await loadState(files, other);
    const again: OutputFiles = {};
    await saveState(again, other);
    assertEquals(Object.keys(again), Object.keys(files));
    for (const [name, file] of Object.entries(again)) {
      assertEquals(await file.bytes(), await files[name]!.bytes(), name);
    }
  },
);

Deno.test("saveState() refuses an object with files; loadState() names what is missing", async () => {
  const objects = makeObjects();
  const files: OutputFiles = {};
  await assertRejects(
    () => loadState(files, objects),
    Error,
    "Cannot read trainer_state.json: it is not among the given files (there are none); give the folder of a checkpoint",
  );
  await saveState(files, objects);
  const kept = { ...files };
  await assertRejects(
    () => saveState(files, objects),
    RangeError,
    "Cannot save into an object with files: it has ",
  );
  assertEquals(files, kept);
  delete files["model.safetensors"];
  await assertRejects(
    () => loadState(files, objects),
    SyntaxError,
    "there is no file model.safetensors; the folder is incomplete",
  );
});

Deno.test("saveState() writes config.json for the model named model alone", async () => {
  const config = new BertConfig({
    ...{ vocabSize: 9, hiddenSize: 4, numHiddenLayers: 1 },
    ...{ numAttentionHeads: 1, intermediateSize: 4 },
  });
  const net = BertForSequenceClassification.fromConfig(config, { device });
  for (
    const [objects, names] of [
      [{ model: net }, ["config.json", "model.safetensors"]],
      [{ teacher: net }, ["teacher.safetensors"]],
    ] as const
  ) {
    const files: OutputFiles = {};
    await saveState(files, objects);
    assertEquals(Object.keys(files).sort(), [...names, "trainer_state.json"]);
  }
});
