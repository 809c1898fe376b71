import { assertEquals } from "@std/assert";
import { type Device, fromArray, mul, requestDevice, sum } from "../../mod.ts";
import { withWarnings } from "../metrics/warnings.ts";

/** Runs steps of a small loop; returns its warnings. */
async function train(
  steps: number,
  open: (device: Device) => Disposable | undefined,
): Promise<string[]> {
  using device = await requestDevice();
  const x = fromArray(device, [1, 2], [2], {
    requiresGrad: true,
    lifetime: "kept",
  });
  const [, warnings] = withWarnings(() => {
    for (let step = 0; step < steps; step++) {
      using _step = open(device);
      sum(mul(x, x)).backward();
      x.grad = undefined;
    }
  });
  return warnings;
}

Deno.test("a loop without scopes is warned of once, with the remedy", async () => {
  assertEquals(await train(200, () => undefined), [
    "warning: 50 steps ran outside a scope, and their tensors are not freed (1 MB so far): begin each step with `using _step = device.scope();`",
  ]);
  assertEquals(await train(49, () => undefined), []);
});

Deno.test("a loop with scopes is not warned of", async () => {
  assertEquals(await train(120, (device) => device.scope()), []);
});

Deno.test("scopes that are never disposed are warned of once", async () => {
  const handles: Disposable[] = [];
  const warnings = await train(20, (device) => {
    handles.push(device.scope());
    return undefined;
  });
  assertEquals(warnings, [
    "warning: 8 scopes are open: a scope ends only with `using`: begin each step with `using _step = device.scope();`",
  ]);
});
