import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  BertConfig,
  BertForSequenceClassification,
  fromArray,
  HostTensor,
  type ProblemType,
} from "../../mod.ts";
import { inferProblemType } from "../../lib/models/problem_type.ts";
import { classificationLoss } from "../../lib/models/sequence_classification.ts";
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { batchOf, modelOf } from "./fixture_model.ts";

const [REGRESSION, SINGLE, MULTI] = [
  "regression",
  "single_label_classification",
  "multi_label_classification",
] as const;

/** The loss of logits `[B, numLabels]`, and their gradient. */
async function lossOf(
  logits: number[][],
  labels: HostTensor,
  problemType: ProblemType,
) {
  using _scope = device.scope();
  const leaf = fromArray(device, logits.flat(), [
    logits.length,
    logits[0]!.length,
  ], { requiresGrad: true });
  const loss = classificationLoss(leaf, labels, problemType);
  loss.backward();
  assertEquals(loss.shape, []);
  return { loss: await loss.item(), dLogits: await leaf.grad!.toArray() };
}

Deno.test("classificationLoss() is the mean cross-entropy of classes", async () => {
  // e^x = [1, 3], so softmax = [1/4, 3/4]; the second row is even.
  const { loss, dLogits } = await lossOf(
    [[0, Math.log(3)], [2, 2]],
    HostTensor.from([0, 1]),
    SINGLE,
  );
  assertAllClose([loss], [(Math.log(4) + Math.log(2)) / 2], F32_OP);
  assertAllClose(dLogits, [-3 / 8, 3 / 8, 1 / 4, -1 / 4], F32_GRAD);
});

Deno.test("classificationLoss() is the mean binary cross-entropy of several labels a row", async (t) => {
  for (const dtype of ["i32", "f32"] as const) {
    await t.step(`${dtype} labels`, async () => {
      // sigmoid(ln 3) = 3/4; the loss of label 1 is -ln 3/4, of label 0 -ln 1/4.
      const { loss, dLogits } = await lossOf(
        [[Math.log(3), Math.log(3)], [0, 0]],
        HostTensor.from([[1, 0], [1, 1]], dtype),
        MULTI,
      );
      const sum = Math.log(4 / 3) + Math.log(4) + 2 * Math.log(2);
      assertAllClose([loss], [sum / 4], F32_OP);
      assertAllClose(dLogits, [-1 / 16, 3 / 16, -1 / 8, -1 / 8], F32_GRAD);
    });
  }
});

Deno.test("classificationLoss() is the mean squared error of numbers", async (t) => {
  const cases: Record<string, HostTensor> = {
    "[B] f32": HostTensor.from([0.5, -1]),
    "[B] i32": HostTensor.from([1, -2]),
    "[B, 1] f32": HostTensor.from([[0.5], [-1]]),
  };
  for (const [name, labels] of Object.entries(cases)) {
    await t.step(`one number a row, labels ${name}`, async () => {
      const logits = [2, 0.25];
      const { loss, dLogits } = await lossOf(
        logits.map((x) => [x]),
        labels,
        REGRESSION,
      );
      const errors = logits.map((x, i) => x - labels.data[i]!);
      // (x - y)² over 2 rows, and its derivative 2 (x - y) / 2
      const expected = errors.reduce((sum, e) => sum + e * e, 0) / 2;
      assertAllClose([loss], [expected], F32_OP);
      assertAllClose(dLogits, errors, F32_GRAD);
    });
  }
  await t.step("two numbers a row", async () => {
    const labels = HostTensor.from([[1, 0], [0, 2]]);
    const { loss } = await lossOf([[1, 1], [2, 2]], labels, REGRESSION);
    assertAllClose([loss], [(1 + 4) / 4], F32_OP);
  });
});

