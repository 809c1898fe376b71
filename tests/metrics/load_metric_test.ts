import { assertEquals, assertThrows } from "@std/assert";
import { loadMetric, type Metrics } from "../../lib/metrics/load_metric.ts";

/**
 * The examples of each metric in evaluate 0.4.6, from its inputs_description, and
 * the results given there; those without digits are computed by hand.
 */
Deno.test("loadMetric() computes the examples of evaluate", () => {
  const predictions = [0, 2, 1, 0, 0, 1];
  const references = [0, 1, 2, 0, 1, 2];
  const binary = { predictions: [0, 0, 1, 1, 0], references: [0, 1, 0, 1, 0] };
  const f1 = loadMetric("f1");
  assertEquals(f1.compute(binary), { f1: 0.5 });
  assertEquals(f1.compute({ ...binary, posLabel: 0 }), { f1: 2 / 3 });
  const each = { predictions, references };
  assertEquals(f1.compute({ ...each, average: "micro" }), { f1: 1 / 3 });
  const precision = loadMetric("precision");
  const macro = precision.compute({ ...each, average: "macro" });
  assertEquals(macro, { precision: 0.2222222222222222 });
  assertEquals(
    loadMetric("recall").compute({ ...each, average: "macro" }),
    { recall: 1 / 3 },
  );
  assertEquals(
    loadMetric("accuracy").compute({
      references: [0, 1, 2, 0, 1, 2],
      predictions: [0, 1, 1, 2, 1, 0],
    }),
    { accuracy: 0.5 },
  );
  assertEquals(
    loadMetric("confusion_matrix").compute({
      references: [0, 1, 2, 0, 1, 2],
      predictions: [0, 1, 1, 2, 1, 0],
    }),
    { confusionMatrix: [[1, 0, 1], [0, 2, 0], [1, 1, 0]] },
  );
  assertEquals(
    round(
      loadMetric("matthews_correlation").compute({
        references: [1, 3, 2, 0, 3, 2],
        predictions: [1, 2, 2, 0, 3, 3],
      }),
    ),
    { matthewsCorrelation: 0.54 },
  );
  const scores = [0.5, 0.2, 0.99, 0.3, 0.1, 0.7];
  assertEquals(
    round(
      loadMetric("roc_auc").compute({
        references: [1, 0, 1, 1, 0, 0],
        predictions: scores,
      }),
    ),
    { rocAuc: 0.78 },
  );
  assertEquals(
    loadMetric("brier_score").compute({
      references: [0, 0, 1, 1],
      predictions: [0.1, 0.9, 0.8, 0.3],
    }).brierScore.toFixed(4),
    "0.3375",
  );
  const numbers = { predictions: [2.5, 0, 2, 8], references: [3, -0.5, 2, 7] };
  assertEquals(loadMetric("mse").compute(numbers), { mse: 0.375 });
  assertEquals(loadMetric("mae").compute(numbers), { mae: 0.5 });
  const { rSquared } = loadMetric("r_squared").compute({
    predictions: [1, 2, 3, 4],
    references: [0.9, 2.1, 3.2, 3.8],
  });
  assertEquals(rSquared.toFixed(2), "0.98");
  const pairs = {
    predictions: [10, 9, 2.5, 6, 4],
    references: [1, 2, 3, 4, 5],
  };
  assertEquals(round(loadMetric("pearsonr").compute(pairs)), {
    pearsonr: -0.74,
  });
  assertEquals(round(loadMetric("spearmanr").compute(pairs)), {
    spearmanr: -0.7,
  });
});

Deno.test("loadMetric() computes the example of evaluate for several labels", () => {
  const metric = loadMetric("roc_auc");
  const { rocAuc } = metric.compute({
    references: [
      [1, 1, 0],
      [1, 1, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 1, 1],
      [1, 0, 1],
    ],
    predictions: [
      [0.3, 0.5, 0.2],
      [0.7, 0.2, 0.1],
      [0.005, 0.99, 0.005],
      [0.2, 0.3, 0.5],
      [0.1, 0.1, 0.8],
      [0.1, 0.7, 0.2],
    ],
  });
  // there per label: 0.83, 0.38, 0.94, of which the exact ones are 15/18, 3/8, 17/18
  assertEquals(
    rocAuc.toFixed(12),
    ((15 / 18 + 3 / 8 + 17 / 18) / 3).toFixed(12),
  );
});

Deno.test("loadMetric() checks a batch when it is added", () => {
  const cases: [name: keyof Metrics, p: unknown, r: unknown, string][] = [
    ["accuracy", [0.5], [1], "Cannot use 0.5 in the predictions"],
    ["f1", [[0, 2]], [[0, 1]], "Cannot use 2 in the predictions"],
    ["roc_auc", [NaN], [1], "number 0 is NaN"],
    ["roc_auc", [[0.1, 0.2]], [[1]], "Cannot compare predictions of 2 labels"],
    ["brier_score", [0.2, 0.3], [1], "Mismatch in the number of predictions"],
    ["mse", [1], [Infinity], "number 0 is Infinity"],
  ];
  for (const [name, predictions, references, message] of cases) {
    const metric = loadMetric(name);
    assertThrows(
      () =>
        metric.addBatch({
          predictions: predictions as number[],
          references: references as number[],
        }),
      Error,
      message,
      name,
    );
  }
});

Deno.test("loadMetric() lists the metrics if one is unknown", () => {
  assertThrows(
    () => loadMetric("bleu" as "f1"),
    RangeError,
    'There is no metric "bleu": known are glue, accuracy, f1, precision, recall, ' +
      "matthews_correlation, confusion_matrix, roc_auc, brier_score, mse, mae, r_squared, pearsonr, spearmanr",
  );
  assertThrows(
    () => loadMetric("f1" as "glue", "multilabel" as "mrpc"),
    RangeError,
    'There is no configuration "multilabel" of the metric "f1": leave it out; several labels per row are matrices',
  );
});

/** Rounds to two digits. */
function round(scores: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(scores).map((
      [name, value],
    ) => [name, Math.round(value * 100) / 100]),
  );
}
