import { assertEquals, assertThrows } from "@std/assert";
import { AdamW, type AdamWOptions, getScheduler } from "../../mod.ts";
import optim from "../fixtures/optim.json" with { type: "json" };
import { assertAllClose, F32_OP, OPTIM_STEPS } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import {
  assignGradients,
  LAYOUTS,
  type Leaves,
  leavesOf,
  valuesOf,
  type Vectors,
} from "./leaves.ts";

/** Asserts that the parameters are PyTorch's after every step. */
async function assertTrajectory(
  leaves: Leaves,
  optimizer: AdamW,
  after: readonly Vectors[],
  afterStep: () => void = () => {},
): Promise<void> {
  for (const [i, gradients] of optim.gradients.entries()) {
    using _step = device.scope();
    assignGradients(leaves, gradients);
    optimizer.step();
    afterStep();
    for (const [name, values] of Object.entries(await valuesOf(leaves))) {
      const label = `${name} after step ${i + 1}`;
      assertAllClose(values, after[i]![name]!, OPTIM_STEPS, label);
    }
  }
}

for (const { name, make } of LAYOUTS) {
  Deno.test(`AdamW matches PyTorch, parameters ${name}`, async (t) => {
    await t.step("with its defaults", () => {
      const leaves = make(optim.parameters);
      const optimizer = new AdamW(Object.values(leaves));
      return assertTrajectory(leaves, optimizer, optim.adamWDefaults.after);
    });

    await t.step("with other settings", () => {
      const { options, after } = optim.adamWOptions;
      const leaves = make(optim.parameters);
      const optimizer = new AdamW(
        Object.values(leaves),
        options as AdamWOptions & typeof options,
      );
      return assertTrajectory(leaves, optimizer, after);
    });

    await t.step("with two groups and a decreasing rate", () => {
      const { lr, groups, numTrainingSteps, after } = optim.adamWGroups;
      const leaves = make(optim.parameters);
      const optimizer = new AdamW(
        groups.map(({ params, ...settings }) => ({
          ...settings,
          params: params.map((name) => leaves[name as "a" | "b"]),
        })),
        { lr },
      );
      const scheduler = getScheduler("linear", optimizer, {
        numWarmupSteps: 0,
        numTrainingSteps,
      });
      return assertTrajectory(
        leaves,
        optimizer,
        after,
        () => scheduler.step(),
      );
    });
  });
}

// torch.optim.AdamW in f64, lr 1e-3 and weight decay 1e-2, over three steps.
const MOMENTS = {
  p: [1, -2, 0.5, 3],
  gradients: [[0.1, -0.2, 0.3, 0], [0.05, 0.1, -0.4, 0], [
    -0.3,
    0.2,
    0.1,
    1e-9,
  ]],
  after: {
    p: [
      0.9983850736889962,
      -1.9989463830656566,
      0.4991998404677966,
      2.9998751156398957,
    ],
    expAvg: [-0.0174, 0.0128, -0.0017, 1e-10],
    expAvgSq: [0.00010247751, 8.991004e-05, 0.00025966009, 1e-21],
  },
};

Deno.test("AdamW has PyTorch's moments", async () => {
  const leaves = leavesOf({ p: MOMENTS.p });
  const optimizer = new AdamW(Object.values(leaves), { lr: 1e-3 });
  for (const p of MOMENTS.gradients) {
    using _step = device.scope();
    assignGradients(leaves, { p });
    optimizer.step();
  }
  const { step, tensors } = optimizer.stateDict().state[0]!;
  assertEquals(step, 3);
  const [p, expAvg, expAvgSq] = [
    await leaves.p.toArray(),
    await tensors.expAvg!.toArray(),
    await tensors.expAvgSq!.toArray(),
  ];
  const { after } = MOMENTS;
  assertAllClose(p, after.p, OPTIM_STEPS, "p");
  // They are as small as 1e-21: compare their ratios with 1.
  const ratios = (values: Float32Array, expected: number[]) =>
    Array.from(values, (value, i) => value / expected[i]!);
  const ones = [1, 1, 1, 1];
  assertAllClose(ratios(expAvg, after.expAvg), ones, F32_OP, "expAvg");
  assertAllClose(ratios(expAvgSq, after.expAvgSq), ones, F32_OP, "expAvgSq");
});

Deno.test("AdamW uses the current rate of its group", async () => {
  // Without weight decay the first step has length lr for any gradient.
  const leaves = leavesOf({ p: [1, 1] });
  const optimizer = new AdamW(Object.values(leaves), {
    lr: 1,
    weightDecay: 0,
  });
  optimizer.paramGroups[0]!.lr = 0.25;
  assignGradients(leaves, { p: [2, -1] });
  optimizer.step();
  assertAllClose(await leaves.p.toArray(), [0.75, 1.25], OPTIM_STEPS);
});

Deno.test("AdamW rejects settings out of range", async (t) => {
  const { p } = leavesOf({ p: [1] });
  const cases: [AdamWOptions, string][] = [
    [{ lr: -1 }, "Invalid learning rate: -1"],
    [{ lr: NaN }, "Invalid learning rate: NaN"],
    [{ eps: -1e-8 }, "Invalid epsilon value: -1e-8"],
    [{ betas: [-0.1, 0.999] }, "Invalid beta parameter at index 0: -0.1"],
    [{ betas: [0.9, 1] }, "Invalid beta parameter at index 1: 1"],
    [{ weightDecay: -0.01 }, "Invalid weight_decay value: -0.01"],
  ];
  for (const [options, message] of cases) {
    await t.step(message, () => {
      const inDefaults = () => new AdamW([p], options);
      const inGroup = () => new AdamW([{ params: [p], ...options }]);
      assertEquals(assertThrows(inDefaults, RangeError).message, message);
      assertEquals(assertThrows(inGroup, RangeError).message, message);
    });
  }
});

Deno.test("AdamW rejects a learning rate in place of its options", () => {
  const { p } = leavesOf({ p: [1] });
  const lr: unknown = 5e-5;
  assertEquals(
    assertThrows(() => new AdamW([p], lr as AdamWOptions), TypeError).message,
    "Cannot make AdamW: its options are the number 0.00005, not an object; pass { lr: 0.00005 }",
  );
});
