import { assertEquals, assertThrows } from "@std/assert";
import {
  accuracy,
  balancedAccuracyScore,
  confusionMatrix,
  hammingLoss,
  matthewsCorrelation,
} from "../../lib/metrics/classification.ts";
import { f1Score } from "../../lib/metrics/precision_recall.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import { GOLDEN } from "./golden_metrics.ts";
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

Deno.test("accuracy, Matthews' coefficient, balanced accuracy, Hamming loss and confusion match scikit-learn", () => {
  for (const { predictions, references, labels, ...golden } of GOLDEN.classes) {
    const [balanced] = withWarnings(() =>
      balancedAccuracyScore(predictions, references)
    );
    assertAllClose(
      [
        accuracy(predictions, references),
        matthewsCorrelation(predictions, references),
        balanced,
        hammingLoss(predictions, references),
      ],
      [
        golden.accuracy,
        golden.matthewsCorrelation,
        golden.balancedAccuracy,
        golden.hammingLoss,
      ],
      F64_HOST,
      `${predictions}`,
    );
    assertEquals(
      confusionMatrix(predictions, references, labels ? { labels } : {}),
      golden.confusionMatrix,
    );
  }
});

Deno.test("accuracy() and hammingLoss() of several labels match scikit-learn", () => {
  for (const { predictions, references, ...golden } of GOLDEN.multilabel) {
    assertAllClose(
      [
        accuracy(predictions, references),
        hammingLoss(predictions, references),
      ],
      [golden.subsetAccuracy, golden.hammingLoss],
      F64_HOST,
      `${predictions.length} rows`,
    );
  }
});

Deno.test("balancedAccuracyScore() warns of classes without references", () => {
  assertEquals(
    withWarnings(() => balancedAccuracyScore([0, 1, 2], [0, 1, 0])),
    [0.75, [
      "warning: The predictions contain classes that the references do not",
    ]],
  );
  assertEquals(
    withWarnings(() => balancedAccuracyScore([0, 0], [0, 1])),
    [0.5, []],
  );
});

Deno.test("confusionMatrix() rejects classes that no reference has, and labels listed twice", () => {
  assertThrows(
    () => confusionMatrix([2, 0], [0, 1], { labels: [2, 3] }),
    RangeError,
    "Cannot count the classes [2,3]: at least one must be in the references, which have 0,1",
  );
  assertThrows(
    () => confusionMatrix([0], [0], { labels: [0, 0] }),
    RangeError,
    "Cannot score the labels [0,0]: list each label once",
  );
});

Deno.test("classification scores reject unequal lengths, no values, and fractions", () => {
  for (
    const score of [
      accuracy,
      f1Score,
      matthewsCorrelation,
      balancedAccuracyScore,
      hammingLoss,
      confusionMatrix,
    ]
  ) {
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
