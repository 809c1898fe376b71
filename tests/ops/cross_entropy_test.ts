import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { crossEntropy } from "../../lib/ops/cross_entropy.ts";
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import { assertForward, assertGradients, input } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { NOT_FINITE } from "../helpers/not_finite.ts";
import { crossEntropyOf, labels } from "./cross_entropy_reference.ts";

const CASES = [
  { columns: 2, list: labels(1, 0, 1) },
  { columns: 3, list: labels(2, -100, 0, 1, -100) },
  { columns: 300, list: labels(299, 0) },
  { columns: 5, list: labels(...Array.from({ length: 40 }, (_, i) => i % 5)) },
  { columns: 3, list: labels(...Array.from({ length: 70 }, (_, i) => i % 3)) }, // two parts
];

Deno.test("crossEntropy() matches the f64 reference", async (t) => {
  for (const { columns, list } of CASES) {
    await t.step(`[${list.shape},${columns}]`, async () => {
      const logits = input([list.shape[0]!, columns]);
      await assertForward(crossEntropyOf(list), logits);
    });
  }
});

Deno.test("crossEntropy() gradient matches central differences", async (t) => {
  for (const { columns, list } of CASES) {
    await t.step(`[${list.shape},${columns}]`, async () => {
      const logits = input([list.shape[0]!, columns]);
      await assertGradients(crossEntropyOf(list), logits);
    });
  }
});

Deno.test("crossEntropy() ignores the rows of ignoreIndex", async () => {
  const op = crossEntropyOf(labels(1, 0, 1), { ignoreIndex: 0 });
  await assertForward(op, input([3, 2]));
  await assertGradients(op, input([3, 2]));
});

Deno.test("crossEntropy() is accurate for large logits", async () => {
  using _scope = device.scope();
  const logits = fromArray(device, [10000, 10001, 3e38, 0], [2, 2], {
    requiresGrad: true,
  });
  const loss = crossEntropy(logits, labels(0, 0));
  loss.backward();
  // softmax is [1/(1+e), e/(1+e)] and [1, 0]
  const p = 1 / (1 + Math.E);
  assertAllClose([await loss.item()], [-Math.log(p) / 2], F32_OP);
  assertAllClose(
    await logits.grad!.toArray(),
    [(p - 1) / 2, (1 - p) / 2, 0, 0],
    F32_GRAD,
  );
});

Deno.test("crossEntropy() of few logits is one dispatch", () => {
  using _scope = device.scope();
  const dispatches = (rows: number, columns: number) => {
    const logits = zeros(device, [rows, columns]);
    const before = device.counters.dispatches;
    crossEntropy(logits, labels(...new Array(rows).fill(1)));
    return device.counters.dispatches - before;
  };
  assertEquals(
    [dispatches(8, 2), dispatches(64, 3), dispatches(65, 3)],
    [1, 1, 2],
  );
});

Deno.test("crossEntropy() is ln 2 for two equal logits", async () => {
  using _scope = device.scope();
  const loss = crossEntropy(zeros(device, [4, 2]), labels(0, 1, 1, 0));
  assertEquals(loss.shape, []);
  assertAlmostEquals(await loss.item(), Math.LN2, F32_OP.atol);
});

Deno.test("crossEntropy() is NaN if all rows are ignored, and its gradient 0", async () => {
  using _scope = device.scope();
  const logits = zeros(device, [2, 3], { requiresGrad: true });
  const loss = crossEntropy(logits, labels(-100, -100));
  loss.backward();
  assertEquals(await loss.item(), NaN);
  assertEquals([...await logits.grad!.toArray()], [0, 0, 0, 0, 0, 0]);
});

Deno.test("crossEntropy() propagates NaN, and no gradient of it to another row", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    await t.step(name, async () => {
      using _scope = device.scope();
      for (const bits of NOT_FINITE) {
        for (const labelSmoothing of [0, 0.1]) {
          const rows = Float32Array.of(2, 2, 0, 0);
          new Uint32Array(rows.buffer)[2] = bits;
          const logits = fromArray(device, rows, [2, 2], {
            requiresGrad: true,
          });
          const loss = crossEntropy(logits, labels(0, 1), { labelSmoothing });
          loss.backward();
          assertEquals(await loss.item(), NaN);
          const [a, b, ...others] = await logits.grad!.toArray();
          assertAlmostEquals(a!, -0.25 * (1 - labelSmoothing), F32_OP.atol);
          assertAlmostEquals(b!, 0.25 * (1 - labelSmoothing), F32_OP.atol);
          assertEquals(others, [NaN, NaN]);
          const ignoring = crossEntropy(logits, labels(0, -100));
          assertAlmostEquals(await ignoring.item(), Math.LN2, F32_OP.atol);
        }
      }
    });
  }
});

Deno.test("crossEntropy() rejects a label without a logit", () => {
  using _scope = device.scope();
  const logits = zeros(device, [3, 2]);
  assertThrows(
    () => crossEntropy(logits, labels(0, 1, 2)),
    RangeError,
    "Cannot take the cross-entropy of row 2: its label is 2, and logits of 2 columns have labels 0 to 1; make the model with a larger numLabels, or correct the label",
  );
  assertThrows(
    () => crossEntropy(logits, labels(0, 1)),
    RangeError,
    "Cannot take the cross-entropy of logits [3,2] with labels [2]: they must be [B,C] and [B]",
  );
});
