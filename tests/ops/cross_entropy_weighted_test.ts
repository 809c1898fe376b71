import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, type Tensor, zeros } from "../../mod.ts";
import {
  crossEntropy,
  type CrossEntropyOptions,
} from "../../lib/ops/cross_entropy.ts";
import losses from "../fixtures/losses.json" with { type: "json" };
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import { assertForward, assertGradients, input } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { recordKernels } from "../helpers/recording_device.ts";
import { crossEntropyOf, labels } from "./cross_entropy_reference.ts";

const CASES = [
  { columns: 1, list: labels(0, 0) },
  { columns: 2, list: labels(1, 0, 1) },
  { columns: 3, list: labels(2, -100, 0, 1, -100) },
  { columns: 300, list: labels(299, 0) },
  { columns: 3, list: labels(...Array.from({ length: 70 }, (_, i) => i % 3)) }, // two parts
];

const weightsOf = (columns: number) =>
  Array.from({ length: columns }, (_, c) => 0.25 + c % 5 / 4);

Deno.test("crossEntropy() with weights and smoothing matches the f64 reference, and its gradient central differences", async (t) => {
  for (const { columns, list } of CASES) {
    const weight = weightsOf(columns);
    const variants: CrossEntropyOptions[] = [
      { weight },
      { labelSmoothing: 0.1 },
      { weight, labelSmoothing: 0.3 },
      { weight, labelSmoothing: 0.3, reduction: "sum" },
    ];
    for (const options of variants) {
      await t.step(
        `[${list.shape},${columns}] ${Object.keys(options)}`,
        async () => {
          const logits = input([list.shape[0]!, columns]);
          await assertForward(crossEntropyOf(list, options), logits);
          await assertGradients(crossEntropyOf(list, options), logits);
        },
      );
    }
  }
});

Deno.test("crossEntropy() with weights and smoothing matches the f64 reference for 3000 classes", async () => {
  const options = { weight: weightsOf(3000), labelSmoothing: 0.1 };
  const op = crossEntropyOf(labels(2999, 0, 1234), options);
  await assertForward(op, input([3, 3000]));
});

Deno.test("crossEntropy() is PyTorch's, for all options", async (t) => {
  for (
    const { logits, labels: list, options, ...expected } of losses.crossEntropy
  ) {
    for (const { name, device } of KERNEL_SETS) {
      await t.step(
        `${name}: [${list}] ${JSON.stringify(options)}`,
        async () => {
          using _scope = device.scope();
          const leaf = fromArray(device, logits.flat(), [
            logits.length,
            logits[0]!.length,
          ], { requiresGrad: true });
          const loss = crossEntropy(
            leaf,
            labels(...list),
            options as CrossEntropyOptions,
          );
          loss.backward();
          const gradient = (expected.gradient as (number | string)[][]).flat();
          assertAllClose([await loss.item()], [Number(expected.loss)], F32_OP);
          assertAllClose(
            await leaf.grad!.toArray(),
            gradient.map(Number),
            F32_GRAD,
          );
        },
      );
    }
  }
});

Deno.test("crossEntropy() without weights and smoothing runs the kernels that have none", async () => {
  const labelsOf = async (options?: CrossEntropyOptions) => {
    const { kernels, error } = await recordKernels(
      { isSoftware: true, subgroupSize: 0 },
      async (device) => {
        using _scope = device.scope();
        const logits = zeros(device, [2, 3], { requiresGrad: true });
        const loss = crossEntropy(logits, labels(0, 2), options);
        loss.backward();
        await loss.item();
      },
    );
    assertEquals(error, undefined);
    return kernels.map(({ label }) => label)
      .filter((label) => label.startsWith("cross_entropy"));
  };
  const plain = ["cross_entropy", "cross_entropy_backward"];
  const weighted = [
    "cross_entropy_weighted",
    "cross_entropy_weighted_backward",
  ];
  for (
    const options of [undefined, { labelSmoothing: 0 }, {
      reduction: "sum",
      ignoreIndex: 1,
    }] as const
  ) {
    assertEquals(await labelsOf(options), plain);
  }
  for (const options of [{ weight: [1, 1, 1] }, { labelSmoothing: 0.1 }]) {
    assertEquals(await labelsOf(options), weighted);
  }
});

Deno.test("crossEntropy() with weights of 1 has the loss and the gradient without", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    await t.step(name, async () => {
      using _scope = device.scope();
      const run = async (options: CrossEntropyOptions) => {
        const logits = fromArray(device, input([40, 5]).values, [40, 5], {
          requiresGrad: true,
        });
        const loss = crossEntropy(
          logits,
          labels(...Array.from({ length: 40 }, (_, i) => i % 5)),
          options,
        );
        loss.backward();
        return [await loss.toArray(), await logits.grad!.toArray()];
      };
      const [loss, gradient] = await run({});
      const [sameLoss, sameGradient] = await run({
        weight: weightsOf(5).fill(1),
      });
      assertAllClose(sameLoss!, loss!, F32_OP);
      assertAllClose(sameGradient!, gradient!, F32_GRAD);
    });
  }
});

Deno.test("crossEntropy() with weights takes masked classes, of logit -∞", async () => {
  using _scope = device.scope();
  const logits = fromArray(device, [0, 0, -Infinity], [1, 3], {
    requiresGrad: true,
  });
  const loss = crossEntropy(logits, labels(1), { weight: [1, 2, 3] });
  loss.backward();
  assertAllClose([await loss.item()], [Math.LN2], F32_OP);
  assertAllClose(await logits.grad!.toArray(), [0.5, -0.5, 0], F32_GRAD);
});

Deno.test("crossEntropy() refuses options out of range", () => {
  using _scope = device.scope();
  const logits = zeros(device, [2, 3]);
  const run = (options: CrossEntropyOptions) => () =>
    crossEntropy(logits, labels(0, 1), options);
  const cases: [options: CrossEntropyOptions, message: string][] = [
    [
      { weight: [1, 2] },
      "weight has 2 numbers for logits of 3 columns; pass one for each class",
    ],
    [{ weight: [1, 2, 3, 4] }, "weight has 4 numbers for logits of 3 columns"],
    [
      { weight: Float32Array.of(1, -2, 1) },
      "weight[1] is -2; a weight is a number from 0",
    ],
    [{ weight: [1, 2, NaN] }, "weight[2] is NaN"],
    [{ weight: [Infinity, 2, 1] }, "weight[0] is Infinity"],
    [
      { labelSmoothing: 1.5 },
      "labelSmoothing is 1.5; it must be from 0 to 1",
    ],
    [{ labelSmoothing: -0.1 }, "labelSmoothing is -0.1"],
    [{ labelSmoothing: NaN }, "labelSmoothing is NaN"],
    [
      { reduction: "none" as "sum" },
      'reduction is "none"; it must be "mean" or "sum"',
    ],
  ];
  for (const [options, message] of cases) {
    assertThrows(
      run(options),
      RangeError,
      `Cannot take the cross-entropy: ${message}`,
    );
  }
  assertThrows(
    run({ weight: zeros(device, [3]) as Tensor & ArrayLike<number> }),
    TypeError,
    "Cannot take the cross-entropy: weight is a Tensor; pass an array of numbers, one for each class",
  );
});
