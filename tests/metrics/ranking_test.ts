import { assertEquals, assertThrows } from "@std/assert";
import {
  averagePrecisionScore,
  precisionRecallCurve,
  rocAucScore,
} from "../../lib/metrics/ranking.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import { GOLDEN, numbers } from "./golden_metrics.ts";
import { withWarnings } from "./warnings.ts";

Deno.test("rocAucScore(), averagePrecisionScore() and precisionRecallCurve() match scikit-learn", () => {
  for (const { predictions, references, ...golden } of GOLDEN.binary) {
    const [[scores, curve]] = withWarnings(() =>
      [
        [
          rocAucScore(predictions, references),
          averagePrecisionScore(predictions, references),
        ],
        precisionRecallCurve(predictions, references),
      ] as const
    );
    assertAllClose(
      scores,
      numbers([golden.rocAuc, golden.averagePrecision]),
      F64_HOST,
      `${predictions}`,
    );
    for (const name of ["precision", "recall", "thresholds"] as const) {
      assertAllClose(curve[name], golden.curve[name], F64_HOST, name);
    }
  }
});

Deno.test("rocAucScore() and averagePrecisionScore() of several labels match scikit-learn", () => {
  for (const { predictions, references, ...golden } of GOLDEN.ranking) {
    for (
      const [score, expected] of [
        [rocAucScore, golden.rocAuc],
        [averagePrecisionScore, golden.averagePrecision],
      ] as const
    ) {
      const [[perLabel, averages]] = withWarnings(() =>
        [
          score(predictions, references, { average: null }),
          (["micro", "macro", "weighted"] as const).map((average) =>
            score(predictions, references, { average })
          ),
        ] as const
      );
      assertAllClose(perLabel, numbers(expected.perLabel), F64_HOST, "labels");
      assertAllClose(
        averages,
        numbers([expected.micro, expected.macro, expected.weighted]),
        F64_HOST,
        "averages",
      );
    }
  }
});

Deno.test("rocAucScore() is the share of ordered pairs, where ties count half", () => {
  const scores = [2, 1, 1, 0, 2, 5, 1];
  const references = [1, 0, 1, 0, 0, 1, 1];
  let [ordered, pairs] = [0, 0];
  references.forEach((positive, i) =>
    references.forEach((negative, j) => {
      if (positive !== 1 || negative !== 0) return;
      pairs++;
      ordered += (Math.sign(scores[i]! - scores[j]!) + 1) / 2;
    })
  );
  assertEquals(rocAucScore(scores, references), ordered / pairs);
});

Deno.test("ranking scores of one class are NaN or 0, with a warning", () => {
  const auc = "warning: Only one class is present: the ROC AUC is not defined";
  assertEquals(withWarnings(() => rocAucScore([1, 2], [1, 1])), [NaN, [auc]]);
  assertEquals(withWarnings(() => rocAucScore([1, 2], [0, 0])), [NaN, [auc]]);
  const none =
    "warning: No row is positive: recall is set to 1 at every threshold";
  assertEquals(
    withWarnings(() => averagePrecisionScore([1, 2], [0, 0])),
    [0, [none]],
  );
  assertEquals(withWarnings(() => precisionRecallCurve([1], [0])), [
    { precision: [0, 1], recall: [1, 0], thresholds: [1] },
    [none],
  ]);
});

Deno.test("ranking scores reject other classes, scores that are not finite, and no rows", () => {
  for (
    const score of [rocAucScore, averagePrecisionScore, precisionRecallCurve]
  ) {
    assertThrows(
      () => score([0.5, 0.5], [1, 2]),
      RangeError,
      "Cannot use 2 in the references: a label is 1 where it is present, else 0",
    );
    assertThrows(
      () => score([0.5, NaN], [1, 0]),
      RangeError,
      "Cannot score the predictions: number 1 is NaN, but all must be finite",
    );
    assertThrows(
      () => score([], []),
      RangeError,
      "Cannot compute a score of no predictions",
    );
    assertThrows(
      () => score([1, 2], [1]),
      RangeError,
      "Mismatch in the number of predictions (2) and references (1)",
    );
  }
  assertThrows(
    () => rocAucScore([1], [1], { average: "binary" as "micro" }),
    RangeError,
    'There is no average "binary": known are micro, macro, weighted',
  );
  assertThrows(
    () => rocAucScore([[1, 2]], [[3, 0]]),
    RangeError,
    "Cannot use 3 in the references",
  );
});
