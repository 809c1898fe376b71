import { assert, assertEquals } from "@std/assert";
import { constant, fromArray, Initializer, Linear } from "../../mod.ts";
import { assertAllClose, F32_MATMUL } from "../helpers/all_close.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

Deno.test("Linear is x Wᵀ + b, for any leading dimensions", async (t) => {
  for (const bias of [true, false]) {
    await t.step(bias ? "with a bias" : "without", async () => {
      using _scope = device.scope();
      const layer = new Linear(device, 5, 3, { bias });
      const [x, weight, b] = [values(20), values(15, 1), values(3, 2)];
      layer.loadStateDict({ weight, ...bias && { bias: b } });
      const y = layer.forward(fromArray(device, x, [2, 2, 5]));
      assertEquals(y.shape, [2, 2, 3]);
      const expected = Array.from({ length: 12 }, (_, i) => {
        const [row, o] = [Math.floor(i / 3), i % 3];
        let sum = bias ? b[o]! : 0;
        for (let k = 0; k < 5; k++) sum += x[5 * row + k]! * weight[5 * o + k]!;
        return sum;
      });
      assertAllClose(await y.toArray(), expected, F32_MATMUL);
      assertEquals(
        Object.keys(layer.stateDict()),
        bias ? ["weight", "bias"] : ["weight"],
      );
    });
  }
});

Deno.test("Linear is initialised uniform over ±1/√inFeatures, as torch.nn.Linear", async () => {
  const layer = new Linear(device, 16, 256);
  for (const parameter of layer.parameters()) {
    const initial = await parameter.toArray();
    assert(initial.every((v) => Math.abs(v) <= 1 / 4), "none exceeds it");
    const largest = Math.max(...initial);
    const smallest = Math.min(...initial);
    assert(largest > 0.24 && smallest < -0.24, `${smallest} to ${largest}`);
  }
});

Deno.test("Linear takes an initializer and distributions of initial values", async () => {
  const drawn = async (seed: number) => {
    const initializer = new Initializer(seed);
    const layer = new Linear(device, 2, 2, { initializer });
    const bias = layer.bias!;
    return [[...await layer.weight.toArray()], [...await bias.toArray()]];
  };
  assertEquals(await drawn(3), await drawn(3));
  assert(String(await drawn(3)) !== String(await drawn(4)));
  const layer = new Linear(device, 2, 1, {
    weightInit: constant(2),
    biasInit: constant(3),
  });
  assertEquals([...await layer.weight.toArray()], [2, 2]);
  assertEquals([...await layer.bias!.toArray()], [3]);
});

Deno.test("Linear makes layers that differ by default", async () => {
  const [a, b] = [new Linear(device, 2, 2), new Linear(device, 2, 2)];
  assert(
    String(await a.weight.toArray()) !== String(await b.weight.toArray()),
  );
});
