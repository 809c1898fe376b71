// The golden values are PyTorch's and transformers', in f64 from f32 weights:
// tests/fixtures/make_bert.py.
import { assert, assertEquals } from "@std/assert";
import {
  AdamW,
  type BertForSequenceClassification,
  clipGradNorm,
  type Device,
  getScheduler,
  type LambdaLR,
  type Optimizer,
  paramGroupsWeightDecay,
} from "../../../mod.ts";
import holes from "../../fixtures/holes.json" with { type: "json" };
import odd from "../../fixtures/odd_bert.json" with { type: "json" };
import regression from "../../fixtures/regression.json" with { type: "json" };
import tiny from "../../fixtures/tiny_bert.json" with { type: "json" };
import wide from "../../fixtures/wide_bert.json" with { type: "json" };
import wideGradients from "../../fixtures/wide_bert_gradients.json" with {
  type: "json",
};
import {
  assertAllClose,
  F64_HOST,
  GOLDEN_GRAD,
  GOLDEN_LOGITS,
  GOLDEN_LOSS,
  GOLDEN_NORM,
  GOLDEN_WEIGHTS,
} from "../../helpers/all_close.ts";
import { KERNEL_SETS } from "../../helpers/kernel_sets.ts";
import {
  batchOf,
  type FixtureBatch,
  gradientsOf,
  modelOf,
  tensorsOf,
  weightsOf,
} from "../fixture_model.ts";

const CASES = [
  {
    name: "tiny_bert",
    model: tiny,
    batch: tiny.batches[0]!,
    ...tiny.firstBatch,
  },
  { name: "holes", model: tiny, ...holes },
  { name: "odd_bert", model: odd, ...odd },
  { name: "wide_bert", model: wide, ...wide, ...wideGradients },
  { name: "regression", model: regression, ...regression },
];

/** Its true gradient is 0, so what it has is rounding, and AdamW steps on that. */
const NO_GRADIENT = /self\.key\.bias$/;

const batches = tiny.batches.map(batchOf);

Deno.test("BertForSequenceClassification gives the logits, the loss and every gradient of transformers", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const { name, model: fixture, batch, ...expected } of CASES) {
      await t.step(`${name}, ${kernels} kernels`, async () => {
        const model = modelOf(fixture, { device });
        using _scope = device.scope();
        const { loss, logits } = model.forward(batchOf(batch as FixtureBatch));
        loss!.backward();
        const rows = expected.logits as number[][];
        assertEquals(logits.shape, [rows.length, rows[0]!.length]);
        const values = await logits.toArray();
        assertAllClose(values, rows.flat(), GOLDEN_LOGITS, "logits");
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

interface Step {
  readonly loss: number;
  readonly gradNorm: number;
  readonly lr: number;
}

/** Trains on the ten batches; gives each step's loss, gradient norm before clipping and rate. */
async function train(
  device: Device,
  model: BertForSequenceClassification,
  optimizer: Optimizer,
  scheduler: LambdaLR,
  maxGradNorm: number,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const batch of batches) {
    using _step = device.scope();
    const { loss } = model.forward(batch);
    loss!.backward();
    const norm = clipGradNorm(model.parameters(), maxGradNorm);
    const { lr } = optimizer.paramGroups[0]!;
    optimizer.step();
    scheduler.step();
    optimizer.zeroGrad();
    steps.push({ loss: await loss!.item(), gradNorm: await norm.item(), lr });
  }
  return steps;
}

function assertSteps(actual: readonly Step[], expected: readonly Step[]): void {
  const column = (steps: readonly Step[], name: keyof Step) =>
    steps.map((step) => step[name]);
  for (
    const [name, tolerance] of [
      ["loss", GOLDEN_LOSS],
      ["gradNorm", GOLDEN_NORM],
      ["lr", F64_HOST],
    ] as const
  ) {
    assertAllClose(
      column(actual, name),
      column(expected, name),
      tolerance,
      name,
    );
  }
}

Deno.test("ten steps of AdamW give the losses, norms, rates and weights of PyTorch", async (t) => {
  const { recipe, steps, weightsAfter } = tiny.course;
  for (const { name, device } of KERNEL_SETS) {
    await t.step(`${name} kernels`, async () => {
      const model = modelOf(tiny, { device });
      const optimizer = new AdamW(model.parameters(), {
        lr: recipe.lr,
        weightDecay: recipe.weightDecay,
      });
      const scheduler = getScheduler(recipe.scheduler, optimizer, {
        numWarmupSteps: recipe.numWarmupSteps,
        numTrainingSteps: steps.length,
      });
      assertSteps(
        await train(device, model, optimizer, scheduler, Infinity),
        steps,
      );
      const expected = tensorsOf(weightsAfter);
      for (const [name, weights] of Object.entries(await weightsOf(model))) {
        if (NO_GRADIENT.test(name)) continue;
        assertAllClose(weights, expected[name]!, GOLDEN_WEIGHTS, name);
      }
    });
  }
});

Deno.test("ten steps with decay groups, warm-up and clipping give the losses, norms and rates of PyTorch", async (t) => {
  const { recipe, steps } = tiny.decayGroupsAndClip;
  for (const { name, device } of KERNEL_SETS) {
    await t.step(`${name} kernels`, async () => {
      const model = modelOf(tiny, { device });
      const groups = paramGroupsWeightDecay(model, recipe.weightDecay);
      const optimizer = new AdamW(groups, { lr: recipe.lr });
      const scheduler = getScheduler(recipe.scheduler, optimizer, {
        numWarmupSteps: recipe.numWarmupSteps,
        numTrainingSteps: steps.length,
      });
      assert(steps.every(({ gradNorm }) => gradNorm > recipe.maxGradNorm));
      assertSteps(
        await train(device, model, optimizer, scheduler, recipe.maxGradNorm),
        steps,
      );
    });
  }
});

Deno.test("clipGradNorm() of a model gives the norm and the gradients of PyTorch", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    for (const { maxNorm, norm, classifierWeightGrad } of tiny.clip) {
      await t.step(`${maxNorm}, ${name} kernels`, async () => {
        const model = modelOf(tiny, { device });
        using _scope = device.scope();
        model.forward(batches[0]!).loss!.backward();
        const actual = clipGradNorm(model.parameters(), maxNorm);
        assertAllClose([await actual.item()], [norm], GOLDEN_NORM, "norm");
        assertAllClose(
          await model.classifier.weight.grad!.toArray(),
          classifierWeightGrad.flat(),
          GOLDEN_GRAD,
          "classifier.weight",
        );
      });
    }
  }
});
