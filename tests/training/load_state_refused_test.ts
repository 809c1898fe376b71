import { assertEquals, assertRejects } from "@std/assert";
import {
  AdamW,
  fromArray,
  Linear,
  loadState,
  saveState,
  SGD,
  type StateObjects,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { type TempFolder, tempFolder } from "../helpers/temp_folder.ts";
import { assertSameFiles } from "./resumable_loop.ts";
import { advance, makeObjects, type Options } from "./state_objects.ts";

/** Saves objects that have state of every kind; returns the folder. */
async function savedFolder(folder: TempFolder): Promise<string> {
  const path = `${folder.path}/saved`;
  const objects = makeObjects();
  await advance(objects, 2);
  await saveState(path, objects);
  return path;
}

/** Fails unless loading is refused and every object keeps its state. */
async function assertRefused(
  folder: TempFolder,
  path: string,
  objects: StateObjects,
  message: string,
  extra: StateObjects = {},
): Promise<void> {
  const [before, after] = ["before", "after"].map((name) =>
    `${folder.path}/${name}`
  ) as [string, string];
  await saveState(before, objects);
  const load = () => loadState(path, { ...objects, ...extra });
  const error = await assertRejects(load, Error);
  assertEquals(error.message.slice(0, message.length), message);
  await saveState(after, objects);
  await assertSameFiles(after, before, message);
  for (const made of [before, after]) {
    await Deno.remove(made, { recursive: true });
  }
}

Deno.test(
  needs(
    "loadState() refuses other objects and changes nothing",
    "read",
    "write",
  ),
  async (t) => {
    await using folder = await tempFolder();
    const path = await savedFolder(folder);
    const inPath = (name: string) => `from ${path}/${name}.safetensors`;
    const cases: Record<string, [Options, message: string]> = {
      "another shape": [
        { width: 4 },
        `Cannot load the state of model ${
          inPath("model")
        }: "first.weight" is [3,2], not [4,2]; make the objects as they were when it was saved`,
      ],
      "groups in another order": [
        {
          make: ({ first, second }) =>
            new AdamW([...second.parameters(), ...first.parameters()]),
        },
        "Cannot load the state of optimizer: its groups have other parameters than the saved ones; make the optimizer as it was when it was saved",
      ],
      "other groups": [
        {
          make: ({ first, second }) =>
            new AdamW([first, second].map((m) => ({ params: m.parameters() }))),
        },
        "Cannot load the state of optimizer: its groups have other parameters",
      ],
      "another optimizer": [
        { make: (net) => new SGD(net.parameters(), { momentum: 0.9 }) },
        'Cannot load the state of optimizer: it has no setting "betas"; make the optimizer as it was',
      ],
      "another seed": [
        { seed: 4 },
        "Cannot resume a DataLoader in epoch 0: the order of its rows differs from the saved one; use the same data, sampler and seed",
      ],
      "another batch size": [
        { batchSize: 3 },
        "Cannot resume a DataLoader of 7 rows in batches of 3: the saved one has 7 rows in batches of 2; use the same data and batchSize",
      ],
      "fewer rows": [
        { rows: 6 },
        "Cannot resume a DataLoader of 6 rows in batches of 2: the saved one has 7 rows",
      ],
      "a module that throws once it has changed": [
        { isStrict: true },
        "Cannot take this extra state",
      ],
    };
    for (const [name, [options, message]] of Object.entries(cases)) {
      await t.step(name, async () => {
        const objects = makeObjects(options);
        await advance(objects, 1);
        objects.model.extra = { own: Float32Array.of(1) };
        await assertRefused(folder, path, objects, message);
      });
    }
  },
);

Deno.test(
  needs("loadState() refuses other names and changes nothing", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const path = await savedFolder(folder);
    const { loader: _, ...fewer } = makeObjects();
    await assertRefused(
      ...[folder, path, fewer] as const,
      `Cannot load the state in ${path}: it has "loader", which was not given; pass the objects that were saved`,
    );
    const objects = makeObjects();
    await assertRefused(
      ...[folder, path, {
        ...objects,
        model2: new Linear(device, 1, 1),
      }] as const,
      `Cannot load the state in ${path}: it has no "model2"; pass the objects that were saved`,
    );
    const { average, loader, ...others } = objects;
    await assertRefused(
      folder,
      path,
      { average: loader, loader: average, ...others },
      "Cannot resume a DataLoader of 7 rows in batches of 2: the saved one has undefined rows",
    );
  },
);

Deno.test(
  needs(
    "loadState() puts everything back if the last object refuses its state",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const bad = { stateDict: () => [1], loadStateDict: () => {} };
    const objects = makeObjects();
    await advance(objects, 2);
    const path = `${folder.path}/saved`;
    await saveState(path, { ...objects, bad });
    const other = makeObjects();
    await advance(other, 3);
    other.average.update(8);
    other.model.extra = { own: [fromArray(device, [3], [1])] };
    const history = [1, 2];
    const kept = {
      stateDict: () => history,
      // Changes what stateDict() returned.
      loadStateDict: (state: number[]) => {
        history.splice(0, 2, ...state);
        if (state[0] === 9) throw new RangeError("Cannot take 9");
      },
    };
    bad.stateDict = () => [9];
    await saveState(`${path}2`, { ...objects, bad });
    await assertRefused(folder, `${path}2`, other, "Cannot take 9", {
      bad: kept,
    });
    assertEquals(history, [1, 2]);
  },
);

Deno.test(
  needs(
    "loadState() refuses a damaged folder and changes nothing",
    "read",
    "write",
  ),
  async (t) => {
    await using folder = await tempFolder();
    const path = await savedFolder(folder);
    const objects = makeObjects();
    await advance(objects, 1);
    const files = ["model", "average", "optimizer", "gradients"]
      .map((name) => `${name}.safetensors`);
    for (const name of [...files, "trainer_state.json"]) {
      const bytes = await Deno.readFile(`${path}/${name}`);
      const damages: Record<string, () => Promise<void>> = {
        "is missing": () => Deno.remove(`${path}/${name}`),
        "is empty": () => Deno.writeFile(`${path}/${name}`, new Uint8Array()),
        "lacks its last byte": () =>
          Deno.writeFile(
            `${path}/${name}`,
            bytes.slice(0, name.endsWith("json") ? -2 : -1),
          ),
      };
      for (const [damage, apply] of Object.entries(damages)) {
        await t.step(`${name} ${damage}`, async () => {
          await apply();
          await assertRefused(folder, path, objects, "Cannot ");
          await Deno.writeFile(`${path}/${name}`, bytes);
        });
      }
    }
    await assertRefused(
      ...[folder, `${path}/nowhere`, objects] as const,
      `Cannot read ${path}/nowhere/trainer_state.json: there is no such file; give the folder of a checkpoint, such as runs/…/checkpoint-100`,
    );
    const [json] = [`${path}/trainer_state.json`];
    const text = await Deno.readTextFile(json);
    const changes: [from: string, to: string, message: string][] = [
      [
        '"version": 1',
        '"version": 2',
        `Cannot load the state in ${path}: its version is 2, not 1; use the version of gradloop that saved it`,
      ],
      [
        '"first.weight": 2',
        '"first.weight": -2',
        'Cannot load the state of optimizer: the step of "first.weight" is -2; use the file as it was saved',
      ],
      [
        '"step": {',
        '"steps": {',
        "Cannot load the state of optimizer: it has no paramGroups and step; use the file as it was saved",
      ],
      [
        '"dropout": {',
        '"dropout2": {',
        'Cannot load the state of model: its modules with extra state are "", "dropout", not "", "dropout2"; make it as it was when it was saved',
      ],
      ['"gradients": [', '"gradients2": [', "Cannot load the state in"],
    ];
    for (const [from, to, message] of changes) {
      await Deno.writeTextFile(json, text.replace(from, to));
      await assertRefused(folder, path, objects, message);
    }
  },
);
