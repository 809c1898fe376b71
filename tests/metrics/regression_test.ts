import { assertEquals, assertThrows } from "@std/assert";
import { pearson, spearman } from "../../lib/metrics/correlation.ts";
import {
  meanAbsoluteError,
  meanSquaredError,
  r2Score,
} from "../../lib/metrics/regression.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import { GOLDEN, numbers } from "./golden_metrics.ts";
import { withWarnings } from "./warnings.ts";

Deno.test("meanSquaredError(), meanAbsoluteError(), r2Score(), pearson() and spearman() match scikit-learn and SciPy", () => {
  for (const { predictions, references, ...golden } of GOLDEN.regression) {
    const scores = [meanSquaredError, meanAbsoluteError, r2Score];
    const expected = [golden.mse, golden.mae, golden.r2];
    if (references.length > 1) {
      scores.push(pearson, spearman);
      expected.push(golden.pearson!, golden.spearman!);
    }
    assertAllClose(
      scores.map((score) =>
        withWarnings(() => score(predictions, references))[0]
      ),
      numbers(expected),
      F64_HOST,
      `${references.length} rows`,
    );
  }
});

Deno.test("r2Score() of constant references is 0 or 1, even if their mean is rounded", () => {
  const constant = [0.1, 0.1, 0.1]; // of mean 0.10000000000000002
  assertEquals(r2Score(constant, constant), 1);
  assertEquals(r2Score([0.1, 0.1, 0.2], constant), 0);
});

Deno.test("r2Score() of one value is NaN, with a warning", () => {
  assertEquals(withWarnings(() => r2Score([1], [1])), [NaN, [
    "warning: R² of fewer than two values is not defined",
  ]]);
});

Deno.test("errors reject no values, unequal lengths, and numbers that are not finite", () => {
  for (const score of [meanSquaredError, meanAbsoluteError, r2Score]) {
    assertThrows(
      () => score([], []),
      RangeError,
      "Cannot compute a score of no predictions",
    );
    assertThrows(
      () => score([1], [1, 2]),
      RangeError,
      "Mismatch in the number of predictions (1) and references (2)",
    );
    assertThrows(
      () => score([1, 2], [1, NaN]),
      RangeError,
      "Cannot score the references: number 1 is NaN, but all must be finite",
    );
  }
});
