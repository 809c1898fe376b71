import { assertEquals } from "@std/assert";
import { fromArray, LayerNorm } from "../../mod.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

Deno.test("LayerNorm is initialised with scale 1 and shift 0", async () => {
  const layer = new LayerNorm(device, 3);
  assertEquals(layer.eps, 1e-5); // torch.nn.LayerNorm's
  assertEquals(Object.keys(layer.stateDict()), ["weight", "bias"]);
  assertEquals([...await layer.weight.toArray()], [1, 1, 1]);
  assertEquals([...await layer.bias!.toArray()], [0, 0, 0]);
});

Deno.test("LayerNorm without a shift has a scale alone", async () => {
  using _scope = device.scope();
  const layer = new LayerNorm(device, 4, { bias: false });
  assertEquals(layer.bias, undefined);
  assertEquals(Object.keys(layer.stateDict()), ["weight"]);
  const y = layer.forward(fromArray(device, [3, 3, 3, 3], [1, 4]));
  assertEquals([...await y.toArray()], [0, 0, 0, 0]);
});

Deno.test("LayerNorm normalises, then scales and shifts", async (t) => {
  // The default, and a value far larger than the variance of the input.
  for (const eps of [undefined, 2]) {
    await t.step(`eps ${eps ?? "default"}`, async () => {
      using _scope = device.scope();
      const layer = new LayerNorm(device, 5, eps === undefined ? {} : { eps });
      // So small that the default eps matters too.
      const x = values(10).map((v) => Math.fround(v / 256));
      const [weight, bias] = [values(5, 1), values(5, 2)];
      layer.loadStateDict({ weight, bias });
      const expected = [x.slice(0, 5), x.slice(5)].flatMap((row) => {
        const mean = row.reduce((a, b) => a + b) / 5;
        const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 5;
        const rstd = 1 / Math.sqrt(variance + (eps ?? 1e-5));
        return row.map((v, c) => weight[c]! * (v - mean) * rstd + bias[c]!);
      });
      const y = layer.forward(fromArray(device, x, [2, 5]));
      assertAllClose(await y.toArray(), expected, F32_OP);
    });
  }
});
