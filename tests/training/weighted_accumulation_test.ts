import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  crossEntropy,
  type CrossEntropyOptions,
  DataLoader,
  fromArray,
  GradientAccumulation,
  linear,
  mul,
} from "../../mod.ts";
import {
  assertAllClose,
  BATCH_INVARIANCE,
  F32_OP,
} from "../helpers/all_close.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

/** Rows of 5 numbers, with labels of which some batches have only the first. */
const ROWS = Array.from({ length: 11 }, (_, i) => ({
  x: values(5, i),
  label: i < 5 ? 0 : i % 3,
}));
const CLASSES = 3;

/** Losses and gradients of each optimizer step of an epoch of a linear classifier. */
async function epoch(
  [batches, batchSize]: readonly [number, number],
  weight: number[],
  options: CrossEntropyOptions,
  seed?: number,
) {
  const loader = new DataLoader(ROWS, {
    batchSize,
    ...seed === undefined ? {} : { shuffle: true, seed },
    collateFn: (rows) => rows,
  });
  const weights = ROWS.map(({ label }) => weight[label]!);
  const accumulation = new GradientAccumulation(loader, batches, { weights });
  using _scope = device.scope();
  const start = values(CLASSES * 5, 3);
  const layer = () =>
    fromArray(device, start, [CLASSES, 5], { requiresGrad: true });
  const steps: { loss: number; gradient: Float32Array }[] = [];
  let [w, losses] = [layer(), [] as Promise<number>[]];
  for await (const batch of loader) {
    const x = fromArray(device, batch.flatMap(({ x }) => x), [batch.length, 5]);
    const labels = batch.map(({ label }) => label);
    const sum = crossEntropy(
      linear(x, w),
      { shape: [batch.length], data: labels },
      { ...options, weight, reduction: "sum" },
    );
    const current = accumulation.current;
    const part = mul(sum, 1 / current.weight);
    part.backward();
    losses.push(part.item());
    if (!current.isLast) continue;
    const loss = (await Promise.all(losses)).reduce((a, b) => a + b);
    steps.push({ loss, gradient: await w.grad!.toArray() });
    [w, losses] = [layer(), []];
  }
  return steps;
}

/** The weighted mean over rows, as `crossEntropy` of all of them returns it, and its gradient. */
async function whole(rows: typeof ROWS, options: CrossEntropyOptions) {
  using _scope = device.scope();
  const w = fromArray(device, values(CLASSES * 5, 3), [CLASSES, 5], {
    requiresGrad: true,
  });
  const x = fromArray(device, rows.flatMap(({ x }) => x), [rows.length, 5]);
  const labels = rows.map(({ label }) => label);
  const list = { shape: [rows.length], data: labels };
  const loss = crossEntropy(linear(x, w), list, options);
  loss.backward();
  return { loss: await loss.item(), gradient: await w.grad!.toArray() };
}

const WINDOWS = [[1, 8], [2, 4], [4, 2], [8, 1]] as const;
const VARIANTS: { weight: number[]; options: CrossEntropyOptions }[] = [
  { weight: [0.25, 4, 1.5], options: {} },
  { weight: [0.25, 4, 1.5], options: { labelSmoothing: 0.2 } },
  // Whole batches weigh 0: their own mean would be NaN.
  { weight: [0, 4, 1.5], options: {} },
  { weight: [0, 4, 1.5], options: { labelSmoothing: 0.2 } },
];

Deno.test("GradientAccumulation.current.weight gives the weighted mean of the whole window, for any batches", async (t) => {
  for (const { weight, options } of VARIANTS) {
    const expected = await Promise.all([
      whole(ROWS.slice(0, 8), { ...options, weight }),
      whole(ROWS.slice(8), { ...options, weight }),
    ]);
    for (const window of WINDOWS) {
      await t.step(
        `${window[0]} x ${window[1]}, ${JSON.stringify({ weight, options })}`,
        async () => {
          const steps = await epoch(window, weight, options);
          assertEquals(steps.length, 2); // the last of 3 rows
          steps.forEach(({ loss, gradient }, i) => {
            assertAllClose([loss], [expected[i]!.loss], F32_OP);
            assertAllClose(gradient, expected[i]!.gradient, BATCH_INVARIANCE);
          });
        },
      );
    }
  }
});

Deno.test("GradientAccumulation.current.weight follows the order of the loader", async () => {
  const [{ weight, options }] = VARIANTS as [(typeof VARIANTS)[0]];
  const [whole8, ...parts] = await Promise.all(
    WINDOWS.map((window) => epoch(window, weight, options, 7)),
  );
  for (const steps of parts) {
    steps.forEach(({ gradient }, i) =>
      assertAllClose(gradient, whole8![i]!.gradient, BATCH_INVARIANCE)
    );
  }
  const sequential = await epoch(WINDOWS[0], weight, options);
  assert(Math.abs(sequential[0]!.loss - whole8![0]!.loss) > 1e-3);
});

Deno.test("GradientAccumulation.current.weight is the sum of the weights of the window", async () => {
  const loader = new DataLoader([10, 11, 12, 13, 14], {
    batchSize: 1,
    sampler: [4, 2, 0, 1, 3],
    collateFn: ([row]) => row!,
  });
  const weights = Float64Array.of(1, 2, 4, 8, 16);
  const accumulation = new GradientAccumulation(loader, 2, { weights });
  const seen: number[] = [];
  for await (const _ of loader) seen.push(accumulation.current.weight);
  assertEquals(seen, [20, 20, 3, 3, 8]);
});

Deno.test("GradientAccumulation refuses a row without a weight", () => {
  const loader = new DataLoader([1, 2, 3], {
    batchSize: 3,
    collateFn: (rows) => rows,
  });
  loader.state = { epoch: 0, batch: 1 };
  for (
    const [weights, message] of [
      [[1, 2], "row 2 of the data set: its weight is undefined"],
      [[1, NaN, 2], "row 1 of the data set: its weight is NaN"],
      [[-1, 1, 2], "row 0 of the data set: its weight is -1"],
      [[1, 1, Infinity], "row 2 of the data set: its weight is Infinity"],
    ] as const
  ) {
    assertThrows(
      () => new GradientAccumulation(loader, 2, { weights }).current,
      RangeError,
      `Cannot weigh ${message}; pass a number from 0 for each row`,
    );
  }
});
