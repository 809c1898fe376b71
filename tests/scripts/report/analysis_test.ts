import { assert, assertEquals, assertThrows } from "@std/assert";
import { bootstrap, f1Score } from "../../../mod.ts";
import { analyze } from "../../../scripts/report/analysis.ts";
import {
  greatestLosses,
  labelText,
} from "../../../scripts/report/judged_rows.ts";
import type { ReportData } from "../../../scripts/report/report_data.ts";
import { assertAllClose } from "../../helpers/all_close.ts";
import { F64_HOST } from "../../helpers/tolerances.ts";
import {
  binaryData,
  classesData,
  multiLabelData,
  regressionData,
} from "./report_fixture.ts";

const withRows = (
  data: ReportData,
  rows: readonly { label: number | number[]; predictions: number[] }[],
): ReportData => ({
  ...data,
  evaluation: {
    split: "validation",
    rows: rows.map((row, i) => ({ ...row, row: i, texts: [`text ${i}`] })),
  },
});

Deno.test("analyze() counts the right predictions of each class", () => {
  const data = withRows({ ...classesData(20), labelNames: ["a", "b", "c"] }, [
    { label: 0, predictions: [0.75, 0.25, 0] },
    { label: 1, predictions: [0.5, 0.25, 0.25] },
    { label: 1, predictions: [0.25, 0.5, 0.25] },
  ]);
  const { scores, confusion, perLabel, calibration } = analyze(data);
  assertEquals(confusion, [[1, 0, 0], [1, 1, 0], [0, 0, 0]]);
  assertEquals(perLabel.map(({ support }) => support), [1, 2, 0]);
  const value = Object.fromEntries(
    scores.map(({ key, value }) => [key, value]),
  );
  // F1 of a and b is 2/3; c does not occur.
  const { accuracy, f1, balancedAccuracy, logLoss } = value;
  assertAllClose([accuracy!, f1!, balancedAccuracy!, logLoss!], [
    2 / 3,
    2 / 3,
    0.75,
    -Math.log(0.75 * 0.25 * 0.5) / 3,
  ], F64_HOST);
  assertAllClose([calibration!.error], [0.25 / 3 + (1 - 0.5 - 0.5)], F64_HOST);
});

Deno.test("analyze() scores the class that is positive, of two", () => {
  const rows = [
    { label: 0, predictions: [0.9, 0.1] },
    { label: 0, predictions: [0.4, 0.6] },
    { label: 1, predictions: [0.3, 0.7] },
    { label: 1, predictions: [0.2, 0.8] },
    { label: 1, predictions: [0.45, 0.55] },
  ];
  const data = withRows({ ...binaryData(20), labelNames: ["a", "b"] }, rows);
  const scoresOf = (data: ReportData) => {
    const { scores, positiveLabel } = analyze(data);
    const find = (key: string) => scores.find((score) => score.key === key)!;
    const { name, value } = find("f1");
    return [positiveLabel, name, value, find("averagePrecision").value];
  };
  // Of b: 4 predicted, 3 of them right, all found; 0.8, 0.7, 0.6 (a), 0.55.
  const ofB = [1, "F1 of b", 6 / 7, (1 + 1 + 3 / 4) / 3];
  assertEquals(scoresOf(data), ofB);
  assertEquals(scoresOf({ ...data, positiveLabel: 1 }), ofB);
  // Of a: one of two found, and right; 0.9, 0.45 (b), 0.4.
  assertEquals(scoresOf({ ...data, positiveLabel: 0 }), [
    0,
    "F1 of a",
    2 / 3,
    (1 + 2 / 3) / 2,
  ]);
});

Deno.test("analyze() has the intervals of f1Score()", () => {
  const several = multiLabelData(200);
  const { evaluation } = several;
  const withoutRows = { // of one more label
    ...several,
    labelNames: [...several.labelNames, "rare"],
    evaluation: {
      ...evaluation,
      rows: evaluation.rows.map((row) => ({
        ...row,
        label: [...row.label as number[], 0],
        predictions: [...row.predictions, 0],
      })),
    },
  };
  const cases = [
    [classesData(200), "f1", "macro"],
    [binaryData(200), "f1", "binary"],
    [multiLabelData(200), "f1Micro", "micro"],
    [withoutRows, "f1Macro", "macro"],
  ] as const;
  for (const [data, key, average] of cases) {
    const { rows, scores } = analyze(data);
    const expected = bootstrap(
      [rows.map((row) => row.predicted), rows.map((row) => row.label)],
      // deno-lint-ignore no-explicit-any
      (p: any, r: any) => f1Score(p, r, { average, zeroDivision: 0 }),
    );
    const { interval } = scores.find((line) => line.key === key)!;
    const { score, low, high } = interval!;
    assertAllClose(
      [score, low, high],
      [expected.score, expected.low, expected.high],
      F64_HOST,
    );
    assert(low < score && score < high);
  }
});

