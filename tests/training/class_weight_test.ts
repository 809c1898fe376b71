import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { computeClassWeight } from "../../mod.ts";

Deno.test("computeClassWeight() is rows / (classes · rows of the class)", () => {
  // The example of scikit-learn's compute_class_weight.
  assertEquals(computeClassWeight([1, 1, 1, 1, 0, 0], 2), [1.5, 0.75]);
  assertEquals(computeClassWeight(Int32Array.of(2, 0, 1, 0, 0), 3), [
    5 / 9,
    5 / 3,
    5 / 3,
  ]);
  assertEquals(computeClassWeight([0, 0], 1), [1]);
});

Deno.test("computeClassWeight() weighs the rows as many as they are", () => {
  const labels = Array.from({ length: 100 }, (_, i) => Number(i % 7 === 0));
  const weight = computeClassWeight(labels, 2);
  const sum = labels.reduce((sum, label) => sum + weight[label]!, 0);
  assertAlmostEquals(sum, 100, 1e-12);
});

Deno.test("computeClassWeight() refuses other labels, and a class without rows", () => {
  for (const label of [2, -1, 0.5]) {
    assertThrows(
      () => computeClassWeight([0, 1, label], 2),
      RangeError,
      `Cannot balance 2 classes: the label of row 2 is ${label}, not one of 0 to 1`,
    );
  }
  assertThrows(
    () => computeClassWeight([0, 2, 2], 3),
    RangeError,
    "Cannot balance 3 classes: class 1 has no rows; add some, or give the weights as numbers",
  );
});
