import type { FileMutations } from "./mutation.ts";

/** Mutations of metrics. */
export const METRICS: readonly FileMutations[] = [
  {
    file: "lib/metrics/classification.ts",
    tests: ["tests/metrics/classification_test.ts"],
    changes: [
      ["(n * n - predicted) * (n * n - actual)", "(n * n - predicted) ** 2"],
      ["counts.filter((count) => count.actual > 0)", "[...counts]"],
      ["matrix[row]![column]!++", "matrix[column]![row]!++"],
      [
        "wrong.add(Math.floor(i / r.columns))",
        "wrong.add(i)",
      ],
    ],
  },
  {
    file: "lib/metrics/label_counts.ts",
    tests: ["tests/metrics/precision_recall_test.ts"],
    changes: [
      ["if (predicted === actual) actual", "actual"],
      ["sort(([a], [b]) => a - b)", "sort()"],
      ["counts.get(label) ?? noRows()", "counts.get(label)!"],
    ],
  },
  {
    file: "lib/metrics/precision_recall.ts",
    tests: ["tests/metrics/precision_recall_test.ts"],
    changes: [
      ["    2 * truePositives,\n", "    truePositives,\n"],
      ["[truePositives, predicted],", "[truePositives, predicted + 1],"],
      ["    if (!isNumber(i)) return;\n", ""],
      [" && support.some((n) => n > 0)", ""],
      ["divide(ratio, [sumOf(counts)], zeroDivision)", "[0]"],
    ],
  },
  {
    file: "lib/metrics/classification_report.ts",
    tests: ["tests/metrics/classification_report_test.ts"],
    changes: [
      [
        "averageOf(RECALL, counts, average, 0)",
        "averageOf(F1, counts, average, 0)",
      ],
      ["    support: actual,\n", "    support: label,\n"],
      [
        "divide(ratio, [...counts.values()], 0)",
        'divide(ratio, [...counts.values()], "warn")',
      ],
    ],
  },
  {
    file: "lib/metrics/ranking.ts",
    tests: ["tests/metrics/ranking_test.ts"],
    changes: [
      ["(step.truePositives + last.truePositives) / 2", "step.truePositives"],
      [
        "(next - recall) * precisionAt(step)",
        "(next - recall) * precisionAt(steps[0]!)",
      ],
      ["support[i] === 0 ? 0 : value * support[i]!", "value * support[i]!"],
      ["positives[p - 1] === threshold", "p > 0"],
    ],
  },
  {
    file: "lib/metrics/probabilities.ts",
    tests: ["tests/metrics/probabilities_test.ts"],
    changes: [
      ["confidence <= m / nBins", "confidence < m / nBins"],
      ["(columns < 3 ? 2 : 1)", "2"],
      ["Math.max(Number.EPSILON, probability)", "probability"],
      ["Math.sqrt(2 ** -23)", "Number.EPSILON"],
    ],
  },
  {
    file: "lib/metrics/regression.ts",
    tests: ["tests/metrics/regression_test.ts"],
    changes: [
      [
        "  if (isConstant) return errors === 0 ? 1 : 0; // the rounded mean may not be the constant\n",
        "",
      ],
      ["1 - errors / deviations", "errors / deviations"],
    ],
  },
  {
    file: "lib/metrics/bootstrap.ts",
    tests: ["tests/metrics/bootstrap_test.ts"],
    changes: [
      ["(at - below) * (high - low)", "0"],
      [
        "  withoutWarnings(() => {",
        "  (((call: () => void) => call()))(() => {",
      ],
      ["if (!Number.isNaN(score)) scores", "scores"],
      ["sample[i] = column[rows[i]!]", "sample[i] = column[i]"],
    ],
  },
  {
    file: "lib/metrics/correlation.ts",
    tests: ["tests/metrics/correlation_test.ts"],
    changes: [
      ["(start + 1 + end) / 2", "start + 1"],
    ],
  },
  {
    file: "lib/metrics/glue.ts",
    tests: ["tests/metrics/glue_test.ts"],
    changes: [
      ["mrpc: { accuracy, f1: f1Score }", "mrpc: { accuracy, f1: accuracy }"],
    ],
  },
  {
    file: "lib/metrics/metric.ts",
    tests: ["tests/metrics/metric_test.ts"],
    changes: [
      ["    this.#predictions = [];\n    this.#references = [];\n", ""],
      ["  checkNumbers(name, numbers);\n", ""],
      ['    checkOptions("compute a metric", options, this.#options);\n', ""],
      ["if (columns === 1) return", "return"],
    ],
  },
  {
    file: "lib/metrics/load_metric.ts",
    tests: ["tests/metrics/load_metric_test.ts"],
    changes: [
      [
        "new Metric({ mse: meanSquaredError }",
        "new Metric({ mse: meanAbsoluteError }",
      ],
      ["} else toIndicators(predictions, references);", "}"],
    ],
  },
  {
    file: "lib/metrics/check.ts",
    tests: [
      "tests/metrics/metric_test.ts",
      "tests/metrics/classification_test.ts",
    ],
    changes: [
      ["isPromise(values)", "false"],
      ['  checkNumbers("predictions", predictions);\n', ""],
    ],
  },
];
