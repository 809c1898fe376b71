import { assert, assertEquals } from "@std/assert";
import {
  AdamW,
  addLora,
  autocast,
  BertConfig,
  BertForSequenceClassification,
  type Device,
  GradScaler,
  noGrad,
  requestDevice,
} from "../../mod.ts";
import {
  assertAllClose,
  HALF_MODEL_GRAD,
  HALF_WEIGHTS,
} from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { needsFloat16 } from "../helpers/float16.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { weightsOf } from "./fixture_model.ts";
import { bytesOfLongRows, longRows, TENSOR_BYTES } from "./long_rows.ts";
import { batchOf, MODELS, SIZES, type Trained } from "./small_models.ts";

/** Losses and gradients of two batches, and the weights after a step on each. */
async function train(model: Trained, device: Device, fp16: boolean) {
  const optimizer = new AdamW(model.parameters(), { lr: 1e-2, eps: 1e-3 });
  const scaler = new GradScaler(device, { enabled: fp16 });
  const losses: number[] = [];
  const gradients: Record<string, Float32Array> = {};
  for (let step = 0; step < 2; step++) {
    using _step = device.scope();
    using _autocast = autocast(device, { enabled: fp16 });
    const { loss } = model.forward(batchOf(model, step));
    scaler.scale(loss).backward();
    scaler.unscale(optimizer);
    losses.push(await loss.item());
    for (const [name, { grad }] of model.namedParameters()) {
      if (grad && step === 0) gradients[name] = await grad.toArray();
    }
    scaler.step(optimizer);
    scaler.update();
    optimizer.zeroGrad();
  }
  await scaler.settle();
  assertEquals(scaler.skippedSteps, 0);
  return { losses, gradients, weights: await weightsOf(model) };
}

/** Gradients as multiples of the largest number of their tensor, or of what is hardly noise. */
function normalized(
  gradients: Record<string, Float32Array>,
): Record<string, Float32Array> {
  const largest = (values: Float32Array) => Math.max(...values.map(Math.abs));
  const floor = 1e-3 * Math.max(...Object.values(gradients).map(largest));
  return Object.fromEntries(
    Object.entries(gradients).map(([name, values]) => {
      const unit = Math.max(floor, largest(values));
      return [name, values.map((value) => value / unit)];
    }),
  );
}

Deno.test(
  needsFloat16(
    "autocast() changes gradients by the rounding to f16 alone, and no bit of a loss",
  ),
  async (t) => {
    for (const { name: kernels, device } of KERNEL_SETS) {
      for (const [name, make] of Object.entries(MODELS)) {
        // The conversions are those of one set.
        for (const checkpoints of device.isSoftware ? [false, true] : [false]) {
          const how = checkpoints ? ", with checkpoints" : "";
          await t.step(`${name}, ${kernels} kernels${how}`, async () => {
            const [plain, half] = [make({ device }), make({ device })];
            if (checkpoints) half.gradientCheckpointingEnable();
            const expected = await train(plain, device, false);
            const actual = await train(half, device, true);
            assertEquals(actual.losses[0], expected.losses[0]);
            const gradients = normalized(actual.gradients);
            let isRounded = false;
            for (
              const [name, f32] of Object.entries(
                normalized(expected.gradients),
              )
            ) {
              const f16 = gradients[name]!;
              assertAllClose(f16, f32, HALF_MODEL_GRAD, name);
              isRounded ||= f32.some((value, i) => value !== f16[i]);
            }
            assert(isRounded, "nothing was kept in f16");
            for (const [name, values] of Object.entries(expected.weights)) {
              assertAllClose(actual.weights[name]!, values, HALF_WEIGHTS, name);
            }
          });
        }
      }
    }
  },
);

/** Bytes of a step; `enabled`: in half precision. */
function bytesOfStep(
  layers: number,
  { enabled, checkpoints = false }: { enabled: boolean; checkpoints?: boolean },
) {
  return bytesOfLongRows(layers, (device, model) => {
    if (checkpoints) model.gradientCheckpointingEnable();
    return autocast(device, { enabled });
  });
}

