import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  AdamW,
  addLora,
  BertConfig,
  BertForSequenceClassification,
  ForSequenceClassification,
  type LoraOptions,
} from "../../mod.ts";
import * as architectures from "../../lib/models/architectures.ts";
import type { SequenceClassifierClass } from "../../lib/models/sequence_classification.ts";
import golden from "../models/fixtures/lora.json" with { type: "json" };
import { device } from "../helpers/device.ts";
import { weightsOf } from "../models/fixture_model.ts";
import { goldenBatch } from "../models/golden_fixture.ts";
import { adaptedModel, baseModel, MODELS } from "./golden_lora.ts";

const [BERT] = MODELS;
const QUERY = "bert.encoder.layer.0.attention.self.query";
const HEAD = ["classifier.bias", "classifier.weight"];

function trainedNames(model: ForSequenceClassification): string[] {
  return [...model.namedParameters()]
    .filter(([, { requiresGrad }]) => requiresGrad).map(([name]) => name)
    .sort();
}

Deno.test("addLora() has the default targets of peft; where peft has none, the projections of queries and values", () => {
  const ownTargets = {
    albert: ["query", "value"],
    camembert: ["query", "value"],
    distilbert: ["q_lin", "v_lin"],
    modernbert: ["Wqkv"],
    mpnet: ["q", "v"],
  };
  const classes = Object.values(architectures).filter((value) =>
    value.prototype instanceof ForSequenceClassification
  ) as unknown as SequenceClassifierClass[];
  const targets = Object.fromEntries(
    classes.map(({ configClass: { spec } }) => [
      spec.modelType,
      spec.loraTargets as string[],
    ]),
  );
  const ofPeft = Object.entries(golden.targets)
    .filter(([, names]) => names !== null);
  assertEquals(targets, { ...Object.fromEntries(ofPeft), ...ownTargets });
});

for (const fixture of MODELS) {
  Deno.test(`addLora() trains updates and the whole head of ${fixture.name}`, () => {
    const { model, adapter } = adaptedModel(fixture);
    const expected = Object.keys(fixture.cases[0]!.gradients).sort();
    assertEquals(trainedNames(model), expected);
    assertEquals([...adapter.parameters.keys()].sort(), expected);
  });
}

Deno.test("addLora() has the defaults of peft, and changes no result before training", async () => {
  using _scope = device.scope();
  const model = baseModel(BERT!).eval();
  const batch = goldenBatch(BERT!.cases[0]!.batch);
  const before = await model.forward(batch).logits.toArray();
  const { config, parameters } = addLora(model);
  assertEquals(config, {
    ...{ r: 8, alpha: 8, dropout: 0, targets: ["query", "value"] },
    modulesToSave: ["classifier", "score"],
  });
  assertEquals(parameters.get(`${QUERY}.lora_A.weight`)!.shape, [8, 30]);
  assertEquals(await model.forward(batch).logits.toArray(), before);
});

Deno.test("addLora() draws other values for each layer and each seed", async () => {
  const drawn = async (seed: number) => {
    const { parameters } = addLora(baseModel(BERT!), { seed });
    const of = (name: string) =>
      parameters.get(`${name}.lora_A.weight`)!.toArray();
    return `${await of(QUERY)} | ${await of(QUERY.replace("0", "1"))}`;
  };
  const first = await drawn(1);
  assertEquals(await drawn(1), first);
  assert(await drawn(2) !== first);
  const [lower, upper] = first.split(" | ");
  assert(lower !== upper);
});

Deno.test("a model with LoRA has no gradients and no moments of what is frozen", () => {
  const { model, adapter } = adaptedModel(BERT!);
  const trained = new Set(adapter.parameters.values());
  for (const parameter of trained) {
    for (const other of parameter.flatBuffer.parameters) {
      assert(trained.has(other as typeof parameter), "it shares a flat buffer");
    }
  }
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  using _scope = device.scope();
  model.forward(goldenBatch(BERT!.cases[0]!.batch)).loss.backward();
  optimizer.step();
  const all = [...model.parameters()];
  const { state } = optimizer.stateDict();
  assertEquals(
    Object.keys(state).map((i) => all[Number(i)]!).every((p) => trained.has(p)),
    true,
  );
  assertEquals(Object.keys(state).length, trained.size);
});

Deno.test("addLora() keeps the values of the head, and clears gradients of before", async () => {
  using _scope = device.scope();
  const batch = goldenBatch(BERT!.cases[0]!.batch);
  const step = async (isTrainedBefore: boolean) => {
    const model = baseModel(BERT!).eval();
    const before = await weightsOf(model);
    if (isTrainedBefore) model.forward(batch).loss.backward();
    addLora(model);
    const withGrad = [...model.parameters()].filter(({ hasGrad }) => hasGrad);
    assertEquals(withGrad, []);
    const after = await weightsOf(model);
    for (const [name, values] of Object.entries(before)) {
      assertEquals(after[name], values, name);
    }
    model.forward(batch).loss.backward();
    new AdamW(model.parameters(), { lr: 1e-2 }).step();
    return await weightsOf(model);
  };
  assertEquals(await step(true), await step(false));
});

