/**
 * Tests of a sequence classifier against golden values of transformers; the
 * programs and the rule of the weights are in `fixtures/golden.py`.
 */
import { assertEquals, assertMatch } from "@std/assert";
import {
  AdamW,
  AutoModelForSequenceClassification,
  clipGradNorm,
  type Device,
  type ForSequenceClassification,
  getScheduler,
  noGrad,
  saveSafetensors,
  type Tensor,
} from "../../mod.ts";
import type { SequenceClassifierClass } from "../../lib/models/sequence_classification.ts";
import {
  assertAllClose,
  BATCH_INVARIANCE,
  GOLDEN_GRAD,
  GOLDEN_LOGITS,
  GOLDEN_LOSS,
  GOLDEN_NORM,
  GOLDEN_WEIGHTS,
  ONNX_FP16,
  ONNX_FP32,
  ONNX_Q8,
  type Tolerance,
} from "../helpers/all_close.ts";
import { device as defaultDevice } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { exported, logitsOf } from "../onnx/exported.ts";
import { gradientsOf, weightsOf } from "./fixture_model.ts";
import { assertDigest } from "./golden_digest.ts";
import {
  type GoldenBatch,
  goldenBatch,
  goldenCheckpoint,
  type GoldenFixture,
  goldenModel,
  type GoldenResults,
  goldenTensors,
} from "./golden_fixture.ts";

/** Differences from the rule. */
export interface GoldenOptions {
  /**
   * Parameters whose true gradient is 0: what they have is rounding, from which
   * AdamW makes steps of full size.
   */
  readonly noGradient?: RegExp;
}

/** Each row of a batch without its padding. */
function rowsOf(batch: GoldenBatch): GoldenBatch[] {
  return batch.inputIds.map((ids, row) => {
    const length = batch.attentionMask[row]!.lastIndexOf(1) + 1;
    const cut = (values: number[][]) => [values[row]!.slice(0, length)];
    return {
      inputIds: [ids.slice(0, length)],
      attentionMask: cut(batch.attentionMask),
      ...batch.tokenTypeIds && { tokenTypeIds: cut(batch.tokenTypeIds) },
      labels: [batch.labels[row]!],
    };
  });
}

/** Compares what a classifier returns for a batch with labels. */
export async function assertOutputs(
  { logits, loss }: { readonly logits: Tensor; readonly loss: Tensor },
  expected: Pick<GoldenResults, "logits" | "loss">,
): Promise<void> {
  assertAllClose(
    await logits.toArray(),
    expected.logits.flat(),
    GOLDEN_LOGITS,
    "logits",
  );
  assertAllClose([await loss.item()], [expected.loss], GOLDEN_LOSS, "loss");
}

/** Runs a batch forward and backward, and compares everything. */
export async function assertResults(
  model: ForSequenceClassification,
  batch: GoldenBatch,
  expected: GoldenResults,
  device: Device,
): Promise<void> {
  using _scope = device.scope();
  const outputs = model.forward(goldenBatch(batch));
  outputs.loss.backward();
  await assertOutputs(outputs, expected);
  const actual = await gradientsOf(model);
  assertEquals(
    Object.keys(actual).sort(),
    Object.keys(expected.gradients).sort(),
  );
  for (const [name, gradient] of Object.entries(actual)) {
    assertDigest(name, gradient, expected.gradients[name]!, GOLDEN_GRAD);
  }
}

/** Logits of a batch, in evaluation. */
async function evaluated(
  model: ForSequenceClassification,
  batch: GoldenBatch,
): Promise<Float32Array> {
  using _noGrad = noGrad();
  using _scope = defaultDevice.scope();
  const { logits } = model.eval().forward(goldenBatch(batch));
  return await logits.toArray();
}

/**
 * Registers the tests that every architecture must pass.
 *
 * @param name Name of the model in the names of the tests, such as `a RoBERTa`.
 * @param modelClass The classifier.
 * @param fixture Its golden file.
 * @param options Parameters without a gradient.
 */
