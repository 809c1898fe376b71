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
