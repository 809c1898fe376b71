import { assertEquals, assertThrows } from "@std/assert";
import {
  accuracy,
  f1Score,
  matthewsCorrelation,
} from "../../lib/metrics/classification.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import { withWarnings } from "./warnings.ts";

// scikit-learn 1.9.1: accuracy_score, f1_score, matthews_corrcoef.
const CASES = [
  {
    predictions: [1, 0, 1, 1, 0],
    references: [1, 0, 0, 1, 1],
    scores: [0.6, 0.6666666666666666, 0.16666666666666666],
  },
  { predictions: [1, 1], references: [0, 1], scores: [0.5, 2 / 3, 0] },
  { predictions: [0, 0], references: [1, 1], scores: [0, 0, 0] },
  { predictions: [0, 1], references: [0, 1], scores: [1, 1, 1] },
  { predictions: [1, 0], references: [0, 1], scores: [0, 0, -1] },
  {
    // Predictions of a BERT fine-tuned on MRPC: 261 TP, 18 FN, 46 FP, 83 TN.
    predictions: [
      ...Array(261).fill(1),
      ...Array(18).fill(0),
      ...Array(46).fill(1),
      ...Array(83).fill(0),
    ],
    references: [...Array(279).fill(1), ...Array(129).fill(0)],
    scores: [0.8431372549019608, 0.8907849829351536, 0.6236869735383764],
  },
];

Deno.test("accuracy(), f1Score() and matthewsCorrelation() match scikit-learn", () => {
  for (const { predictions, references, scores } of CASES) {
    assertAllClose(
      [accuracy, f1Score, matthewsCorrelation]
        .map((score) => score(predictions, references)),
      scores,
      F64_HOST,
      `${predictions.length} predictions`,
    );
  }
});

Deno.test("matthewsCorrelation() is R_K for more than two classes", () => {
  const scores = [
    matthewsCorrelation([0, 2, 2, 1, 1], [0, 1, 2, 2, 1]),
    matthewsCorrelation([0, 2, 2, 1, 1, 0, 3], [0, 1, 2, 3, 1, 0, 2]),
  ];
  assertAllClose(scores, [0.375, 0.4166666666666667], F64_HOST);
});

Deno.test("f1Score() without any positives is 0, with a warning", () => {
  for (const classes of [[0, 0, 0], [2, 2], [-1]]) {
    const [score, warnings] = withWarnings(() => f1Score(classes, classes));
    assertEquals(score, 0);
    assertEquals(warnings, [
      "warning: F-score is ill-defined and being set to 0.0 due to no true nor predicted samples",
    ]);
    assertEquals(accuracy(classes, classes), 1);
    assertEquals(matthewsCorrelation(classes, classes), 0);
  }
  assertEquals(withWarnings(() => f1Score([0], [1])), [0, []]);
});

Deno.test("f1Score() rejects more than two classes, and two without class 1", () => {
  assertThrows(
    () => f1Score([0, 1, 2], [0, 1, 1]),
    RangeError,
    "Target is multiclass but average='binary': F1 needs two classes, but there are 0, 1, 2",
  );
  assertThrows(
    () => f1Score([0, 2], [0, 0]),
    RangeError,
    "pos_label=1 is not a valid label: F1 is that of class 1, but the classes are 0, 2",
  );
  assertEquals(f1Score([-1, 1], [1, 1]), 2 / 3);
});

Deno.test("classification scores reject unequal lengths, no values, and fractions", () => {
  for (const score of [accuracy, f1Score, matthewsCorrelation]) {
    assertThrows(
      () => score([1, 0, 1], new Int32Array([1, 0])),
      RangeError,
      "Mismatch in the number of predictions (3) and references (2)",
    );
    assertThrows(
      () => score([], []),
      RangeError,
      "Cannot compute a score of no predictions",
    );
    assertThrows(
      () => score([0.7], [1]),
      TypeError,
      "Cannot use 0.7 in the predictions: a class must be a whole number; take the argmax of the logits first",
    );
    assertThrows(
      () => score([1], [NaN]),
      TypeError,
      "NaN in the references",
    );
  }
});

Deno.test("accuracy() says to await predictions", () => {
  const predictions: unknown = Promise.resolve([1]);
  assertThrows(
    () => accuracy(predictions as number[], [1]),
    TypeError,
    "Cannot score predictions: they are a promise; await it",
  );
});
