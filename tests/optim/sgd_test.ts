import { assertEquals, assertThrows } from "@std/assert";
import { SGD, type SGDOptions } from "../../mod.ts";
import optim from "../fixtures/optim.json" with { type: "json" };
import { assertAllClose, OPTIM_STEPS } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import {
  assignGradients,
  LAYOUTS,
  type Leaves,
  leavesOf,
  valuesOf,
  type Vectors,
} from "./leaves.ts";

/** Asserts that the parameters are those of the reference after every step. */
async function assertTrajectory(
  leaves: Leaves,
  optimizer: SGD,
  gradients: readonly Record<string, number[] | null>[],
  after: readonly Vectors[],
): Promise<void> {
  for (const [i, expected] of after.entries()) {
    using _step = device.scope();
    assignGradients(leaves, gradients[i]!);
    optimizer.step();
    for (const [name, values] of Object.entries(await valuesOf(leaves))) {
      const label = `${name} after step ${i + 1}`;
      assertAllClose(values, expected[name]!, OPTIM_STEPS, label);
    }
  }
}

for (const { name, make } of LAYOUTS) {
  Deno.test(`SGD matches PyTorch, parameters ${name}`, async (t) => {
    for (const { options, after } of optim.sgd) {
      await t.step(JSON.stringify(options), () => {
        const leaves = make(optim.parameters);
        const optimizer = new SGD(Object.values(leaves), options);
        return assertTrajectory(leaves, optimizer, optim.gradients, after);
      });
    }
  });
}

Deno.test("SGD applies dampening from the second step on", async () => {
  // b = 1, then 0.5·1 + (1 - 0.75)·2 = 1, then 0.5·1 + 0.25·4 = 1.5
  const leaves = leavesOf({ p: [0] });
  const options = { lr: 1, momentum: 0.5, dampening: 0.75 };
  const optimizer = new SGD(Object.values(leaves), options);
  await assertTrajectory(
    leaves,
    optimizer,
    [{ p: [1] }, { p: [2] }, { p: [4] }],
    [{ p: [-1] }, { p: [-2] }, { p: [-3.5] }],
  );
});

Deno.test("SGD uses the settings of each group, in one flat buffer too", async (t) => {
  for (const { name, make } of LAYOUTS) {
    await t.step(name, async () => {
      const leaves = make({ a: [1], b: [1], c: [1] });
      const { a, b, c } = leaves;
      const optimizer = new SGD(
        [{ params: [a, c], lr: 0.5 }, { params: [b], weightDecay: 2 }],
        { lr: 0.25 },
      );
      // b: 1 - 0.25·(1 + 2·1)
      await assertTrajectory(
        leaves,
        optimizer,
        [{ a: [1], b: [1], c: [2] }],
        [{ a: [0.5], b: [0.25], c: [0] }],
      );
    });
  }
});

Deno.test("SGD rejects settings out of range", async (t) => {
  const { p } = leavesOf({ p: [1] });
  const nesterov = "Nesterov momentum requires a momentum and zero dampening";
  const cases: [SGDOptions, string][] = [
    [{ lr: -1 }, "Invalid learning rate: -1"],
    [{ momentum: -0.9 }, "Invalid momentum value: -0.9"],
    [{ weightDecay: -1 }, "Invalid weight_decay value: -1"],
    [{ nesterov: true }, nesterov],
    [{ nesterov: true, momentum: 0.9, dampening: 0.1 }, nesterov],
  ];
  for (const [options, message] of cases) {
    await t.step(JSON.stringify(options), () => {
      const make = () => new SGD([p], options);
      assertEquals(assertThrows(make, RangeError).message, message);
    });
  }
});

Deno.test("SGD rejects a learning rate in place of its options", () => {
  const { p } = leavesOf({ p: [1] });
  const lr: unknown = 0.1;
  assertEquals(
    assertThrows(() => new SGD([p], lr as SGDOptions), TypeError).message,
    "Cannot make SGD: its options are the number 0.1, not an object; pass { lr: 0.1 }",
  );
});
