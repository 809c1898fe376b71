import type { FileMutations } from "./mutation.ts";

/** Mutations of metrics. */
export const METRICS: readonly FileMutations[] = [
  {
    file: "lib/metrics/classification.ts",
    tests: ["tests/metrics/classification_test.ts"],
    changes: [
      ["p === 1 && r === 1", "p === 0 && r === 0"],
      [
        "2 * truePositives / (2 * truePositives + errors)",
        "truePositives / (truePositives + errors)",
      ],
      ["(n * n - predicted) * (n * n - actual)", "(n * n - predicted) ** 2"],
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
      ["    this.#predictions = [];\n    this.#references = [];\n", ""],
      ["mrpc: { accuracy, f1: f1Score }", "mrpc: { accuracy, f1: accuracy }"],
      ["  checkNumbers(name, numbers);\n", ""],
      ["const name = FUNCTIONS[path];", "const name = undefined;"],
    ],
  },
  {
    file: "lib/metrics/check.ts",
    tests: [
      "tests/metrics/glue_test.ts",
      "tests/metrics/classification_test.ts",
    ],
    changes: [
      ["isPromise(values)", "false"],
      ['  checkNumbers("predictions", predictions);\n', ""],
    ],
  },
];
