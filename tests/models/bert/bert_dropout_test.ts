import { assertEquals, assertNotEquals } from "@std/assert";
import type {
  BertConfigOptions,
  BertForSequenceClassification,
} from "../../../mod.ts";
import odd from "../../fixtures/odd_bert.json" with { type: "json" };
import tiny from "../../fixtures/tiny_bert.json" with { type: "json" };
import {
  assertAllClose,
  GOLDEN_GRAD,
  GOLDEN_LOGITS,
} from "../../helpers/all_close.ts";
import { device } from "../../helpers/device.ts";
import { numericGradient } from "../../helpers/gradcheck.ts";
import { KERNEL_SETS } from "../../helpers/kernel_sets.ts";
import { bertReference, NO_MASKS, philoxMasks } from "./bert_reference.ts";
import { batchOf, gradientsOf, modelOf, tensorsOf } from "../fixture_model.ts";

/** Rates that all differ, so that no two sites can be taken for each other. */
const RATES: BertConfigOptions = {
  hiddenDropoutProb: 0.2,
  attentionProbsDropoutProb: 0.3,
  classifierDropout: 0.4,
};
const SEED = 0x9e3779b9;

// Sizes that are multiples of nothing, and two layers of vec4s.
const CASES = [
  { name: "odd_bert", fixture: odd, batch: batchOf(odd.batch) },
  { name: "tiny_bert", fixture: tiny, batch: batchOf(tiny.batches[0]!) },
];

Deno.test("a BERT in training drops what Philox says at every site", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const { name, fixture, batch } of CASES) {
      await t.step(`${name}, ${kernels} kernels`, async () => {
        const model = modelOf(fixture, { device, seed: SEED, config: RATES });
        const weights = tensorsOf(fixture.weights);
        for (const step of [1, 2]) {
          using _step = device.scope();
          const { logits } = model.forward(batch);
          const masks = philoxMasks({ seed: SEED, step });
          assertAllClose(
            await logits.toArray(),
            bertReference(weights, model.config, batch, masks).flat(),
            GOLDEN_LOGITS,
            `logits of step ${step}`,
          );
        }
      });
    }
  }
});

/** The mean of -log softmax(logits)[label] over the rows. */
function crossEntropy(logits: number[][], labels: ArrayLike<number>): number {
  const losses = logits.map((row, i) =>
    Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[labels[i]!]!
  );
  return losses.reduce((a, b) => a + b) / losses.length;
}

Deno.test("a BERT in training goes back through the masks of its forward pass", async (t) => {
  const batch = batchOf(odd.batch);
  const weights = tensorsOf(odd.weights);
  const masks = philoxMasks({ seed: SEED, step: 1 });
  const { config } = modelOf(odd, { config: RATES });
  const expected = Object.entries(weights).map(([name, values]) => {
    const loss = (values: number[]) =>
      crossEntropy(
        bertReference({ ...weights, [name]: values }, config, batch, masks),
        batch.labels.data,
      );
    const gradient = numericGradient(loss, [...values]);
    // The row of padTokenId gets none.
    if (/word_embeddings/.test(name)) gradient.fill(0, 0, config.hiddenSize);
    return [name, gradient] as const;
  });
  for (const { name, device } of KERNEL_SETS) {
    await t.step(`${name} kernels`, async () => {
      const model = modelOf(odd, { device, seed: SEED, config: RATES });
      using _step = device.scope();
      model.forward(batch).loss!.backward();
      const gradients = await gradientsOf(model);
      for (const [name, gradient] of expected) {
        assertAllClose(gradients[name]!, gradient, GOLDEN_GRAD, name);
      }
    });
  }
});

/** The losses of three training steps. */
async function losses(seed: number, config = RATES): Promise<Float32Array> {
  const model = modelOf(tiny, { seed, config });
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    using _step = device.scope();
    losses.push(await model.forward(batchOf(tiny.batches[0]!)).loss!.item());
  }
  return Float32Array.from(losses);
}

Deno.test("dropout in a BERT depends on the seed and the step", async () => {
  const first = await losses(1);
  assertEquals(await losses(1), first, "the same seed");
  const other = await losses(2);
  assertEquals(new Set([...first, ...other]).size, 6, "all draw others");
});

Deno.test("train() and eval() switch dropout", async () => {
  const batch = batchOf(tiny.batches[0]!);
  const logitsOf = async (model: BertForSequenceClassification) => {
    using _scope = device.scope();
    return await model.forward(batch).logits.toArray();
  };
  const model = modelOf(tiny, { config: RATES });
  const inTraining = await logitsOf(model);
  const inEvaluation = await logitsOf(model.eval());
  assertNotEquals(inTraining, inEvaluation);
  assertEquals(await logitsOf(model), inEvaluation);
  assertEquals(model.bert.dropoutKeys.step, 1, "evaluation is no step");
  const { weights } = tiny;
  assertAllClose(
    inEvaluation,
    bertReference(tensorsOf(weights), model.config, batch, NO_MASKS).flat(),
    GOLDEN_LOGITS,
  );
  assertEquals(
    await logitsOf(modelOf(tiny, {})),
    inEvaluation,
    "a rate of 0 in training",
  );
  assertNotEquals(await logitsOf(model.train()), inEvaluation);
});
