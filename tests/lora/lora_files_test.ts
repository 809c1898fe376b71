import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  AutoModelForSequenceClassification,
  BertForSequenceClassification,
  type ForSequenceClassification,
  type InputFiles,
  loadAdapter,
  loadSafetensors,
  noGrad,
  type OutputFiles,
  type Safetensors,
  saveSafetensors,
  saveState,
} from "../../mod.ts";
import {
  assertAllClose,
  GOLDEN_LOGITS,
  LORA_MERGED,
} from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { goldenBatch, goldenCheckpoint } from "../models/golden_fixture.ts";
import { adaptedModel, ADAPTER, baseModel, MODELS } from "./golden_lora.ts";

const [BERT] = MODELS;
const WEIGHTS = "adapter_model.safetensors";
const CONFIG = "adapter_config.json";

async function logitsOf(
  model: ForSequenceClassification,
  fixture = BERT!,
): Promise<Float32Array> {
  using _noGrad = noGrad();
  using _scope = device.scope();
  const { batch } = fixture.cases[0]!;
  return await model.eval().forward(goldenBatch(batch)).logits.toArray();
}

/** The files of peft, with changes. */
function filesOf(
  config: Record<string, unknown> = {},
  change: (tensors: Safetensors) => void = () => {},
): InputFiles {
  const tensors = loadSafetensors(Uint8Array.fromBase64(ADAPTER.weights));
  change(tensors);
  return {
    [CONFIG]: new Blob([JSON.stringify({ ...ADAPTER.config, ...config })]),
    [WEIGHTS]: new Blob([saveSafetensors(tensors, tensors.metadata)]),
  };
}

async function savedBy(
  object: { savePretrained(target: OutputFiles): Promise<void> },
): Promise<OutputFiles> {
  const files: OutputFiles = {};
  await object.savePretrained(files);
  return files;
}

Deno.test("loadAdapter() loads the files of peft, with the logits of peft", async () => {
  const model = baseModel(BERT!);
  const { config } = await loadAdapter(model, filesOf());
  const { targets, ...settings } = config;
  const { r, lora_alpha: alpha, lora_dropout: dropout } = ADAPTER.config;
  const modulesToSave = ["classifier", "score"];
  assertEquals(settings, { r, alpha, dropout, modulesToSave });
  assertEquals(targets.length, 4);
  const expected = BERT!.cases[0]!.logits.flat();
  assertAllClose(await logitsOf(model), expected, GOLDEN_LOGITS);
});

Deno.test("LoraAdapter.savePretrained() writes the bytes of peft's weights, and the configuration of peft", async () => {
  const { adapter } = adaptedModel(BERT!, { dropout: BERT!.lora.dropout });
  const files = await savedBy(adapter);
  assertEquals(Object.keys(files).sort(), [CONFIG, WEIGHTS]);
  assertEquals(
    (await files[WEIGHTS]!.bytes()).toBase64(),
    ADAPTER.weights,
  );
  const written = JSON.parse(await files[CONFIG]!.text());
  const ofPeft = { ...ADAPTER.config } as Record<string, unknown>;
  ADAPTER.config.target_modules.sort(); // a set in Python
  for (const [key, value] of Object.entries(written)) {
    assertEquals(value, ofPeft[key], key);
  }
});

for (const fixture of MODELS) {
  Deno.test(`the adapter of ${fixture.name} is saved and loaded with the same bits, and merged with the same logits`, async () => {
    const { model, adapter } = adaptedModel(fixture);
    const unmerged = await logitsOf(model, fixture);
    const files = await savedBy(adapter);
    const other = baseModel(fixture);
    const loaded = await loadAdapter(other, files);
    assertEquals(await logitsOf(other, fixture), unmerged);
    assertEquals(
      await (await savedBy(loaded))[WEIGHTS]!.bytes(),
      await files[WEIGHTS]!.bytes(),
    );
    adapter.mergeAndUnload();
    const merged = await logitsOf(model, fixture);
    assertAllClose(merged, unmerged, LORA_MERGED);
    const names = [...model.namedParameters()].map(([name]) => name).sort();
    assertEquals(names, Object.keys(fixture.parameters).sort());
    const whole = await AutoModelForSequenceClassification.fromPretrained(
      await savedBy(model),
      { device },
    );
    assertEquals(whole.loadReport, undefined);
    assertEquals(await logitsOf(whole, fixture), merged);
  });
}

