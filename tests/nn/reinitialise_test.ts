import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  AlbertConfig,
  AlbertForSequenceClassification,
  BertConfig,
  BertForSequenceClassification,
  HostTensor,
  reinitialise,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { weightsOf } from "../models/fixture_model.ts";

const SIZES = {
  vocabSize: 10,
  hiddenSize: 8,
  numAttentionHeads: 2,
  intermediateSize: 12,
  maxPositionEmbeddings: 8,
  numHiddenLayers: 4,
};

/** A model all of whose weights are 7. */
function filled() {
  const model = BertForSequenceClassification.fromConfig(
    new BertConfig(SIZES),
    { device, seed: 3 },
  );
  for (const parameter of model.parameters()) {
    parameter.load(new Float32Array(parameter.size).fill(7));
  }
  return model;
}

Deno.test("reinitialise() gives the top layers the initial values of the model's seed", async () => {
  const fresh = await weightsOf(
    BertForSequenceClassification.fromConfig(new BertConfig(SIZES), {
      device,
      seed: 3,
    }),
  );
  for (const isAllocated of [false, true]) {
    const model = filled();
    if (isAllocated) await weightsOf(model);
    reinitialise(model, 2);
    for (const [name, values] of Object.entries(await weightsOf(model))) {
      const isNew = /layer\.[23]\./.test(name);
      const expected = isNew ? fresh[name]! : values.slice().fill(7);
      assertEquals(values, expected, name);
    }
  }
});

Deno.test("a model computes with the new values of its layers", async () => {
  const logitsOf = async (model: BertForSequenceClassification) => {
    using _scope = device.scope();
    const { loss, logits } = model.eval().forward({
      inputIds: HostTensor.from([[1, 2, 3]]),
      tokenTypeIds: HostTensor.from([[0, 0, 0]]),
      attentionMask: HostTensor.from([[1, 1, 1]]),
      labels: HostTensor.from([1]),
    });
    loss.backward();
    return await logits.toArray();
  };
  const model = filled();
  const before = await logitsOf(model);
  reinitialise(model, 4);
  const after = await logitsOf(model);
  const same = filled();
  same.loadStateDict(await weightsOf(model));
  assertEquals(after, await logitsOf(same));
  assertNotEquals(after, before);
});

Deno.test("reinitialise() of no layers changes nothing", async () => {
  const model = filled();
  reinitialise(model, 0);
  for (const values of Object.values(await weightsOf(model))) {
    assertEquals(values, values.slice().fill(7));
  }
});

Deno.test("reinitialise() counts layers that share weights once", async () => {
  const model = AlbertForSequenceClassification.fromConfig(
    new AlbertConfig({ ...SIZES, embeddingSize: 4, numHiddenGroups: 2 }),
    { device },
  );
  const before = await weightsOf(model);
  for (const parameter of model.parameters()) {
    parameter.load(new Float32Array(parameter.size).fill(7));
  }
  reinitialise(model, 1);
  const after = await weightsOf(model);
  const top = "albert.encoder.albert_layer_groups.1.albert_layers.0.ffn.weight";
  const low = top.replace("groups.1", "groups.0");
  assertEquals(after[top], before[top]);
  assertNotEquals(after[low], before[low]);
  assertThrows(
    () => reinitialise(model, 3),
    RangeError,
    "Cannot reinitialise 3 layers: the model has 2; give a whole number from 0 to that",
  );
});