Deno.test("classificationLoss() says what is wrong with the labels", async (t) => {
  const cases: [string, ProblemType, number[], HostTensor, string][] = [
    [
      "a label outside numLabels",
      SINGLE,
      [2, 3],
      HostTensor.from([0, 3]),
      "its label is 3, and logits of 3 columns have labels 0 to 2",
    ],
    [
      "a label below 0",
      SINGLE,
      [2, 3],
      HostTensor.from([-1, 0]),
      "its label is -1, and logits of 3 columns have labels 0 to 2",
    ],
    [
      "classes of dtype f32",
      SINGLE,
      [2, 3],
      HostTensor.from([0.5, 1]),
      'Cannot classify into 3 labels: the batch has labels of dtype f32, and classes are whole numbers (i32); for regression load the model with { numLabels: 1, problemType: "regression" }',
    ],
    [
      "more labels than rows",
      SINGLE,
      [2, 3],
      HostTensor.from([0, 1, 2]),
      'Cannot compute the single_label_classification loss of 2 rows: labels must be [2] (for several labels a row give problemType "multi_label_classification"), not [3]',
    ],
    [
      "several labels a row for classes",
      SINGLE,
      [2, 3],
      HostTensor.from([[1, 0, 0], [0, 1, 0]]),
      'labels must be [2] (for several labels a row give problemType "multi_label_classification"), not [2,3]',
    ],
    [
      "one label a row for several",
      MULTI,
      [2, 3],
      HostTensor.from([1, 0]),
      "Cannot compute the multi_label_classification loss of 2 rows: labels must be [2,3], not [2]",
    ],
    [
      "several labels that are not 0 or 1",
      MULTI,
      [2, 2],
      HostTensor.from([[1, 0], [2, 0]]),
      "Cannot compute the multi_label_classification loss: a label is 2, and each must be from 0 to 1",
    ],
    [
      "several labels that are NaN",
      MULTI,
      [1, 2],
      HostTensor.from([[1, NaN]]),
      "a label is NaN, and each must be from 0 to 1",
    ],
    [
      "too few numbers",
      REGRESSION,
      [2, 3],
      HostTensor.from([0.5, 1]),
      "Cannot compute the regression loss of 2 rows: labels must be [2,3], not [2]",
    ],
    [
      "more numbers than rows",
      REGRESSION,
      [2, 1],
      HostTensor.from([0.5, 1, 2]),
      "Cannot compute the regression loss of 2 rows: labels must be [2], not [3]",
    ],
  ];
  for (const [name, problemType, shape, labels, message] of cases) {
    await t.step(name, () => {
      using _scope = device.scope();
      const logits = fromArray(
        device,
        new Float32Array(shape[0]! * shape[1]!),
        shape,
      );
      assertThrows(
        () => classificationLoss(logits, labels, problemType),
        RangeError,
        message,
      );
    });
  }
});

Deno.test("inferProblemType() infers as transformers, and refuses what may be a class", () => {
  const [whole, fractions] = [HostTensor.from([0, 1]), HostTensor.from([0.5])];
  assertEquals(inferProblemType(3, whole), SINGLE);
  assertEquals(inferProblemType(3, fractions), MULTI);
  assertEquals(inferProblemType(1, fractions), REGRESSION);
  assertThrows(
    () => inferProblemType(1, whole),
    RangeError,
    'for regression load it with { problemType: "regression" }, for classes with { numLabels: 2 } or more',
  );
});

Deno.test("a model of one label trains on whole numbers only where regression was asked for", () => {
  const batch = batchOf(tiny.batches[0]!);
  const forward = (changes: Record<string, unknown>) => {
    using _scope = device.scope();
    const json = { ...tiny.config, id2label: { 0: "score" }, ...changes };
    const model = BertForSequenceClassification.fromConfig(
      BertConfig.fromJson(json),
      { device },
    );
    return model.forward(batch);
  };
  assertThrows(() => forward({}), RangeError, "Cannot infer the loss");
  assert(forward({ "problem_type": "regression" }).loss);
});

Deno.test("the first labels set config.problemType, which is saved", () => {
  using _scope = device.scope();
  const model = modelOf(tiny);
  const { config } = model;
  const { labels, ...unlabelled } = batchOf(tiny.batches[0]!);
  assertEquals("loss" in model.forward(unlabelled), false);
  assertEquals(config.problemType, undefined);
  model.forward({ ...unlabelled, labels });
  assertEquals(config.problemType, SINGLE);
  assertEquals(config.toJson("x").problem_type, SINGLE);
});

Deno.test("labels that do not fit leave config.problemType open", () => {
  using _scope = device.scope();
  const model = modelOf(tiny);
  const { labels, ...unlabelled } = batchOf(tiny.batches[0]!);
  const wrong = HostTensor.from(Array(labels.data.length).fill(0.5));
  assertThrows(() => model.forward({ ...unlabelled, labels: wrong }));
  assertEquals(model.config.problemType, undefined);
  assert(model.forward({ ...unlabelled, labels }).loss);
});
