// The golden values are PyTorch's and transformers', in f64 from f32 weights:
// tests/fixtures/make_distilbert.py. Its batches have token types, as those
// of a tokenizer of pairs do; transformers' model was not given them.
import { assertEquals } from "@std/assert";
import {
  AdamW,
  clipGradNorm,
  type Device,
  DistilBertConfig,
  type DistilBertConfigOptions,
  DistilBertForSequenceClassification,
  getScheduler,
} from "../../../mod.ts";
import fixture from "../../fixtures/distilbert.json" with { type: "json" };
import {
  assertAllClose,
  F64_HOST,
  GOLDEN_GRAD,
  GOLDEN_LOGITS,
  GOLDEN_LOSS,
  GOLDEN_NORM,
  GOLDEN_WEIGHTS,
} from "../../helpers/all_close.ts";
import { device as defaultDevice } from "../../helpers/device.ts";
import { KERNEL_SETS } from "../../helpers/kernel_sets.ts";
import {
  batchOf,
  gradientsOf,
  tensorsOf,
  weightsOf,
} from "../fixture_model.ts";

/** Its true gradient is 0, so what it has is rounding, and AdamW steps on that. */
const NO_GRADIENT = /k_lin\.bias$/;

const batches = fixture.batches.map(batchOf);

/** The model of the golden file, in training mode. */
function modelOf(
  device: Device = defaultDevice,
  config: DistilBertConfigOptions = {},
): DistilBertForSequenceClassification {
  const model = DistilBertForSequenceClassification.fromConfig(
    DistilBertConfig.fromJson(fixture.config, config),
    { device },
  );
  model.loadStateDict(tensorsOf(fixture.weights));
  return model;
}

Deno.test("DistilBertForSequenceClassification gives the logits, the loss and every gradient of transformers", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const [i, expected] of fixture.firstBatches.entries()) {
      await t.step(`batch ${i}, ${kernels} kernels`, async () => {
        const model = modelOf(device);
        using _scope = device.scope();
        const { loss, logits } = model.forward(batches[i]!);
        loss!.backward();
        assertEquals(logits.shape, [expected.logits.length, 3]);
        assertAllClose(
          await logits.toArray(),
          expected.logits.flat(),
          GOLDEN_LOGITS,
          "logits",
        );
        assertAllClose(
          [await loss!.item()],
          [expected.loss],
          GOLDEN_LOSS,
          "loss",
        );
        const gradients = tensorsOf(expected.gradients);
        const actual = await gradientsOf(model);
        assertEquals(Object.keys(actual).sort(), Object.keys(gradients).sort());
        for (const [name, gradient] of Object.entries(actual)) {
          assertAllClose(gradient, gradients[name]!, GOLDEN_GRAD, name);
        }
      });
    }
  }
});

Deno.test("ten steps of AdamW on a DistilBERT give the losses, norms, rates and weights of PyTorch", async (t) => {
  const { recipe, steps, weightsAfter } = fixture.course;
  for (const { name: kernels, device } of KERNEL_SETS) {
    await t.step(`${kernels} kernels`, async () => {
      const model = modelOf(device);
      const optimizer = new AdamW(model.parameters(), {
        lr: recipe.lr,
        weightDecay: recipe.weightDecay,
      });
      const scheduler = getScheduler(recipe.scheduler, optimizer, {
        numWarmupSteps: recipe.numWarmupSteps,
        numTrainingSteps: steps.length,
      });
      const [losses, norms, rates]: number[][] = [[], [], []];
      for (const batch of batches) {
        using _step = device.scope();
        const { loss } = model.forward(batch);
        loss!.backward();
        const norm = clipGradNorm(model.parameters(), Infinity);
        rates!.push(optimizer.paramGroups[0]!.lr);
        optimizer.step();
        scheduler.step();
        optimizer.zeroGrad();
        losses!.push(await loss!.item());
        norms!.push(await norm.item());
      }
      assertAllClose(losses!, steps.map((s) => s.loss), GOLDEN_LOSS, "loss");
      assertAllClose(
        norms!,
        steps.map((s) => s.gradNorm),
        GOLDEN_NORM,
        "gradNorm",
      );
      assertAllClose(rates!, steps.map((s) => s.lr), F64_HOST, "lr");
      const expected = tensorsOf(weightsAfter);
      for (const [name, weights] of Object.entries(await weightsOf(model))) {
        if (NO_GRADIENT.test(name)) continue;
        assertAllClose(weights, expected[name]!, GOLDEN_WEIGHTS, name);
      }
    });
  }
});

