import { assertEquals, assertThrows } from "@std/assert";
import { HostTensor } from "../../lib/data/host_tensor.ts";
import { loadMetric } from "../../lib/metrics/load_metric.ts";
import { Metric } from "../../lib/metrics/metric.ts";

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

Deno.test("Metric.compute() takes options, and a batch as its last", () => {
  const metric = loadMetric("f1");
  metric.addBatch({ predictions: [0, 2], references: [0, 1] });
  // class 0: 1; class 1: TP 1, FN 1; class 2: FP 1
  assertEquals(
    metric.compute({
      predictions: [1],
      references: [1],
      average: "macro",
      zeroDivision: 0,
    }),
    { f1: (1 + 2 / 3 + 0) / 3 },
  );
  assertThrows(
    () => metric.compute({ predictions: [1] }),
    TypeError,
    "Cannot score predictions without references",
  );
  assertThrows(
    () => metric.compute({ references: [1] }),
    TypeError,
    "Cannot score predictions: they are undefined",
  );
});

Deno.test("Metric.compute() rejects an option of another metric, and keeps what was added", () => {
  const metric = loadMetric("accuracy");
  metric.add({ prediction: 1, reference: 1 });
  assertThrows(
    () => metric.compute({ average: "macro" } as Record<never, never>),
    TypeError,
    'Cannot compute a metric: there is no option "average"',
  );
  assertEquals(metric.compute(), { accuracy: 1 });
});

Deno.test("Metric accumulates rows of several labels, of arrays, host tensors and single rows", () => {
  const metric = loadMetric("f1");
  metric.addBatch({
    predictions: HostTensor.from([[1, 0, 1], [0, 0, 1]]),
    references: [[1, 1, 0], [0, 0, 1]],
  });
  metric.add({ prediction: [0, 1, 0], reference: [0, 1, 0] });
  assertEquals(metric.compute({ average: "micro" }), { f1: 6 / 8 });
});

Deno.test("Metric takes a host tensor of one column as numbers", () => {
  const metric = loadMetric("mse");
  metric.addBatch({
    predictions: HostTensor.from([[1.5], [2]]),
    references: [1, 2],
  });
  assertEquals(metric.compute(), { mse: 0.125 });
});
