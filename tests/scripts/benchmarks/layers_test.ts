import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  layersOf,
  productsOf,
  stepGflop,
} from "../../../scripts/benchmarks/layers.ts";

Deno.test("productsOf() lists the three products of a layer", () => {
  const [qkv] = layersOf("base", 8, 400);
  assertEquals(
    productsOf(qkv!).map(({ layout, m, n, k }) => [layout, m, n, k]),
    [
      ["NT", 400, 2304, 768],
      ["NN", 400, 768, 2304],
      ["TN", 2304, 768, 400],
    ],
  );
});

Deno.test("stepGflop() counts 6 operations per weight and row", () => {
  const encoder = 12 * 12 * 768 * 768; // weights of 12 layers, each 12 H²
  const head = 8 * (768 * 768 + 768 * 2);
  assertAlmostEquals(
    stepGflop("base", 8, 400),
    6 * (400 * encoder + head) / 1e9,
    1e-9,
  );
});

Deno.test("stepGflop() counts the parts that an encoder adds", () => {
  const head = 768 * 768 + 768 * 2;
  const modernBert = 22 * 400 * 768 * (4 * 768 + 3 * 1152); // gate and input
  assertAlmostEquals(
    stepGflop("modernbert-base", 8, 400),
    6 * (modernBert + 8 * head) / 1e9,
    1e-9,
  );
  const deberta = stepGflop("deberta-v3-base", 8, 400);
  const positions = 12 * 512 * 2 * 768 * 768;
  assertAlmostEquals(
    deberta - stepGflop("base", 8, 400),
    6 * positions / 1e9,
    1e-9,
  );
});