/** What four layers add. */
async function bytesOfFourLayers(options: Parameters<typeof bytesOfStep>[1]) {
  const two = await bytesOfStep(2, options);
  const six = await bytesOfStep(6, options);
  return { kept: six.kept - two.kept, peak: six.peak - two.peak };
}

Deno.test(
  needsFloat16(
    "autocast() halves what layers keep for the backward pass, and what they take at most",
  ),
  async () => {
    const f32 = await bytesOfFourLayers({ enabled: false });
    const f16 = await bytesOfFourLayers({ enabled: true });
    // Statistics of attention and normalisation stay in f32.
    assert(f32.kept > 4 * 16 * TENSOR_BYTES);
    assert(f16.kept < 0.55 * f32.kept, `${f16.kept} of ${f32.kept}`);
    assert(f16.peak < 0.55 * f32.peak, `${f16.peak} of ${f32.peak}`);
    const inputs = await bytesOfFourLayers({
      enabled: true,
      checkpoints: true,
    });
    assertEquals(inputs.kept, 4 * TENSOR_BYTES / 2);
  },
);

Deno.test(
  needsFloat16(
    "a training step with autocast() needs no new buffers and bind groups",
  ),
  async () => {
    using device = await requestDevice();
    const { model, forward } = longRows(device, 3);
    const optimizer = new AdamW(model.parameters());
    const scaler = new GradScaler(device);
    const costs = [];
    for (let step = 0; step < 6; step++) {
      const before = device.counters;
      {
        using _step = device.scope();
        using _autocast = autocast(device);
        scaler.scale(forward()).backward();
        scaler.step(optimizer);
        scaler.update();
        optimizer.zeroGrad();
      }
      await scaler.settle(); // the table of settings has one size
      const { buffers, bindGroups, liveBuffers } = device.counters;
      costs.push([
        buffers - before.buffers,
        bindGroups - before.bindGroups,
        liveBuffers - before.liveBuffers,
      ]);
    }
    assertEquals(costs.slice(4), [[0, 0, 0], [0, 0, 0]]);
  },
);

Deno.test(
  needsFloat16("autocast() keeps nothing where gradients are off"),
  () => {
    const { model, forward } = longRows(device, 2);
    const dispatches = (enabled: boolean) => {
      const before = device.counters.dispatches;
      using _scope = device.scope();
      using _noGrad = noGrad();
      using _autocast = autocast(device, { enabled });
      model.eval();
      forward();
      return device.counters.dispatches - before;
    };
    assertEquals(dispatches(true), dispatches(false));
  },
);

Deno.test(
  needsFloat16("autocast() trains an adapter of LoRA alone"),
  async () => {
    const gradientsOf = async (enabled: boolean) => {
      const model = BertForSequenceClassification.fromConfig(
        new BertConfig(SIZES),
        { device },
      );
      addLora(model, { r: 2, alpha: 4, dropout: 0.1 });
      for (const [name, parameter] of model.namedParameters()) {
        if (/lora_?B/i.test(name)) { // zeros at first
          parameter.load(
            Float32Array.from({ length: parameter.size }, Math.sin),
          );
        }
      }
      using _step = device.scope();
      using _autocast = autocast(device, { enabled });
      model.forward(batchOf(model, 1)).loss.backward();
      const gradients: Record<string, Float32Array> = {};
      for (const [name, { grad }] of model.namedParameters()) {
        if (grad) gradients[name] = await grad.toArray();
      }
      return normalized(gradients);
    };
    const [f16, f32] = [await gradientsOf(true), await gradientsOf(false)];
    assertEquals(Object.keys(f16), Object.keys(f32));
    for (const [name, values] of Object.entries(f32)) {
      assertAllClose(f16[name]!, values, HALF_MODEL_GRAD, name);
    }
  },
);
