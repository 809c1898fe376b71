import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromArray, Initializer, Linear, noGrad } from "../../mod.ts";
import { assertAllClose, F32_MATMUL } from "../helpers/all_close.ts";
import { assertSameBits, values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

const NONE = { r: 3, alpha: 6, dropout: 0 };

/** A layer of 5 inputs with an update whose B is not 0. */
function adapted(outputs: number, settings = NONE): Linear {
  const layer = new Linear(device, 5, outputs);
  layer.addLora(settings, new Initializer(outputs));
  layer.loraB!.weight.load(Float32Array.from(values(outputs * settings.r)));
  return layer;
}

Deno.test("Linear.addLora() starts with an update of 0: A uniform over ±1/√inFeatures, B 0", async () => {
  const layer = new Linear(device, 16, 9);
  layer.addLora({ r: 40, alpha: 1, dropout: 0 }, new Initializer(3));
  const shapes = Object.entries(layer.stateDict())
    .map(([name, { shape }]) => [name, shape]);
  assertEquals(Object.fromEntries(shapes), {
    "weight": [9, 16],
    "bias": [9],
    "lora_A.weight": [40, 16],
    "lora_B.weight": [9, 40],
  });
  const a = await layer.loraA!.weight.toArray();
  assert(a.every((value) => Math.abs(value) <= 1 / 4), "none exceeds it");
  assert(Math.max(...a) > 0.24 && Math.min(...a) < -0.24);
  const b = await layer.loraB!.weight.toArray();
  assertEquals(b, new Float32Array(360));
});

Deno.test("Linear.concat() is the outputs of layers, with an update or without", async () => {
  using _scope = device.scope();
  const x = fromArray(device, values(20), [2, 2, 5]);
  const layers = [adapted(3), new Linear(device, 5, 1), adapted(2)];
  for (const options of [{}, { activation: "gelu" }] as const) {
    const y = Linear.concat(x, layers, options);
    assertEquals(y.shape, [2, 2, 6]);
    const separate = await Promise.all(
      layers.map((layer) => layer.forward(x, options).toArray()),
    );
    const expected = Array.from(
      { length: 4 },
      (_, row) => [
        ...separate[0]!.subarray(3 * row, 3 * row + 3),
        separate[1]![row]!,
        ...separate[2]!.subarray(2 * row, 2 * row + 2),
      ],
    ).flat();
    assertAllClose(await y.toArray(), expected, F32_MATMUL);
  }
});

Deno.test("Linear.forward() keeps no more memory with an update than its result, if no gradient needs it", () => {
  using _noGrad = noGrad();
  using _scope = device.scope();
  const x = fromArray(device, new Float32Array(5 * 4096), [4096, 5]);
  const layer = adapted(32);
  layer.forward(x, { activation: "gelu" }); // the parameters are allocated
  const before = device.memory.liveBytes;
  const y = layer.forward(x, { activation: "gelu" });
  const kept = device.memory.liveBytes - before;
  assert(kept < 2 * y.byteLength, `${kept} bytes for ${y.byteLength}`);
});

Deno.test("Linear.mergeLora() adds alpha/r B A to the weight, and removes the update", async () => {
  using _scope = device.scope();
  const layer = adapted(3);
  const { weight, loraA, loraB } = layer;
  const [w, a, b] = await Promise.all(
    [weight, loraA!.weight, loraB!.weight].map((p) => p.toArray()),
  );
  const x = fromArray(device, values(10), [2, 5]);
  const unmerged = await layer.forward(x).toArray();
  layer.mergeLora();
  const expected = Array.from({ length: 15 }, (_, at) => {
    const [o, i] = [Math.floor(at / 5), at % 5];
    let sum = 0;
    for (let k = 0; k < 3; k++) sum += b![3 * o + k]! * a![5 * k + i]!;
    return w![at]! + 6 / 3 * sum;
  });
  const merged = await weight.toArray();
  assertAllClose(merged, expected, F32_MATMUL);
  assertEquals(Object.keys(layer.stateDict()), ["weight", "bias"]);
  assertEquals(weight.hasGrad, false);
  assertAllClose(await layer.forward(x).toArray(), unmerged, F32_MATMUL);
  layer.mergeLora(); // of a layer without an update
  assertSameBits(await weight.toArray(), merged);
});

Deno.test("Linear.forward() refuses an update with dropout without a key for it", () => {
  using _scope = device.scope();
  const layer = adapted(3, { ...NONE, dropout: 0.5 });
  const x = fromArray(device, values(5), [1, 5]);
  assertThrows(
    () => layer.forward(x),
    TypeError,
    "Cannot apply the dropout of a low-rank update: forward got no dropoutKey; pass the context of the encoder",
  );
});