Deno.test("analyze() uses the thresholds of several labels", () => {
  const data = withRows({ ...multiLabelData(20), labelNames: ["a", "b"] }, [
    { label: [1, 0], predictions: [0.4, 0.6] },
    { label: [0, 1], predictions: [0.2, 0.8] },
  ]);
  const subsetAccuracy = (data: ReportData) =>
    analyze(data).scores.find(({ key }) => key === "subsetAccuracy")!.value;
  assertEquals(subsetAccuracy(data), 0.5);
  const evaluation = { ...data.evaluation, thresholds: [0.3, 0.7] };
  assertEquals(subsetAccuracy({ ...data, evaluation }), 1);
  const half = withRows(data, [{ label: [1, 1], predictions: [0.9, 0.1] }]);
  assertEquals(subsetAccuracy(half), 0); // one label right, one wrong
});

Deno.test("analyze() scores numbers by their errors", () => {
  const data = withRows(regressionData(20), [
    { label: 1, predictions: [2] },
    { label: 3, predictions: [3] },
    { label: 5, predictions: [4] },
  ]);
  const { scores, perLabel, calibration } = analyze(data);
  assertEquals([perLabel.length, calibration], [0, undefined]);
  const value = (key: string) => scores.find((line) => line.key === key)!.value;
  assertAllClose(
    [value("pearson"), value("meanAbsoluteError"), value("r2")],
    [1, 2 / 3, 1 - 2 / 8],
    F64_HOST,
  );
});

Deno.test("greatestLosses() begins with the least probable label of those predicted otherwise", () => {
  const data = withRows({ ...classesData(20), labelNames: ["a", "b", "c"] }, [
    { label: 0, predictions: [0.5, 0.25, 0.25] },
    { label: 1, predictions: [0.5, 0.25, 0.25] },
    { label: 2, predictions: [0.75, 0.125, 0.125] },
    { label: 0, predictions: [0, 0.5, 0.5] },
  ]);
  const { rows } = analyze(data);
  assertEquals(greatestLosses(rows, 5).map(({ row }) => row), [3, 2, 1]);
  assertEquals(greatestLosses(rows, 1).map(({ row }) => row), [3]);
  const [least] = greatestLosses(rows, 2).slice(1);
  assertAllClose(
    [least!.probability, least!.loss],
    [0.125, Math.log(8)],
    F64_HOST,
  );
});

Deno.test("greatestLosses() adds the losses of several labels", () => {
  const data = withRows({ ...multiLabelData(20), labelNames: ["a", "b"] }, [
    { label: [1, 1], predictions: [0.5, 0.25] },
    { label: [0, 0], predictions: [0.75, 0.75] },
  ]);
  const worst = greatestLosses(analyze(data).rows, 2);
  assertEquals(worst.map(({ row }) => row), [1, 0]);
  assertAllClose(
    worst.map(({ probability }) => probability),
    [0.25 ** 2, 0.5 * 0.25],
    F64_HOST,
  );
  assertEquals(
    worst.map(({ label, predicted }) =>
      [label, predicted].map((value) =>
        labelText(value, ["a", "b"], data.problemType)
      )
    ),
    [["none", "a, b"], ["a, b", "a"]],
  );
});

Deno.test("analyze() makes long and equal names different", () => {
  const name = "a very long name of a class, which has no end at all";
  const data = { ...binaryData(20), labelNames: [name, name] };
  const { names } = analyze(data);
  assertEquals(names.map((short) => short.slice(0, 20)), [
    "a very long name of ",
    "a very long name of ",
  ]);
  assert(names[0] !== names[1] && names[1]!.length < name.length);
});

Deno.test("analyze() throws without rows, or with other predictions", () => {
  assertThrows(
    () => analyze(withRows(classesData(20), [])),
    RangeError,
    "Cannot report on validation: it has no rows",
  );
  assertThrows(
    () => analyze(withRows(classesData(20), [{ label: 0, predictions: [1] }])),
    RangeError,
    "Cannot report on row 0 of validation: it has 1 predictions, not 7",
  );
});