Deno.test("addLora() keeps initial values of a head that is not yet computed", async () => {
  const config = BertConfig.fromJson(BERT!.config);
  const make = () =>
    BertForSequenceClassification.fromConfig(config, { device, seed: 5 });
  const model = make();
  addLora(model);
  const [expected, actual] = [await weightsOf(make()), await weightsOf(model)];
  for (const name of HEAD) assertEquals(actual[name], expected[name]);
});

Deno.test("addLora() adapts a layer whose whole name is given, and none in the head", () => {
  const model = baseModel(BERT!);
  addLora(model, { targets: [QUERY] });
  const update = ["A", "B"].map((matrix) => `${QUERY}.lora_${matrix}.weight`);
  assertEquals(trainedNames(model), [...update, ...HEAD]);
  const roberta = MODELS.find(({ name }) => name === "RoBERTa")!;
  const head = baseModel(roberta);
  addLora(head, { targets: ["dense"] });
  const inHead = trainedNames(head).filter((name) => name.startsWith("class"));
  assertEquals(inHead, [
    "classifier.dense.bias",
    "classifier.dense.weight",
    "classifier.out_proj.bias",
    "classifier.out_proj.weight",
  ]);
});

Deno.test("addLora() refuses options out of range, and layers that it cannot adapt", () => {
  const model = baseModel(BERT!);
  const before = [...model.namedParameters()].length;
  const refuse = (
    options: LoraOptions,
    Class: ErrorConstructor,
    message: string,
  ) => {
    const error = assertThrows(() => addLora(model, options), Class);
    assertEquals(error.message, message);
  };
  const range = (text: string) => `Cannot add LoRA with { ${text}`;
  for (const r of [0, 1.5, -1]) {
    refuse(
      { r },
      RangeError,
      range(`r: ${r} }: it must be a whole number from 1`),
    );
  }
  for (const alpha of [0, Infinity]) {
    const text = `alpha: ${alpha} }: it must be a number above 0`;
    refuse({ alpha }, RangeError, range(text));
  }
  for (const dropout of [1, -0.1]) {
    const text = `dropout: ${dropout} }: it must be from 0 to less than 1`;
    refuse({ dropout }, RangeError, range(text));
  }
  refuse(
    { seed: 0.5 },
    RangeError,
    "Cannot make a model with seed 0.5: it must be a whole number from 0",
  );
  refuse(
    { targets: ["lue"] },
    RangeError,
    'Cannot add LoRA to "lue": the encoder has no layer of that name; name some of query, key, value, dense',
  );
  refuse(
    { targets: ["query", "valeu"] },
    RangeError,
    'Cannot add LoRA to "valeu": the encoder has no layer of that name; name some of query, key, value, dense',
  );
  refuse(
    { targets: ["classifier"] },
    RangeError,
    'Cannot add LoRA to "classifier": the encoder has no layer of that name; name some of query, key, value, dense',
  );
  refuse(
    { targets: ["word_embeddings"] },
    TypeError,
    "Cannot add LoRA to bert.embeddings.word_embeddings: it is no linear layer; name linear layers, such as query, key, value, dense",
  );
  refuse(
    { targets: [] },
    TypeError,
    'Cannot add LoRA: targets are []; give a list of names, such as { targets: ["query", "value"] }',
  );
  refuse(
    { rank: 8 } as LoraOptions,
    TypeError,
    'Cannot add LoRA: there is no option "rank"; known are r, alpha, dropout, targets, seed',
  );
  assertEquals([...model.namedParameters()].length, before);
  assertEquals([...model.parameters()].every((p) => p.requiresGrad), true);
  addLora(model);
  refuse(
    {},
    RangeError,
    "Cannot add LoRA: the model has an adapter; call mergeAndUnload() of that first",
  );
});

Deno.test("addLora() asks for targets where the architecture has no default", () => {
  class OtherConfig extends BertConfig {
    static override readonly spec = {
      ...BertConfig.spec,
      modelType: "other",
      loraTargets: undefined!,
    };
  }
  const model = new BertForSequenceClassification(
    new OtherConfig({ numHiddenLayers: 1 }),
    { device },
  );
  assertThrows(
    () => addLora(model),
    TypeError,
    'Cannot add LoRA: models of type "other" have no default targets; give { targets: ["…"] }, such as query, key, value, dense',
  );
});
