import { assertEquals, assertThrows } from "@std/assert";
import {
  classificationReport,
  multilabelReport,
  type PrecisionRecallF1,
} from "../../lib/metrics/classification_report.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import { GOLDEN, numbers, type PrecisionRecallCase } from "./golden_metrics.ts";
import { withWarnings } from "./warnings.ts";

Deno.test("classificationReport() matches scikit-learn, without warnings", () => {
  for (const { predictions, references, labels, ...golden } of GOLDEN.classes) {
    const [report, warnings] = withWarnings(() =>
      classificationReport(predictions, references, labels ? { labels } : {})
    );
    assertEquals(warnings, []);
    assertAllClose(
      [report.accuracy, report.balancedAccuracy, report.matthewsCorrelation],
      [golden.accuracy, golden.balancedAccuracy, golden.matthewsCorrelation],
      F64_HOST,
    );
    assertEquals(report.confusionMatrix, golden.confusionMatrix);
    assertAverages(report, golden.precisionRecall["0"]!);
    assertLabels(report.perClass, golden.precisionRecall["0"]!);
    assertEquals(report.perClass.map((row) => row.support), golden.support);
    assertEquals(
      report.perClass.map((row) => row.label),
      labels ??
        [...new Set([...predictions, ...references])].sort((a, b) => a - b),
    );
  }
});

Deno.test("multilabelReport() matches scikit-learn, without warnings", () => {
  for (
    const { predictions, references, labels, ...golden } of GOLDEN.multilabel
  ) {
    if (labels) continue; // the report is of every label
    const [report, warnings] = withWarnings(() =>
      multilabelReport(predictions, references)
    );
    assertEquals(warnings, []);
    assertAllClose(
      [report.subsetAccuracy, report.hammingLoss],
      [golden.subsetAccuracy, golden.hammingLoss],
      F64_HOST,
    );
    assertAverages(report, golden.precisionRecall["0"]!);
    assertLabels(report.perLabel, golden.precisionRecall["0"]!);
    assertEquals(report.perLabel.map((row) => row.support), golden.support);
    assertEquals(
      report.perLabel.map((row) => row.label),
      golden.support.map((_, label) => label),
    );
  }
});

Deno.test("reports reject input without rows, and unknown options", () => {
  assertThrows(
    () => classificationReport([], []),
    RangeError,
    "Cannot compute a score of no predictions",
  );
  assertThrows(
    () => multilabelReport([], []),
    RangeError,
    "Cannot compute a score of no predictions",
  );
  assertThrows(
    () => classificationReport([0], [0], { names: ["a"] } as object),
    TypeError,
    'there is no option "names"; known are labels',
  );
});

function triple({ precision, recall, f1 }: PrecisionRecallF1): number[] {
  return [precision, recall, f1];
}

function assertAverages(
  report: Record<"micro" | "macro" | "weighted", PrecisionRecallF1>,
  golden: PrecisionRecallCase,
): void {
  for (const average of ["micro", "macro", "weighted"] as const) {
    assertAllClose(
      triple(report[average]),
      numbers(golden[average]),
      F64_HOST,
      average,
    );
  }
}

function assertLabels(
  rows: PrecisionRecallF1[],
  golden: PrecisionRecallCase,
): void {
  rows.forEach((row, i) =>
    assertAllClose(
      triple(row),
      numbers(golden.perLabel.map((scores) => scores[i]!)),
      F64_HOST,
      `label ${i}`,
    )
  );
}
