import { assertEquals } from "@std/assert";
import {
  AdamW,
  BertConfig,
  BertForSequenceClassification,
  type Parameter,
  requestDevice,
} from "../../mod.ts";
import { assertSameValues, weightsOf } from "../models/fixture_model.ts";
import { batchOf, SIZES } from "../models/small_models.ts";

const CONFIG = new BertConfig({ ...SIZES, numHiddenLayers: 4 });

/** Freezes the embeddings and the lower half of the layers. */
function freeze(model: BertForSequenceClassification): void {
  for (const [name, parameter] of model.namedParameters()) {
    if (/embeddings|layer\.[01]\./.test(name)) parameter.requiresGrad = false;
  }
}

const buffersOf = (parameters: readonly Parameter[]) =>
  new Set(parameters.map(({ flatBuffer }) => flatBuffer));

Deno.test("frozen parameters get no gradients and no moments", async () => {
  using device = await requestDevice({ kernels: "hardware" });
  const model = BertForSequenceClassification.fromConfig(CONFIG, { device });
  await weightsOf(model); // they are on the device
  freeze(model);
  const { liveBytes } = device.memory;
  const optimizer = new AdamW(model.parameters());
  const all = [...model.parameters()];
  const trained = buffersOf(all.filter(({ requiresGrad }) => requiresGrad));
  const frozen = buffersOf(all.filter(({ requiresGrad }) => !requiresGrad));
  assertEquals([...trained].filter((buffer) => frozen.has(buffer)), []);
  assertEquals(device.memory.liveBytes, liveBytes, "nothing is held twice");
  optimizer.allocateState();
  {
    using _step = device.scope();
    model.forward(batchOf(model, 0)).loss.backward();
    optimizer.step();
  }
  let bytes = 0;
  for (const { storage } of trained) bytes += storage.byteLength;
  const tables = device.memory.liveBytes - liveBytes - 3 * bytes;
  // Block tables of the optimizer: 4 bytes for 64 numbers.
  assertEquals(tables <= bytes / 64 + 64, true, `${tables} of ${bytes}`);
  assertEquals([...frozen].some(({ hasGradStorage }) => hasGradStorage), false);
});

Deno.test("a model with frozen layers trains as one whose buffers are not divided", async () => {
  using device = await requestDevice();
  const train = async (isDivided: boolean) => {
    const model = BertForSequenceClassification.fromConfig(CONFIG, { device });
    if (!isDivided) {
      for (const { gradStorage } of buffersOf([...model.parameters()])) {
        void gradStorage; // a buffer that has gradients is not divided
      }
    }
    freeze(model);
    const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
    const parts = buffersOf([...model.parameters()]).size;
    for (let step = 0; step < 3; step++) {
      using _step = device.scope();
      model.forward(batchOf(model, step)).loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
    }
    return { parts, weights: await weightsOf(model) };
  };
  const [divided, whole] = [await train(true), await train(false)];
  assertEquals(divided.parts, 2 * whole.parts);
  assertSameValues(divided.weights, whole.weights);
});