export function testGolden(
  name: string,
  modelClass: SequenceClassifierClass,
  fixture: GoldenFixture,
  { noGradient }: GoldenOptions = {},
): void {
  const [first] = fixture.cases;
  const expectedLogits = first!.logits.flat();

  Deno.test(`the parameters of ${name} have the names and shapes of transformers`, () => {
    const parameters = [...goldenModel(modelClass, fixture).namedParameters()];
    assertEquals(
      Object.fromEntries(parameters.map(([name, { shape }]) => [name, shape])),
      { ...fixture.parameters },
    );
  });

  Deno.test(`the layers of ${name} have each parameter of its encoder once, but a pooler's`, () => {
    const model = goldenModel(modelClass, fixture);
    const names = new Map<Tensor, string>(
      [...model.namedParameters()].map(([name, p]) => [p, name]),
    );
    const listed = model.layersInOrder.flat()
      .flatMap((part) => [...part.parameters()])
      .map((parameter) => names.get(parameter)!);
    const prefix = `${modelClass.configClass.spec.baseModelPrefix}.`;
    assertEquals(
      listed.sort(),
      Object.keys(fixture.parameters)
        .filter((name) => name.startsWith(prefix))
        .filter((name) => !name.startsWith(`${prefix}pooler.`)).sort(),
    );
  });

  Deno.test(`${name} gives the logits, the loss and every gradient of transformers`, async (t) => {
    for (const { name: kernels, device } of KERNEL_SETS) {
      for (const [i, { batch, ...expected }] of fixture.cases.entries()) {
        await t.step(`batch ${i}, ${kernels} kernels`, async () => {
          const model = goldenModel(modelClass, fixture, { device }).eval();
          await assertResults(model, batch, expected, device);
        });
      }
    }
  });

  Deno.test(`ten steps of AdamW on ${name} give the losses, norms and weights of PyTorch`, async (t) => {
    const { batches, steps, weightsAfter, ...settings } = fixture.course;
    for (const { name: kernels, device } of KERNEL_SETS) {
      await t.step(`${kernels} kernels`, async () => {
        const model = goldenModel(modelClass, fixture, { device }).eval();
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
          const at = `of step ${i + 1}`;
          assertAllClose(
            [await loss.item()],
            [expected.loss],
            GOLDEN_LOSS,
            `loss ${at}`,
          );
          assertAllClose(
            [await norm.item()],
            [expected.gradNorm],
            GOLDEN_NORM,
            `norm ${at}`,
          );
        }
        for (const [name, weights] of Object.entries(await weightsOf(model))) {
          if (noGradient?.test(name)) continue;
          assertDigest(name, weights, weightsAfter[name]!, GOLDEN_WEIGHTS);
        }
      });
    }
  });

  Deno.test(`${name} in training drops what Philox says at every site of transformers`, async (t) => {
    const { seed, sites, ...expected } = fixture.dropout;
    for (const { name: kernels, device } of KERNEL_SETS) {
      await t.step(`${kernels} kernels`, async () => {
        const model = goldenModel(modelClass, fixture, { device, seed });
        await assertResults(model, first!.batch, expected, device);
      });
    }
    assertEquals(new Set(sites).size > 1, true, "rates that differ");
  });

  Deno.test(`a row of ${name} has the same logits alone and in a padded batch`, async () => {
    const model = goldenModel(modelClass, fixture);
    for (const { batch } of fixture.cases) {
      const alone = [];
      for (const row of rowsOf(batch)) {
        alone.push(...await evaluated(model, row));
      }
      assertAllClose(await evaluated(model, batch), alone, BATCH_INVARIANCE);
    }
  });

  Deno.test(`${name} computes no gradient of an encoder that is frozen`, async () => {
    const model = goldenModel(modelClass, fixture).eval();
    const { baseModelPrefix } = modelClass.configClass.spec;
    const isFrozen = (name: string) => name.startsWith(`${baseModelPrefix}.`);
    for (const [name, parameter] of model.namedParameters()) {
      if (isFrozen(name)) parameter.requiresGrad = false;
    }
    using _scope = defaultDevice.scope();
    model.forward(goldenBatch(first!.batch)).loss.backward();
    for (const [name, { grad }] of model.namedParameters()) {
      assertEquals(grad === undefined, isFrozen(name), name);
      if (!grad) continue;
      const expected = first!.gradients[name]!;
      assertDigest(name, await grad.toArray(), expected, GOLDEN_GRAD);
    }
  });

  Deno.test(
    needs(`${name} is saved, and loaded by its model type`, "read", "write"),
    async () => {
      await using folder = await tempFolder();
      await goldenModel(modelClass, fixture).savePretrained(folder.path);
      const loaded = await AutoModelForSequenceClassification.fromPretrained(
        folder.path,
        { device: defaultDevice },
      );
      assertEquals<unknown>(loaded.constructor, modelClass);
      assertEquals(loaded.loadReport, undefined);
      assertAllClose(
        await evaluated(loaded, first!.batch),
        expectedLogits,
        GOLDEN_LOGITS,
      );
      const config = JSON.parse(
        await Deno.readTextFile(`${folder.path}/config.json`),
      );
      for (const key of ["model_type", "architectures", "id2label"]) {
        assertEquals(config[key], fixture.config[key], key);
      }
    },
  );

  Deno.test(
    needs(
      `${name} starts a head where the checkpoint has none`,
      "read",
      "write",
    ),
    async () => {
      await using folder = await tempFolder();
      const { baseModelPrefix } = modelClass.configClass.spec;
      const prefix = `${baseModelPrefix}.`;
      const bare = Object.entries(goldenTensors(fixture, prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]);
      await Deno.writeFile(
        `${folder.path}/model.safetensors`,
        saveSafetensors(Object.fromEntries(bare)),
      );
      await Deno.writeTextFile(
        `${folder.path}/config.json`,
        JSON.stringify(fixture.config),
      );
      const loaded = await modelClass.fromPretrained(folder.path, {
        device: defaultDevice,
        numLabels: 5,
      });
      const missing = [
        ...(loaded.loadReport ?? "").matchAll(/^(\S+) +\| (\w+)$/gm),
      ]
        .map(([, name, status]) => `${name} ${status}`);
      const head = Object.keys(fixture.parameters)
        .filter((name) => !name.startsWith(prefix))
        .map((name) => `${name} MISSING`);
      assertEquals(missing.slice(1).sort(), head.sort());
      assertMatch(loaded.loadReport!, /LOAD REPORT from/);
    },
  );

  Deno.test(
    needs(`${name} as ONNX gives the logits of transformers`, "read", "write"),
    async (t) => {
      const tolerances: Record<string, Tolerance> = {
        fp32: ONNX_FP32,
        fp16: ONNX_FP16,
        q8: ONNX_Q8,
      };
      for (const dtype of ["fp32", "fp16", "q8"] as const) {
        const file = await exported(goldenCheckpoint(fixture), dtype);
        for (const [i, { batch, logits }] of fixture.cases.entries()) {
          await t.step(`${dtype}, batch ${i}`, async () => {
            assertAllClose(
              await logitsOf(file, goldenBatch(batch)),
              logits.flat(),
              tolerances[dtype]!,
            );
          });
        }
      }
    },
  );
}
