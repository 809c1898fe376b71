import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, HostTensor } from "../../mod.ts";
import { classificationLoss } from "../../lib/models/sequence_classification.ts";
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";

/** The loss of logits `[B, numLabels]`, and their gradient. */
async function lossOf(logits: number[][], labels: HostTensor) {
  using _scope = device.scope();
  const leaf = fromArray(device, logits.flat(), [
    logits.length,
    logits[0]!.length,
  ], { requiresGrad: true });
  const loss = classificationLoss(leaf, labels);
  loss.backward();
  assertEquals(loss.shape, []);
  return { loss: await loss.item(), dLogits: await leaf.grad!.toArray() };
}

Deno.test("classificationLoss() is the mean cross-entropy of several labels", async () => {
  // e^x = [1, 3], so softmax = [1/4, 3/4]; the second row is even.
  const { loss, dLogits } = await lossOf(
    [[0, Math.log(3)], [2, 2]],
    HostTensor.from([0, 1]),
  );
  assertAllClose([loss], [(Math.log(4) + Math.log(2)) / 2], F32_OP);
  assertAllClose(dLogits, [-3 / 8, 3 / 8, 1 / 4, -1 / 4], F32_GRAD);
});

Deno.test("classificationLoss() is the mean squared error of one label", async (t) => {
  const cases = { "f32": [0.5, -1], "i32": [1, -2] } as const;
  for (const [dtype, labels] of Object.entries(cases)) {
    await t.step(`${dtype} labels`, async () => {
      const logits = [2, 0.25];
      const host = HostTensor.from(labels);
      assertEquals(host.dtype, dtype);
      const { loss, dLogits } = await lossOf(logits.map((x) => [x]), host);
      const errors = logits.map((x, i) => x - labels[i]!);
      // (x - y)² over 2 rows, and its derivative 2 (x - y) / 2
      const expected = errors.reduce((sum, e) => sum + e * e, 0) / 2;
      assertAllClose([loss], [expected], F32_OP);
      assertAllClose(dLogits, errors, F32_GRAD);
    });
  }
});

Deno.test("classificationLoss() says what is wrong with the labels", async (t) => {
  const cases: [string, number[], HostTensor, string][] = [
    [
      "a label outside numLabels",
      [2, 3],
      HostTensor.from([0, 3]),
      "Cannot take the cross-entropy of row 1: its label is 3, and logits of 3 columns have labels 0 to 2; make the model with a larger numLabels, or correct the label",
    ],
    [
      "a label below 0",
      [2, 3],
      HostTensor.from([-1, 0]),
      "Cannot take the cross-entropy of row 0: its label is -1, and logits of 3 columns have labels 0 to 2; make the model with a larger numLabels, or correct the label",
    ],
    [
      "labels that are no whole numbers",
      [2, 3],
      HostTensor.from([0.5, 1]),
      "Cannot classify into 3 labels: the batch has labels that are no whole numbers; for regression load the model with numLabels 1",
    ],
    [
      "more labels than rows",
      [2, 3],
      HostTensor.from([0, 1, 2]),
      "Cannot compute the loss of 2 rows: labels must be [2], not [3]",
    ],
    [
      "several labels a row",
      [2, 3],
      HostTensor.from([[1, 0, 0], [0, 1, 0]]),
      "Cannot compute the loss of 2 rows: labels must be [2], not [2,3]",
    ],
    [
      "a column of values",
      [2, 1],
      HostTensor.from([[0.5], [1.5]]),
      "Cannot compute the loss of 2 rows: labels must be [2], not [2,1]",
    ],
  ];
  for (const [name, shape, labels, message] of cases) {
    await t.step(name, () => {
      using _scope = device.scope();
      const logits = fromArray(
        device,
        new Float32Array(shape[0]! * shape[1]!),
        shape,
      );
      const error = assertThrows(
        () => classificationLoss(logits, labels),
        RangeError,
      );
      assertEquals(error.message, message);
    });
  }
});
