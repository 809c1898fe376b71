import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  AdamW,
  BertConfig,
  BertForSequenceClassification,
  type Device,
  requestDevice,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { assertSameValues, weightsOf } from "./fixture_model.ts";
import { bytesOfLongRows, longRows, TENSOR_BYTES } from "./long_rows.ts";
import { batchOf, MODELS, SIZES, type Trained } from "./small_models.ts";

/** Losses and gradients of two steps of two micro-batches each, and the weights after them. */
async function train(model: Trained, device: Device) {
  const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
  const losses: number[] = [];
  const gradients: Record<string, Float32Array> = {};
  for (let step = 0; step < 2; step++) {
    for (let i = 0; i < 2; i++) {
      using _step = device.scope();
      const { loss } = model.forward(batchOf(model, 2 * step + i));
      loss.backward();
      losses.push(await loss.item());
    }
    for (const [name, { grad }] of model.namedParameters()) {
      if (grad) gradients[`${step}: ${name}`] = await grad.toArray();
    }
    optimizer.step();
    optimizer.zeroGrad();
  }
  return { losses, gradients, weights: await weightsOf(model) };
}

Deno.test("gradientCheckpointingEnable() changes no bit of losses, gradients and weights", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const [name, make] of Object.entries(MODELS)) {
      await t.step(`${name}, ${kernels} kernels`, async () => {
        const [plain, checkpointed] = [make({ device }), make({ device })];
        checkpointed.gradientCheckpointingEnable();
        const expected = await train(plain, device);
        const actual = await train(checkpointed, device);
        assertEquals(actual.losses, expected.losses);
        assertEquals(new Set(actual.losses).size, 4);
        assertSameValues(actual.gradients, expected.gradients);
        assertSameValues(actual.weights, expected.weights);
      });
    }
  }
});

/** Bytes of a step. */
function bytesOfStep(layers: number, gradientCheckpointing: boolean) {
  return bytesOfLongRows(layers, (_, model) => {
    if (gradientCheckpointing) model.gradientCheckpointingEnable();
  });
}

Deno.test("gradientCheckpointingEnable() keeps the input of each layer alone", async () => {
  const [all2, all6] = [
    await bytesOfStep(2, false),
    await bytesOfStep(6, false),
  ];
  const [two, six] = [await bytesOfStep(2, true), await bytesOfStep(6, true)];
  assertEquals(six.kept - two.kept, 4 * TENSOR_BYTES);
  assertEquals(six.peak - two.peak, 4 * TENSOR_BYTES);
  // Without it: qkv (3), o, a sum, an output, u and gelu(u) (4 each), a sum, an output.
  assert(all6.kept - all2.kept > 4 * 16 * TENSOR_BYTES);
});

Deno.test("a training step with checkpoints is one submit, without new buffers", async () => {
  using device = await requestDevice();
  const { model, forward } = longRows(device, 3);
  model.gradientCheckpointingEnable();
  const costs = [];
  for (let step = 0; step < 4; step++) {
    const before = device.counters;
    {
      using _step = device.scope();
      forward().backward();
    }
    const { submits, buffers, bindGroups, liveBuffers } = device.counters;
    costs.push([
      submits - before.submits,
      buffers - before.buffers,
      bindGroups - before.bindGroups,
      liveBuffers - before.liveBuffers,
    ]);
  }
  assertEquals(costs.slice(2), [[1, 0, 0, 0], [1, 0, 0, 0]]);
});

Deno.test("gradientCheckpointingDisable() undoes it, for a model and its encoder", () => {
  const model = BertForSequenceClassification.fromConfig(
    new BertConfig(SIZES),
    { device },
  );
  const states = () => [
    model.isGradientCheckpointing,
    model.bert.isGradientCheckpointing,
  ];
  assertEquals(states(), [false, false]);
  model.gradientCheckpointingEnable();
  assertEquals(states(), [true, true]);
  model.gradientCheckpointingDisable();
  assertEquals(states(), [false, false]);
});

Deno.test("gradientCheckpointingEnable() trains layers above frozen embeddings", async () => {
  const gradients = [];
  for (const isOn of [false, true]) {
    const model = MODELS.bert!({ device }) as BertForSequenceClassification;
    if (isOn) model.gradientCheckpointingEnable();
    for (const parameter of model.bert.embeddings.parameters()) {
      parameter.requiresGrad = false;
    }
    using _step = device.scope();
    model.forward(batchOf(model, 0)).loss.backward();
    const { query } = model.bert.encoder.layer[0]!.attention.self;
    gradients.push(await query.weight.grad!.toArray());
  }
  assertEquals(gradients[1], gradients[0]);
});

Deno.test("gradientCheckpointingEnable() refuses a change of the mode before backward()", () => {
  using _step = device.scope();
  const model = MODELS.bert!({ device });
  model.gradientCheckpointingEnable();
  const { loss } = model.forward(batchOf(model, 0));
  model.eval();
  assertThrows(
    () => loss.backward(),
    Error,
    "Cannot differentiate a checkpoint: its function drew 3 random numbers in the forward pass and 0 now; call backward() before eval() or train()",
  );
});