Deno.test("a model with an adapter is not saved as one without", async () => {
  const { model, adapter } = adaptedModel(BERT!);
  await assertRejects(
    () => model.savePretrained({}),
    TypeError,
    "Cannot save the model: it has bert.encoder.layer.0.attention.self.query.lora_A.weight, of a LoRA adapter, which transformers does not load with it; call mergeAndUnload() of the adapter first, or savePretrained() of the adapter alone",
  );
  const files: OutputFiles = {};
  await saveState(files, { model });
  await assertRejects(
    () => BertForSequenceClassification.fromPretrained(files, { device }),
    RangeError,
    "of a LoRA adapter that is not merged; load the model that was adapted, then the adapter with loadAdapter(), or the state with addLora() and loadState()",
  );
  adapter.mergeAndUnload();
  for (const action of ["save", "merge"]) {
    const message =
      `Cannot ${action} the adapter: it is merged into the model; ${action} it before mergeAndUnload(), or add another`;
    if (action === "merge") {
      assertThrows(() => adapter.mergeAndUnload(), Error, message);
    } else {
      await assertRejects(() => adapter.savePretrained({}), Error, message);
    }
  }
});

Deno.test("loadAdapter() widens f16, and takes a pattern of targets", async () => {
  const model = baseModel(BERT!);
  const name = "base_model.model.classifier.bias";
  const files = filesOf({ target_modules: ".*(query|value)" }, (tensors) => {
    const data = Uint16Array.of(0x3c00, 0, 0xc000); // 1, 0, -2
    tensors.set(name, { dtype: "F16", shape: [3], data });
  });
  const { parameters } = await loadAdapter(model, files);
  const bias = await parameters.get("classifier.bias")!.toArray();
  assertEquals([...bias], [1, 0, -2]);
});

Deno.test("loadAdapter() refuses what does not fit, and changes nothing", async (t) => {
  const model = baseModel(BERT!);
  const query =
    "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight";
  const refused: Record<string, [InputFiles, message: string]> = {
    "another method": [
      filesOf({ peft_type: "IA3" }),
      'its peft_type is "IA3"; give an adapter with "LORA"',
    ],
    "a variant": [
      filesOf({ use_dora: true }),
      "its use_dora is true; give an adapter with false",
    ],
    "changed weights": [
      filesOf({ init_lora_weights: "pissa" }),
      'its init_lora_weights is "pissa"; give an adapter with true',
    ],
    "ranks by layer": [
      filesOf({ rank_pattern: { query: 2 } }),
      'its rank_pattern is {"query":2}; give an adapter with {}',
    ],
    "no rank": [
      filesOf({ r: "8" }),
      'its r is "8"; give an adapter with a number',
    ],
    "a rank out of range": [
      filesOf({ r: 0 }),
      "Cannot add LoRA with { r: 0 }: it must be a whole number from 1",
    ],
    "modules that are no names": [
      filesOf({ modules_to_save: "classifier" }),
      'its modules_to_save is "classifier"; give an adapter with a list of names',
    ],
    "another rank": [filesOf({ r: 4 }), `${query} is [3,30]`],
    "a tensor too few": [
      filesOf({}, (tensors) => tensors.delete(query.replace("_A", "_B"))),
      "query.lora_B.weight is missing; give the model that the adapter was trained for",
    ],
    "a tensor too many": [
      filesOf({ modules_to_save: null }),
      "classifier.bias is not in the model; give the model that",
    ],
    "no update": [
      filesOf({}, (tensors) => {
        for (const name of [...tensors.keys()]) {
          if (name.includes("lora")) tensors.delete(name);
        }
      }),
      "it has no tensor base_model.model.….lora_A.weight; give an adapter of LoRA",
    ],
    "no file": [
      { [CONFIG]: filesOf()[CONFIG]! },
      "an adapter has adapter_config.json and adapter_model.safetensors",
    ],
  };
  for (const [name, [files, message]] of Object.entries(refused)) {
    await t.step(name, async () => {
      await assertRejects(() => loadAdapter(model, files), Error, message);
    });
  }
  assertEquals([...model.parameters()].every((p) => p.requiresGrad), true);
});

Deno.test("an adapter of another number of labels is refused", async () => {
  const { config } = goldenCheckpoint(BERT!);
  const model = baseModel({
    ...BERT!,
    config: { ...config, id2label: { 0: "A", 1: "B" }, label2id: undefined },
    parameters: {
      ...BERT!.parameters,
      "classifier.weight": [2, 30],
      "classifier.bias": [2],
    },
  });
  await assertRejects(
    () => loadAdapter(model, filesOf()),
    RangeError,
    "base_model.model.classifier.bias is [3] in adapter_model.safetensors and [2] in the model",
  );
});
