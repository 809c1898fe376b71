import { assertEquals, assertThrows } from "@std/assert";
import type { GlueScores } from "../../lib/metrics/glue.ts";
import { loadMetric } from "../../lib/metrics/load_metric.ts";
import { withWarnings } from "./warnings.ts";

/** Names of the scores, in the order of glue.py of evaluate 0.4.6. */
const SCORES: Record<keyof GlueScores, string[]> = {
  sst2: ["accuracy"],
  mnli: ["accuracy"],
  "mnli_mismatched": ["accuracy"],
  "mnli_matched": ["accuracy"],
  cola: ["matthewsCorrelation"],
  stsb: ["pearson", "spearmanr"],
  mrpc: ["accuracy", "f1"],
  qqp: ["accuracy", "f1"],
  qnli: ["accuracy"],
  rte: ["accuracy"],
  wnli: ["accuracy"],
  hans: ["accuracy"],
};

Deno.test("loadMetric() loads the scores of each task, in order", async (t) => {
  for (const [task, names] of Object.entries(SCORES)) {
    await t.step(task, () => {
      const metric = loadMetric("glue", task as keyof GlueScores);
      metric.addBatch({ predictions: [0, 1, 1], references: [0, 1, 0] });
      assertEquals(Object.keys(metric.compute()), names);
    });
  }
});

Deno.test("Metric of correct predictions, all negative, has accuracy 1 and F1 0", () => {
  const metric = loadMetric("glue", "mrpc");
  metric.addBatch({ predictions: [0, 0, 0], references: [0, 0, 0] });
  const [scores, warnings] = withWarnings(() => metric.compute());
  assertEquals(scores, { accuracy: 1, f1: 0 });
  assertEquals(warnings.length, 1);
});

Deno.test("Metric scores numbers for STS-B and classes for CoLA", () => {
  const stsb = loadMetric("glue", "stsb");
  stsb.addBatch({ predictions: [0.5, 1.5, 4], references: [1, 2, 3] });
  assertEquals(stsb.compute().spearmanr, 1);
  const cola = loadMetric("glue", "cola");
  cola.addBatch({ predictions: [1, 0], references: [0, 1] });
  assertEquals(cola.compute(), { matthewsCorrelation: -1 });
});

Deno.test("loadMetric() lists the tasks if one is unknown", () => {
  assertThrows(
    () => loadMetric("glue", "mprc" as "mrpc"),
    RangeError,
    'There is no GLUE task "mprc": you should supply a configuration name selected in ' +
      Object.keys(SCORES).join(", "),
  );
});
