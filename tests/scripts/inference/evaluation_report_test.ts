import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Dataset, type ProblemType } from "../../../mod.ts";
import type { Classifier } from "../../../scripts/inference/classifier.ts";
import { reportData } from "../../../scripts/inference/evaluation_report.ts";
import { ROW } from "../../../scripts/train/divide.ts";

/** The data of the report of two rows with these logits. */
function dataOf(
  problemType: ProblemType,
  logits: number[][],
  references: (number | number[])[],
  thresholds?: Record<string, number>,
) {
  const labels = logits[0]!.map((_, i) => "abc"[i]!);
  const config = { problemType, other: () => thresholds };
  return reportData({
    classifier: { model: { config }, labels } as unknown as Classifier,
    title: "m on d",
    split: "test",
    rows: new Dataset({
      text: ["the ferry", "the ferry"],
      kind: [1, 1],
      [ROW]: [4, 7],
    }),
    columns: { text: ["text"], label: ["kind"] },
    texts: [{ text: "the ferry" }, { text: "the ferry", textPair: "rain" }],
    references,
    positiveLabel: 0,
    outputs: logits.map((row) =>
      row.map((score, i) => ({ label: labels[i]!, score }))
    ),
    baseline: problemType === "regression" ? undefined : { accuracy: 0.5 },
    config: { seed: 1 },
    command: "./denow task evaluate",
  });
}

Deno.test("reportData() of classes has probabilities, rows of the file and duplicates", () => {
  const data = dataOf(
    "single_label_classification",
    [[0, Math.log(3)], [0, 0]],
    [
      1,
      0,
    ],
  );
  const [first, second] = data.evaluation.rows;
  assertEquals([first!.row, second!.row], [4, 7]);
  assertEquals(second!.texts, ["the ferry", "rain"]);
  assertAlmostEquals(first!.predictions[1]!, 0.75, 1e-12);
  assertEquals(data.labelNames, ["a", "b"]);
  assertEquals(data.positiveLabel, 0);
  assertEquals(data.labels, { test: [1, 0] });
  assertEquals(data.rowNumbers, { test: [4, 7] });
  assertEquals(data.baselines, { majority: { accuracy: 0.5 } });
  assertEquals(data.duplicates?.length, 1);
  assertEquals(data.evaluation.thresholds, undefined);
});

Deno.test("reportData() of several labels has sigmoids and thresholds", () => {
  const logits = [[0, Math.log(3), 0], [0, 0, 0]];
  const references = [[0, 1, 0], [1, 1, 0]];
  const data = dataOf("multi_label_classification", logits, references, {
    b: 0.25,
  });
  const { rows, thresholds } = data.evaluation;
  assertAlmostEquals(rows[0]!.predictions[1]!, 0.75, 1e-12);
  assertEquals(rows[1]!.predictions, [0.5, 0.5, 0.5]);
  assertEquals(thresholds, [0.5, 0.25, 0.5]);
});

Deno.test("reportData() of numbers has the numbers, by the name of their column", () => {
  const data = dataOf("regression", [[2.5], [1]], [2, 1]);
  assertEquals(data.evaluation.rows[0]!.predictions, [2.5]);
  assertEquals([data.problemType, data.labelNames], ["regression", ["kind"]]);
  const mean = { meanAbsoluteError: 0.5, rootMeanSquaredError: 0.5 };
  assertEquals(data.baselines, { mean });
});
