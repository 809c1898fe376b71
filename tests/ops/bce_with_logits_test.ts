import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { bceWithLogits } from "../../lib/ops/bce_with_logits.ts";
import type { HostArray } from "../../lib/ops/host_array.ts";
import { assertAllClose, F32_BCE, F32_BCE_TAIL } from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

/** max(x, 0) - x · y + log(1 + exp(-|x|)) of one element, in f64. */
const lossOf = (x: number, y: number) =>
  Math.max(x, 0) - x * y + Math.log1p(Math.exp(-Math.abs(x)));

function bceOf(labels: HostArray): CheckedOp {
  return {
    op: (logits) => bceWithLogits(logits!, labels),
    reference: (logits = []) => [
      logits.reduce((sum, x, i) => sum + lossOf(x, labels.data[i]!), 0) /
      logits.length,
    ],
  };
}

/** Labels 0 and 1 as a collator makes them, and labels in between. */
function labelsOf(shape: readonly number[], kind: "hard" | "soft"): HostArray {
  const length = shape.reduce((product, size) => product * size, 1);
  const data = kind === "hard"
    ? Int32Array.from({ length }, (_, i) => Number(i * i % 3 === 1))
    : Float32Array.from({ length }, (_, i) => i % 9 / 8);
  return { shape, data };
}

// Less than a workgroup, no multiple of 4, and two levels of sums.
const SHAPES = [[2, 4], [3, 7], [5, 1, 400]];
const KINDS = ["hard", "soft"] as const;

Deno.test("bceWithLogits() matches the f64 reference", async (t) => {
  for (const shape of SHAPES) {
    for (const kind of KINDS) {
      await t.step(`[${shape}], ${kind} labels`, async () => {
        await assertForward(bceOf(labelsOf(shape, kind)), input(shape));
      });
    }
  }
});

Deno.test("bceWithLogits() gradient matches central differences", async (t) => {
  for (const shape of SHAPES.slice(0, 2)) {
    for (const kind of KINDS) {
      await t.step(`[${shape}], ${kind} labels`, async () => {
        await assertGradients(bceOf(labelsOf(shape, kind)), input(shape));
      });
    }
  }
});

Deno.test("bceWithLogits() has a small relative error, also for confident logits", async (t) => {
  // Beyond ±87, exp(-|x|) underflows.
  const logits = [0, 0.01, 0.5, 1, 3, 8, 17, 30, 80].flatMap((x) =>
    [x, -x].map(Math.fround)
  );
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  for (const { name, device } of KERNEL_SETS) {
    await t.step(name, async () => {
      for (const x of logits) {
        const tolerance = Math.abs(x) <= 1 ? F32_BCE : F32_BCE_TAIL;
        for (const y of [0, 1]) {
          using _scope = device.scope();
          const leaf = fromArray(device, [x], [1], { requiresGrad: true });
          const loss = bceWithLogits(leaf, { shape: [1], data: [y] });
          loss.backward();
          const label = `logit ${x}, label ${y}`;
          assertAllClose([await loss.item()], [lossOf(x, y)], tolerance, label);
          assertAllClose(
            await leaf.grad!.toArray(),
            [y === 0 ? sigmoid(x) : -sigmoid(-x)],
            tolerance,
            `gradient of ${label}`,
          );
        }
      }
    });
  }
});

Deno.test("bceWithLogits() is exact for extreme logits", async (t) => {
  const logits = [100, -100, 1e4, -1e4];
  // The loss is |x| if the label is wrong, and 0 otherwise.
  const cases = [
    { data: [1, 0, 1, 0], loss: 0, grad: [0, 0, 0, 0] },
    { data: [0, 1, 0, 1], loss: 5050, grad: [0.25, -0.25, 0.25, -0.25] },
  ];
  for (const { name, device } of KERNEL_SETS) {
    for (const { data, loss, grad } of cases) {
      await t.step(`${name}: ${data}`, async () => {
        using _scope = device.scope();
        const leaf = fromArray(device, logits, [4], { requiresGrad: true });
        const value = bceWithLogits(leaf, { shape: [4], data });
        value.backward();
        assertEquals(value.shape, []);
        assertAllClose([await value.item()], [loss], F32_BCE_TAIL);
        assertAllClose(await leaf.grad!.toArray(), grad, F32_BCE_TAIL);
      });
    }
  }
});

Deno.test("bceWithLogits() propagates NaN", async () => {
  using _scope = device.scope();
  const logits = fromArray(device, [1, NaN], [2]);
  const loss = bceWithLogits(logits, { shape: [2], data: [0, 1] });
  assertEquals(await loss.item(), NaN);
});

Deno.test("bceWithLogits() rejects other shapes, and labels outside [0, 1]", () => {
  using _scope = device.scope();
  const logits = zeros(device, [2, 3]);
  assertThrows(
    () => bceWithLogits(logits, { shape: [6], data: [0, 1, 0, 1, 0, 1] }),
    RangeError,
    "Cannot take the binary cross-entropy of logits [2,3] with labels [6]: the shapes differ",
  );
  for (const label of [2, -1, NaN]) {
    const data = [0, 1, 0, 1, label, 1];
    assertThrows(
      () => bceWithLogits(logits, { shape: [2, 3], data }),
      RangeError,
      `Cannot take the binary cross-entropy of label ${label}, at position 4: labels must be in [0, 1]`,
    );
  }
});
