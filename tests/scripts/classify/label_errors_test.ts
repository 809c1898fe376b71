import { assertAlmostEquals, assertEquals } from "@std/assert";
import { likelyLabelErrors } from "../../../scripts/classify/label_errors.ts";
import { BINARY, NUMBERS, SETS } from "./labels_fixture.ts";

Deno.test("likelyLabelErrors() lists wrong rows of all splits, the greatest loss first", () => {
  const row = (
    row: number,
    label: number,
    predictions: number[],
    ...texts: string[]
  ) => ({ row, label, predictions, texts });
  const train = {
    split: "train",
    rows: [
      row(4, 1, [0.7, 0.3], "first"),
      row(9, 1, [0.2, 0.8], "second"),
      row(7, 0, [0.1, 0.9], "third", "pair"),
    ],
  };
  const validation = {
    split: "validation",
    rows: [row(2, 1, [0.8, 0.2], "é".repeat(600))],
  };
  const errors = likelyLabelErrors([validation, train], BINARY);
  assertEquals(errors, [
    {
      row: 7,
      split: "train",
      text: "third\npair",
      label: "a",
      predicted: "b",
      probability: 0.1,
    },
    {
      row: 2,
      split: "validation",
      text: `${"é".repeat(500)}…`,
      label: "b",
      predicted: "a",
      probability: 0.2,
    },
    {
      row: 4,
      split: "train",
      text: "first",
      label: "b",
      predicted: "a",
      probability: 0.3,
    },
  ]);
});

Deno.test("likelyLabelErrors() names several labels a row, and numbers", () => {
  const row = { row: 5, texts: ["x"] };
  const rows = [{ ...row, label: [0, 1], predictions: [0.5, 0.75] }];
  const [sets] = likelyLabelErrors([{ split: "validation", rows }], SETS);
  assertEquals([sets!.label, sets!.predicted], ["b", "a, b"]);
  assertAlmostEquals(sets!.probability!, 0.5 * 0.75, 1e-12);
  // Not an error with these thresholds.
  const thresholds = [0.6, 0.6];
  assertEquals(
    likelyLabelErrors([{ split: "validation", rows, thresholds }], SETS),
    [],
  );
  const numbers = [{ ...row, label: 4, predictions: [1.5] }];
  const [number] = likelyLabelErrors(
    [{ split: "validation", rows: numbers }],
    NUMBERS,
  );
  const { label, predicted, probability } = number!;
  assertEquals([label, predicted, probability], ["4", "1.5", null]);
});

Deno.test("likelyLabelErrors() lists 150 rows at most", () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({
    ...{ row: i, texts: [`${i}`], label: 0 },
    predictions: [0.4 - i / 1000, 0.6 + i / 1000],
  }));
  const errors = likelyLabelErrors([{ split: "train", rows }], BINARY);
  assertEquals(errors.length, 150);
  assertEquals([errors[0]!.row, errors[149]!.row], [199, 50]);
});
