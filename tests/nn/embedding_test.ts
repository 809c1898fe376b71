import { assert, assertEquals } from "@std/assert";
import { AdamW, Embedding, HostTensor, mul, sum } from "../../mod.ts";
import { device } from "../helpers/device.ts";

const IDS = HostTensor.from([[3, 0], [1, 3]]);
const TABLE = [1, 2, 3, 4, 5, 6, 7, 8];

Deno.test("Embedding looks up rows", async () => {
  using _scope = device.scope();
  const layer = new Embedding(device, 4, 2);
  layer.loadStateDict({ weight: TABLE });
  const y = layer.forward(IDS);
  assertEquals(y.shape, [2, 2, 2]);
  assertEquals([...await y.toArray()], [7, 8, 1, 2, 3, 4, 7, 8]);
  sum(y).backward();
  assertEquals(
    [...await layer.weight.grad!.toArray()],
    [1, 1, 1, 1, 0, 0, 2, 2],
  );
});

Deno.test("Embedding is initialised standard normal, as torch.nn.Embedding", async () => {
  const layer = new Embedding(device, 64, 64);
  assert(layer.weight.isTable);
  const weight = await layer.weight.toArray();
  const mean = weight.reduce((a, b) => a + b) / weight.length;
  const squares = weight.reduce((sum, v) => sum + v * v, 0) / weight.length;
  // Five standard errors.
  const bound = 5 / Math.sqrt(weight.length);
  assert(Math.abs(mean) < bound, `the mean is ${mean}`);
  assert(
    Math.abs(squares - 1) < Math.SQRT2 * bound,
    `the variance is ${squares}`,
  );
});

Deno.test("Embedding keeps the row of the padding token at 0", async () => {
  using _scope = device.scope();
  const layer = new Embedding(device, 4, 2, { paddingIdx: 3 });
  const before = await layer.weight.toArray();
  assertEquals([...before.slice(6)], [0, 0]);
  assert(before.slice(0, 6).every((v) => v !== 0), "other rows are drawn");
  const optimizer = new AdamW(layer.parameters(), { lr: 0.5 });
  sum(mul(layer.forward(IDS), 3)).backward();
  assertEquals(
    [...await layer.weight.grad!.toArray()],
    [3, 3, 3, 3, 0, 0, 0, 0],
  );
  optimizer.step();
  assertEquals([...(await layer.weight.toArray()).slice(6)], [0, 0]);
});
