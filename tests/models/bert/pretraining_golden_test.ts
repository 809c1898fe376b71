// The golden values are PyTorch's and transformers', in f64 from f32 weights:
// tests/fixtures/make_pretraining.py.
import { assert, assertEquals } from "@std/assert";
import { AdamW, type BertForPreTraining, getScheduler } from "../../../mod.ts";
import {
  assertAllClose,
  GOLDEN_GRAD,
  GOLDEN_LOGITS,
  GOLDEN_LOSS,
  GOLDEN_WEIGHTS,
} from "../../helpers/all_close.ts";
import { device } from "../../helpers/device.ts";
import { KERNEL_SETS } from "../../helpers/kernel_sets.ts";
import { gradientsOf, tensorsOf, weightsOf } from "../fixture_model.ts";
import {
  batchesOf,
  forward,
  modelOf,
  PRETRAINING,
} from "./pretraining_model.ts";

/** Its true gradient is 0, so what it has is rounding, and AdamW steps on that. */
const NO_GRADIENT = /self\.key\.bias$/;

/** The rows of a flat array that are picked. */
function rowsOf(
  values: Float32Array,
  width: number,
  isPicked: (row: number) => boolean,
): Float32Array {
  return values.filter((_, i) => isPicked(Math.floor(i / width)));
}

Deno.test("models that find masked words give the logits, the loss and every gradient of transformers", async (t) => {
  for (const golden of PRETRAINING) {
    const { Model, fixture } = golden;
    const { firstBatch: expected, config } = fixture;
    const width = config.vocab_size;
    const batch = batchesOf(golden)[0]!;
    const labels = batch.labels!.data;
    const logits = tensorsOf(expected.logits);
    const wordLogits = logits["prediction_logits"] ?? logits.logits!;
    const pairLogits = logits["seq_relationship_logits"];
    for (const { name: kernels, device } of KERNEL_SETS) {
      await t.step(`${Model.architecture}, ${kernels} kernels`, async () => {
        const model = modelOf(golden, device);
        using _scope = device.scope();
        const output = forward(model, batch);
        output.loss!.backward();
        assertAllClose(
          [await output.loss!.item()],
          [expected.loss],
          GOLDEN_LOSS,
          "loss",
        );
        const labelled = rowsOf(wordLogits, width, (i) => labels[i] !== -100);
        assertEquals(output.wordLogits.shape, [labelled.length / width, width]);
        assertAllClose(
          await output.wordLogits.toArray(),
          labelled,
          GOLDEN_LOGITS,
          "logits of words",
        );
        assertEquals(output.pairLogits === undefined, pairLogits === undefined);
        assertAllClose(
          await output.pairLogits?.toArray() ?? [],
          pairLogits ?? [],
          GOLDEN_LOGITS,
          "logits of pairs",
        );
        const gradients = tensorsOf(expected.gradients);
        const actual = await gradientsOf(model);
        assertEquals(Object.keys(actual).sort(), Object.keys(gradients).sort());
        for (const [name, gradient] of Object.entries(actual)) {
          assertAllClose(gradient, gradients[name]!, GOLDEN_GRAD, name);
        }
      });

      await t.step(
        `${Model.architecture} without labels, ${kernels} kernels`,
        async () => {
          const { inputIds, tokenTypeIds, attentionMask } = batch;
          const model = modelOf(golden, device);
          using _scope = device.scope();
          const output = forward(model, {
            inputIds,
            tokenTypeIds,
            attentionMask,
          });
          assertEquals(output.loss, undefined);
          assertEquals(output.wordLogits.shape, [...inputIds.shape, width]);
          const values = await output.wordLogits.toArray();
          const isToken = (i: number) => attentionMask.data[i] === 1;
          assertAllClose(
            rowsOf(values, width, isToken),
            rowsOf(wordLogits, width, isToken),
            GOLDEN_LOGITS,
            "logits of words",
          );
          const padding = rowsOf(values, width, (i) => !isToken(i));
          assert(padding.length > 0 && padding.every((value) => value === 0));
        },
      );
    }
  }
});

Deno.test("ten steps of AdamW on masked words give the losses and weights of PyTorch", async (t) => {
  for (const golden of PRETRAINING) {
    const { recipe, losses, weightsAfter } = golden.fixture.course;
    for (const { name: kernels, device } of KERNEL_SETS) {
      await t.step(
        `${golden.Model.architecture}, ${kernels} kernels`,
        async () => {
          const model = modelOf(golden, device);
          const optimizer = new AdamW(model.parameters(), {
            lr: recipe.lr,
            weightDecay: recipe.weightDecay,
          });
          const scheduler = getScheduler(recipe.scheduler, optimizer, {
            numWarmupSteps: recipe.numWarmupSteps,
            numTrainingSteps: losses.length,
          });
          const actual: number[] = [];
          for (const batch of batchesOf(golden)) {
            using _step = device.scope();
            const { loss } = forward(model, batch);
            loss!.backward();
            optimizer.step();
            scheduler.step();
            optimizer.zeroGrad();
            actual.push(await loss!.item());
          }
          assertAllClose(actual, losses, GOLDEN_LOSS, "loss");
          const expected = tensorsOf(weightsAfter);
          for (
            const [name, weights] of Object.entries(await weightsOf(model))
          ) {
            if (NO_GRADIENT.test(name)) continue;
            assertAllClose(weights, expected[name]!, GOLDEN_WEIGHTS, name);
          }
        },
      );
    }
  }
});

Deno.test("BertForPreTraining gives the loss of each objective that has labels", async () => {
  const golden = PRETRAINING[1];
  const { loss, nextSentenceLoss } = golden.fixture.firstBatch;
  const model = modelOf(golden) as BertForPreTraining;
  using _scope = device.scope();
  const { labels, nextSentenceLabel, ...batch } = batchesOf(golden)[0]!;
  const words = model.forward({ ...batch, labels: labels! });
  const pairs = model.forward({
    ...batch,
    nextSentenceLabel: nextSentenceLabel!,
  });
  assertEquals(
    [words, pairs].map(Object.keys),
    [
      ["maskedLmLoss", "predictionLogits", "seqRelationshipLogits"],
      ["nextSentenceLoss", "predictionLogits", "seqRelationshipLogits"],
    ],
  );
  assertAllClose(
    [await words.maskedLmLoss!.item(), await pairs.nextSentenceLoss!.item()],
    [loss - nextSentenceLoss!, nextSentenceLoss!],
    GOLDEN_LOSS,
  );
});