Deno.test("a DistilBERT ignores token types", async () => {
  const { tokenTypeIds, ...rest } = fixture.batches[0]!;
  const types = tokenTypeIds.map((row) => row.map(() => 7));
  using _scope = defaultDevice.scope();
  const { logits } = modelOf().forward(
    batchOf({ ...rest, tokenTypeIds: types }),
  );
  const expected = fixture.firstBatches[0]!.logits.flat();
  assertAllClose(await logits.toArray(), expected, GOLDEN_LOGITS);
});

Deno.test("the parameters of a DistilBERT have the names and order of transformers", () => {
  const { nLayers } = DistilBertConfig.fromJson(fixture.config);
  const model = modelOf();
  const names = [...model.namedParameters()].map(([name]) => name);
  assertEquals(
    names.toSorted(),
    Object.keys(tensorsOf(fixture.weights)).sort(),
  );
  assertEquals(names.slice(4, 20).map((name) => name.split(".0.")[1]), [
    "attention.q_lin.weight",
    "attention.q_lin.bias",
    "attention.k_lin.weight",
    "attention.k_lin.bias",
    "attention.v_lin.weight",
    "attention.v_lin.bias",
    "attention.out_lin.weight",
    "attention.out_lin.bias",
    "sa_layer_norm.weight",
    "sa_layer_norm.bias",
    "ffn.lin1.weight",
    "ffn.lin1.bias",
    "ffn.lin2.weight",
    "ffn.lin2.bias",
    "output_layer_norm.weight",
    "output_layer_norm.bias",
  ]);
  assertEquals(names.length, 4 + 16 * nLayers + 4);
  // One product for the three: they lie side by side.
  const [block] = model.distilbert.transformer.layer;
  const { weight } = block!.qLin;
  assertEquals(
    [block!.kLin, block!.vLin].map((lin) => lin.weight.byteOffset),
    [1, 2].map((i) => weight.byteOffset + i * weight.byteLength),
  );
});

Deno.test("a DistilBERT in training drops at the sites of transformers, in evaluation nowhere", async (t) => {
  const rates = { dropout: 0.2, attentionDropout: 0.3, seqClassifDropout: 0.4 };
  const model = modelOf(defaultDevice, rates);
  const { distilbert } = model;
  const dropoutKey = distilbert.dropoutKey.bind(distilbert);
  const sites: number[] = [];
  distilbert.dropoutKey = (p) => {
    sites.push(p);
    return dropoutKey(p);
  };
  const logitsOf = async (model: DistilBertForSequenceClassification) => {
    using _scope = defaultDevice.scope();
    return await model.forward(batches[0]!).logits.toArray();
  };
  await logitsOf(model);
  // Embeddings; probabilities and linear block of two layers; classifier.
  assertEquals(sites, [0.2, 0.3, 0.2, 0.3, 0.2, 0.4]);
  const expected = fixture.firstBatches[0]!.logits.flat();
  assertAllClose(await logitsOf(model.eval()), expected, GOLDEN_LOGITS);
  for (const [name, rate] of Object.entries(rates)) {
    await t.step(`${name} changes the logits`, async () => {
      const logits = await logitsOf(modelOf(defaultDevice, { [name]: rate }));
      assertEquals(
        logits.every((v, i) => Math.abs(v - expected[i]!) > 1e-3),
        true,
      );
    });
  }
});
