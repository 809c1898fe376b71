import { assertEquals, assertThrows } from "@std/assert";
import { assertAllClose, type Tolerance } from "./all_close.ts";

const QUARTER: Tolerance = { atol: 0.25, rtol: 0.5 };

Deno.test("assertAllClose() returns the fraction of the tolerance used", () => {
  // |1.25 - 1| / (0.25 + 0.5·1) = 1/3, |-4 - -2| / (0.25 + 0.5·2) = 1.6
  assertEquals(assertAllClose([1.25, 7], [1, 7], QUARTER), 1 / 3);
  assertEquals(assertAllClose([], [], QUARTER), 0);
  assertEquals(assertAllClose([Infinity], [Infinity], QUARTER), 0);
});

Deno.test("assertAllClose() names the worst element", async (t) => {
  const cases: [number[], number[], string][] = [
    [
      [1.25, -4, 0],
      [1, -2, 0],
      "dX[1] is -4, expected -2: 1.60 times the tolerance (atol 0.25, rtol 0.5)",
    ],
    [
      [9, NaN],
      [0, 0],
      "dX[1] is NaN, expected 0: NaN times the tolerance (atol 0.25, rtol 0.5)",
    ],
    [
      [-Infinity],
      [Infinity],
      "dX[0] is -Infinity, expected Infinity: NaN times the tolerance (atol 0.25, rtol 0.5)",
    ],
    [[1], [1, 2], "dX: 1 elements, expected 2"],
  ];
  for (const [actual, expected, message] of cases) {
    await t.step(message, () => {
      const compare = () => assertAllClose(actual, expected, QUARTER, "dX");
      assertEquals(assertThrows(compare, Error).message, message);
    });
  }
});
