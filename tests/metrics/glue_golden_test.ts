import { assertEquals } from "@std/assert";
import type { GlueScores } from "../../lib/metrics/glue.ts";
import { loadMetric } from "../../lib/metrics/load_metric.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import golden from "./fixtures/glue.json" with { type: "json" };

Deno.test("Metric matches scikit-learn and SciPy on every task, to the last digit", async (t) => {
  assertEquals(new Set(golden.cases.map(({ task }) => task)).size, 12);
  for (const { task, predictions, references, scores } of golden.cases) {
    await t.step(`${task}, ${references.split(" ").length} rows`, () => {
      const metric = loadMetric("glue", task as keyof GlueScores);
      metric.addBatch({
        predictions: predictions.split(" ").map(Number),
        references: references.split(" ").map(Number),
      });
      const { pearson, ...exact } = metric.compute() as { pearson?: number };
      const { pearson: expected, ...others } = scores;
      assertEquals(exact, others);
      if (expected === undefined) return;
      // BLAS sums in another order: 2 units in the last place.
      assertAllClose([pearson!], [expected], F64_HOST);
    });
  }
});
