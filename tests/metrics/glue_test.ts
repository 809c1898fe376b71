import { assertEquals, assertThrows } from "@std/assert";
import { HostTensor } from "../../lib/data/host_tensor.ts";
import { type GlueScores, loadMetric, Metric } from "../../lib/metrics/glue.ts";
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

Deno.test("Metric accumulates batches of arrays, typed arrays and tensors, and single examples", () => {
  const metric = loadMetric("glue", "mrpc");
  metric.addBatch({
    predictions: new Int32Array([1, 0]),
    references: HostTensor.from([1, 0]),
  });
  metric.addBatch({
    predictions: [1, 1],
    references: new Float32Array([0, 1]),
  });
  metric.add({ prediction: 0, reference: 1 });
  // 2 TP, 1 FP, 1 FN, 1 TN
  assertEquals(metric.compute(), { accuracy: 0.6, f1: 4 / 6 });
});

Deno.test("Metric.compute() resets the metric", () => {
  const metric = loadMetric("glue", "sst2");
  metric.add({ prediction: 1, reference: 0 });
  assertEquals(metric.compute(), { accuracy: 0 });
  metric.add({ prediction: 1, reference: 1 });
  assertEquals(metric.compute(), { accuracy: 1 });
  assertThrows(
    () => metric.compute(),
    Error,
    "Cannot compute a metric: nothing was added; call `add` or `addBatch` at least once before calling `compute`",
  );
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

Deno.test("Metric adds nothing of a batch that it rejects", () => {
  const metric = loadMetric("glue", "mrpc");
  metric.add({ prediction: 1, reference: 1 });
  assertThrows(
    () => metric.addBatch({ predictions: [1, 0, 1], references: [1, 0] }),
    RangeError,
    "Mismatch in the number of predictions (3) and references (2)",
  );
  assertThrows(
    () => metric.addBatch({ predictions: [0.2, 0.8], references: [1, 0] }),
    TypeError,
    "Cannot use 0.2 in the predictions: a class must be a whole number; take the argmax of the logits first",
  );
  assertThrows(
    () => metric.addBatch({ predictions: [1], references: undefined }),
    TypeError,
    "Cannot score predictions without references: the batch has no labels; add a label column to the data",
  );
  assertEquals(metric.compute(), { accuracy: 1, f1: 1 });
});

Deno.test("loadMetric() lists the tasks if one is unknown", () => {
  assertThrows(
    () => loadMetric("glue", "mprc" as "mrpc"),
    RangeError,
    'There is no GLUE task "mprc": you should supply a configuration name selected in ' +
      Object.keys(SCORES).join(", "),
  );
  assertThrows(
    () => loadMetric("super_glue" as "glue", "mrpc"),
    RangeError,
    'There is no metric "super_glue": the only one is "glue"',
  );
});

Deno.test("Metric.addBatch() says to await predictions", () => {
  const metric = loadMetric("glue", "mrpc");
  const cases: [values: unknown, message: string][] = [
    [
      Promise.resolve([1]),
      "they are a promise; await it: { predictions: await argmax(logits) }",
    ],
    [
      new Date(0),
      "they are a Date; pass an array of numbers, such as await argmax(logits)",
    ],
    [
      5,
      "they are the number 5; pass an array of numbers, such as await argmax(logits)",
    ],
    [
      undefined,
      "they are undefined; pass an array of numbers, such as await argmax(logits)",
    ],
  ];
  for (const [values, message] of cases) {
    const predictions = values as number[];
    assertThrows(
      () => metric.addBatch({ predictions, references: [1] }),
      TypeError,
      `Cannot score predictions: ${message}`,
    );
  }
  const references = Promise.resolve([1]) as unknown as number[];
  assertThrows(
    () => metric.addBatch({ predictions: [1], references }),
    TypeError,
    "Cannot score references: they are a promise; await it",
  );
});

Deno.test("Metric.addBatch() checks for a metric of one's own", () => {
  const metric = new Metric({ size: ({ length }) => length }, () => {});
  const predictions: unknown = Promise.resolve([1]);
  assertThrows(
    () =>
      metric.addBatch({
        predictions: predictions as number[],
        references: [1],
      }),
    TypeError,
    "they are a promise; await it",
  );
});

Deno.test("loadMetric() names the function of another metric", () => {
  const cases = [
    ["accuracy", "accuracy"],
    ["f1", "f1Score"],
    ["matthews_correlation", "matthewsCorrelation"],
    ["pearsonr", "pearson"],
    ["spearmanr", "spearman"],
    ["bleu", "accuracy, f1Score, matthewsCorrelation, pearson or spearman"],
  ] as const;
  for (const [path, name] of cases) {
    assertThrows(
      () => loadMetric(path as string as "glue", "mrpc"),
      RangeError,
      `There is no metric "${path}": the only one is "glue"; call ${name}(predictions, references)`,
    );
  }
});
