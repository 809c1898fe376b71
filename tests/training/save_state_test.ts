import { assertEquals } from "@std/assert";
import {
  AutoModelForSequenceClassification,
  BertConfig,
  BertForSequenceClassification,
  Linear,
  loadSafetensors,
  loadState,
  saveState,
  type StateObjects,
  Tokenizer,
} from "../../mod.ts";
import wordPiece from "../fixtures/word_piece.json" with { type: "json" };
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { assertSameFiles, filesOf } from "./resumable_loop.ts";
import { advance, makeObjects } from "./state_objects.ts";

Deno.test(
  needs("saveState() and loadState() restore every object", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const objects = makeObjects();
    await advance(objects, 2);
    await saveState(`${folder.path}/a`, objects);
    await saveState(`${folder.path}/a2`, objects);
    await assertSameFiles(`${folder.path}/a2`, `${folder.path}/a`, "again");

    const other = makeObjects();
    other.model.extra = { other: 1 };
    other.optimizer.paramGroups[0]!.lr = 9;
    await advance(other, 3);
    await loadState(`${folder.path}/a`, other);
    assertEquals(other.model.extra, objects.model.extra);
    assertEquals(other.loader.state, { epoch: 0, batch: 2 });
    await saveState(`${folder.path}/b`, other);
    await assertSameFiles(`${folder.path}/b`, `${folder.path}/a`, "restored");
  },
);

Deno.test(
  needs("saveState() names files, tensors and entries", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/deep/checkpoint-1`;
    const objects = makeObjects();
    await advance(objects, 1);
    const { model, optimizer, scheduler } = objects;
    const model2 = new Linear(device, 1, 1);
    await saveState(path, {
      ...{ model, optimizer, scheduler, model2 },
      trainer_state: { stateDict: () => 5, loadStateDict: () => {} },
      constructor: { stateDict: () => "x", loadStateDict: () => {} },
    } as StateObjects);
    const files = await filesOf(path);
    assertEquals([...files.keys()].sort(), [
      "gradients.safetensors",
      "model.safetensors",
      "model2.safetensors",
      "optimizer.safetensors",
      "trainer_state.json",
    ]);
    const namesOf = (name: string) =>
      [
        ...loadSafetensors(files.get(`${name}.safetensors`)!).keys(),
      ].sort();
    const parameters = [...model.namedParameters()].map(([name]) => name);
    assertEquals(
      namesOf("optimizer"),
      parameters.flatMap((name) => [`${name}.exp_avg`, `${name}.exp_avg_sq`])
        .sort(),
    );
    assertEquals(
      namesOf("model"),
      [
        "extraState..__proto__x.a/b",
        "extraState..bytes",
        "extraState..floats",
        "extraState..long",
        ...parameters,
      ].sort(),
    );
    assertEquals(namesOf("gradients"), ["second.bias", "second.weight"]);
    const state = JSON.parse(
      new TextDecoder().decode(files.get("trainer_state.json")),
    );
    assertEquals(Object.keys(state), [
      ...["version", "model", "optimizer", "scheduler", "model2"],
      ...["trainer_state", "constructor", "gradients"],
    ]);
    assertEquals(state.model.extraState.dropout, { seed: 7, step: 1 });
    assertEquals(state.optimizer.step["first.weight"], 1);
    assertEquals(state.optimizer.paramGroups[0].params, parameters);
    assertEquals(state.gradients, ["second.weight", "second.bias"]);
    assertEquals([state.version, state.trainer_state, state.constructor], [
      ...[1, 5, "x"],
    ]);
  },
);

Deno.test(
  needs("loadState() clears gradients that were not saved", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const objects = makeObjects();
    await saveState(`${folder.path}/a`, objects);
    await advance(objects, 1);
    await loadState(`${folder.path}/a`, objects);
    assertEquals([...objects.model.parameters()].map((p) => p.hasGrad), [
      ...[false, false, false, false],
    ]);
  },
);

Deno.test(
  needs(
    "a saved model and tokenizer are loaded as a model folder",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/checkpoint-1`;
    const tokenizer = Tokenizer.fromJson(JSON.stringify(wordPiece.tokenizer));
    const model = BertForSequenceClassification.fromConfig(
      new BertConfig({
        ...{ vocabSize: 40, hiddenSize: 12, numHiddenLayers: 1 },
        ...{ numAttentionHeads: 2, intermediateSize: 20, numLabels: 3 },
      }),
      { device },
    );
    await saveState(path, { model, tokenizer });
    const loaded = await AutoModelForSequenceClassification
      .fromPretrained(path, { device });
    assertEquals(loaded.loadReport, undefined);
    assertEquals(loaded.config.numLabels, 3);
    for (const [name, parameter] of model.namedParameters()) {
      const other = loaded.stateDict()[name]!;
      assertEquals(await other.toArray(), await parameter.toArray(), name);
    }
    const text = "running";
    assertEquals(
      (await Tokenizer.fromPretrained(path)).encode(text),
      tokenizer.encode(text),
    );
    await loadState(path, { model }); // nothing of a tokenizer is restored
    await model.savePretrained(`${folder.path}/model`);
    const files = await filesOf(path);
    for (const [name, bytes] of await filesOf(`${folder.path}/model`)) {
      assertEquals(files.get(name), bytes, name);
    }
  },
);
