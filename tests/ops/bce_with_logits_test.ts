import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import {
  bceWithLogits,
  type BceWithLogitsOptions,
} from "../../lib/ops/bce_with_logits.ts";
import type { HostArray } from "../../lib/ops/host_array.ts";
import losses from "../fixtures/losses.json" with { type: "json" };
import {
  assertAllClose,
  F32_BCE,
  F32_BCE_TAIL,
  F32_GRAD,
  F32_OP,
} from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { recordKernels } from "../helpers/recording_device.ts";

/** max(x, 0) - x · y + log(1 + exp(-|x|)) of one element, in f64. */
const lossOf = (x: number, y: number) =>
  Math.max(x, 0) - x * y + Math.log1p(Math.exp(-Math.abs(x)));

function bceOf(labels: HostArray, posWeight?: readonly number[]): CheckedOp {
  return {
    op: (logits) =>
      bceWithLogits(logits!, labels, posWeight ? { posWeight } : {}),
    reference(logits = []) {
      const losses = logits.map((x, i) => {
        const y = labels.data[i]!;
        const weight = posWeight?.[i % posWeight.length] ?? 1;
        return weight * y * lossOf(x, 1) + (1 - y) * lossOf(x, 0);
      });
      return [losses.reduce((a, b) => a + b) / losses.length];
    },
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

/** Weights of the label 1, 0 among them. */
const posWeightOf = (shape: readonly number[]) =>
  Array.from({ length: shape.at(-1)! }, (_, c) => c % 6 / 2);

Deno.test("bceWithLogits() with weights matches the f64 reference, and its gradient central differences", async (t) => {
  for (const shape of SHAPES) {
    for (const kind of KINDS) {
      await t.step(`[${shape}], ${kind} labels`, async () => {
        const op = bceOf(labelsOf(shape, kind), posWeightOf(shape));
        await assertForward(op, input(shape));
        if (shape.length === 2) await assertGradients(op, input(shape));
      });
    }
  }
});

Deno.test("bceWithLogits() is PyTorch's, with and without weights", async (t) => {
  for (const { logits, labels, options, ...expected } of losses.bceWithLogits) {
    const shape = [logits.length, logits[0]!.length];
    for (const { name, device } of KERNEL_SETS) {
      await t.step(
        `${name}: [${labels}] ${JSON.stringify(options)}`,
        async () => {
          using _scope = device.scope();
          const leaf = fromArray(device, logits.flat(), shape, {
            requiresGrad: true,
          });
          const list = { shape, data: labels.flat() };
          const loss = bceWithLogits(leaf, list, options);
          loss.backward();
          assertAllClose([await loss.item()], [expected.loss], F32_OP);
          assertAllClose(
            await leaf.grad!.toArray(),
            expected.gradient.flat(),
            F32_GRAD,
          );
        },
      );
    }
  }
});

Deno.test("bceWithLogits() without weights runs no kernel for them", async () => {
  const labelsOf = async (options?: BceWithLogitsOptions) => {
    const { kernels, error } = await recordKernels(
      { isSoftware: true, subgroupSize: 0 },
      async (device) => {
        using _scope = device.scope();
        const logits = zeros(device, [1, 4], { requiresGrad: true });
        const list = { shape: [1, 4], data: [0, 1, 0, 1] };
        const loss = bceWithLogits(logits, list, options);
        loss.backward();
        await loss.item();
      },
    );
    assertEquals(error, undefined);
    return kernels.map(({ label }) => label)
      .filter((label) => !label.startsWith("sum"));
  };
  const plain = ["accumulate", "bce_with_logits", "bce_with_logits_backward"];
  assertEquals((await labelsOf()).sort(), plain);
  const weighted = await labelsOf({ posWeight: [1, 2, 3, 4] });
  assertEquals(weighted.sort(), [...plain, "mul"]);
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
          const gradient = y === 0 ? sigmoid(x) : -sigmoid(-x);
          assertAllClose([await loss.item()], [lossOf(x, y)], tolerance, label);
          assertAllClose(
            await leaf.grad!.toArray(),
            [gradient],
            tolerance,
            `gradient of ${label}`,
          );
          const weighted = fromArray(device, [x], [1], { requiresGrad: true });
          const weightedLoss = bceWithLogits(
            weighted,
            { shape: [1], data: [y] },
            { posWeight: [3] },
          );
          weightedLoss.backward();
          const weight = y === 1 ? 3 : 1;
          assertAllClose(
            [await weightedLoss.item(), ...await weighted.grad!.toArray()],
            [weight * lossOf(x, y), weight * gradient],
            tolerance,
            `weighted ${label}`,
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

Deno.test("bceWithLogits() rejects weights that do not fit", () => {
  using _scope = device.scope();
  const logits = zeros(device, [2, 3]);
  const list = { shape: [2, 3], data: [0, 1, 0, 1, 0, 1] };
  assertThrows(
    () => bceWithLogits(logits, list, { posWeight: [1, 2] }),
    RangeError,
    "Cannot take the binary cross-entropy: posWeight has 2 numbers for logits of 3 columns; pass one for each class",
  );
  assertThrows(
    () => bceWithLogits(logits, list, { posWeight: [1, -2, 1] }),
    RangeError,
    "Cannot take the binary cross-entropy: posWeight[1] is -2; a weight is a number from 0",
  );
});
