import { assertEquals } from "@std/assert";
import {
  AdamW,
  clipGradNorm,
  type Device,
  type ForSequenceClassification,
  getScheduler,
  type LoraAdapter,
} from "../../mod.ts";
import {
  assertAllClose,
  GOLDEN_GRAD,
  GOLDEN_LOSS,
  GOLDEN_NORM,
  GOLDEN_WEIGHTS,
} from "../helpers/all_close.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { assertOutputs } from "../models/golden_architecture.ts";
import { assertDigest } from "../models/golden_digest.ts";
import {
  type GoldenBatch,
  goldenBatch,
  type GoldenResults,
} from "../models/golden_fixture.ts";
import { adaptedModel, MODELS } from "./golden_lora.ts";

async function assertResults(
  model: ForSequenceClassification,
  adapter: LoraAdapter,
  batch: GoldenBatch,
  expected: GoldenResults,
  device: Device,
): Promise<void> {
  using _scope = device.scope();
  const outputs = model.forward(goldenBatch(batch));
  outputs.loss.backward();
  await assertOutputs(outputs, expected);
  const withGrad = [...model.namedParameters()]
    .filter(([, { hasGrad }]) => hasGrad).map(([name]) => name);
  assertEquals(withGrad.sort(), Object.keys(expected.gradients).sort());
  for (const [name, { grad }] of adapter.parameters) {
    const gradient = await grad!.toArray();
    assertDigest(name, gradient, expected.gradients[name]!, GOLDEN_GRAD);
  }
}

for (const fixture of MODELS) {
  const { name } = fixture;

  Deno.test(`${name} with LoRA gives the logits, the loss and every gradient of peft`, async (t) => {
    for (const { name: kernels, device } of KERNEL_SETS) {
      for (const [i, { batch, ...expected }] of fixture.cases.entries()) {
        await t.step(`batch ${i}, ${kernels} kernels`, async () => {
          const { model, adapter } = adaptedModel(fixture, { device });
          await assertResults(model.eval(), adapter, batch, expected, device);
        });
      }
    }
  });

  Deno.test(`ten steps of AdamW on ${name} with LoRA give the losses, norms and weights of peft`, async (t) => {
    const { batches, steps, weightsAfter, ...settings } = fixture.course;
    for (const { name: kernels, device } of KERNEL_SETS) {
      await t.step(`${kernels} kernels`, async () => {
        const { model, adapter } = adaptedModel(fixture, { device });
        model.eval();
        const optimizer = new AdamW(model.parameters(), settings);
        const scheduler = getScheduler("linear", optimizer, {
          numWarmupSteps: 0,
          numTrainingSteps: steps.length,
        });
        for (const [i, expected] of steps.entries()) {
          using _step = device.scope();
          const { batch } = fixture.cases[i % batches]!;
          const { loss } = model.forward(goldenBatch(batch));
          loss.backward();
          const norm = clipGradNorm(model.parameters(), Infinity);
          optimizer.step();
          scheduler.step();
          optimizer.zeroGrad();
          const [at, value] = [`of step ${i + 1}`, await loss.item()];
          assertAllClose([value], [expected.loss], GOLDEN_LOSS, `loss ${at}`);
          assertAllClose(
            [await norm.item()],
            [expected.gradNorm],
            GOLDEN_NORM,
            `norm ${at}`,
          );
        }
        for (const [name, parameter] of adapter.parameters) {
          const weights = await parameter.toArray();
          assertDigest(name, weights, weightsAfter[name]!, GOLDEN_WEIGHTS);
        }
      });
    }
  });

  Deno.test(`${name} with LoRA in training drops what Philox says at every site of peft`, async (t) => {
    const { seed, sites, ...expected } = fixture.dropout;
    const { dropout } = fixture.lora;
    for (const { name: kernels, device } of KERNEL_SETS) {
      await t.step(`${kernels} kernels`, async () => {
        const options = { device, seed, dropout };
        const { model, adapter } = adaptedModel(fixture, options);
        const { batch } = fixture.cases[0]!;
        await assertResults(model.train(), adapter, batch, expected, device);
      });
    }
    assertEquals(sites.includes(dropout), true);
  });
}
