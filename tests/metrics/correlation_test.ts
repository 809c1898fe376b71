import { assertEquals, assertThrows } from "@std/assert";
import { pearson, spearman } from "../../lib/metrics/correlation.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import { withWarnings } from "./warnings.ts";

// SciPy 1.17.1: pearsonr and spearmanr.
const CASES = [
  {
    predictions: [1, 2, 2, 4, 0.5],
    references: [0.9, 1.7, 2.4, 3, 3],
    scores: [0.3508923282711329, 0.15789473684210525],
  },
  {
    predictions: [1, 2, 2, 4, 0.5, 7, 7, 7],
    references: [1, 5, 2, 2, 9, 3, 3, 0],
    scores: [-0.4657683764791803, -0.29197615858887543],
  },
  { predictions: [1, 2], references: [3, 4], scores: [1, 1] },
  {
    predictions: [1, 2, 3],
    references: [9, 4, 1],
    scores: [-0.9897433186107869, -1],
  },
];

Deno.test("pearson() and spearman() match SciPy", () => {
  for (const { predictions, references, scores } of CASES) {
    assertAllClose(
      [pearson, spearman].map((score) => score(predictions, references)),
      scores,
      F64_HOST,
      `${predictions}`,
    );
  }
});

Deno.test("pearson() and spearman() of constant values are NaN, with a warning", () => {
  for (const score of [pearson, spearman]) {
    for (const [x, y] of [[[1, 1, 1], [1, 2, 3]], [[1, 2, 3], [0, 0, 0]]]) {
      const [result, warnings] = withWarnings(() => score(x!, y!));
      assertEquals(result, NaN);
      assertEquals(warnings, [
        "warning: An input array is constant; the correlation coefficient is not defined",
      ]);
    }
    assertEquals(withWarnings(() => score([1, NaN, 3], [1, 2, 3])), [NaN, []]);
  }
});

Deno.test("pearson() stays within -1 and 1", () => {
  // The formula alone gives 1.0000000000000002 for these.
  const x = [0.1, 0.2, 0.3, 0.1];
  assertEquals(pearson(x, x.map((value) => 1.5 * value)), 1);
  assertEquals(pearson(x, x.map((value) => -1.5 * value)), -1);
});

Deno.test("correlations reject unequal lengths, and fewer than two values", () => {
  for (const score of [pearson, spearman]) {
    assertThrows(
      () => score([1, 2, 3], [1, 2]),
      RangeError,
      "Mismatch in the number of predictions (3) and references (2)",
    );
    assertThrows(
      () => score([1], [1]),
      RangeError,
      "Cannot compute a correlation of 1 values: at least 2 are needed",
    );
  }
});
