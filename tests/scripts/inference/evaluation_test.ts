import { assertEquals, assertThrows } from "@std/assert";
import { splitRows } from "../../../scripts/inference/classifier.ts";
import {
  accuracyBy,
  evaluation,
  majorityLabel,
} from "../../../scripts/inference/evaluation.ts";
import { indexOfMax, softmax } from "../../../scripts/inference/logits.ts";
import { assertAllClose, F64_HOST } from "../../helpers/all_close.ts";

Deno.test("softmax() stays finite, and indexOfMax() returns the first of equals", () => {
  assertAllClose(
    softmax([1000, 1000 + Math.log(3)]),
    [0.25, 0.75],
    F64_HOST,
  );
  assertEquals(indexOfMax([1, 3, 3]), 1);
});

Deno.test("splitRows() splits a batch, and refuses logits that are not finite", () => {
  assertEquals(splitRows(Float32Array.of(1, 2, 3, 4), 2), [[1, 2], [3, 4]]);
  assertThrows(
    () => splitRows(Float32Array.of(1, NaN), 2),
    Error,
    "A logit of the model is NaN: its weights are broken",
  );
});

Deno.test("evaluation() of classes: scores, loss, baseline and confusion matrix", () => {
  // exp(0) : exp(ln 3) is 1/4 : 3/4
  const sure = Math.log(3);
  const [no, yes] = [[sure, 0], [0, sure]];
  const logits = [yes, yes, no, yes, no, yes, yes];
  const references = [1, 0, 0, 1, 1, 1, 0];
  const { scores, loss, baseline, confusionMatrix } = evaluation(
    logits,
    references,
  );
  // label 1: three found, one missed, two too many
  assertEquals([scores.accuracy, scores.f1], [4 / 7, 6 / 9]);
  // (TP·TN - FP·FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN))
  assertAllClose(
    [scores.matthewsCorrelation!],
    [(3 * 1 - 2 * 1) / Math.sqrt(5 * 4 * 3 * 2)],
    F64_HOST,
  );
  assertAllClose(
    [loss],
    [-(4 * Math.log(3 / 4) + 3 * Math.log(1 / 4)) / 7],
    F64_HOST,
  );
  assertEquals(baseline, {
    label: 1,
    scores: { accuracy: 4 / 7, f1: 8 / 11, matthewsCorrelation: 0 },
  });
  assertEquals(confusionMatrix, [[1, 2], [1, 3]]);
});

Deno.test("evaluation() computes F1 of the label that counts", () => {
  const [zero, one] = [[1, 0], [0, 1]];
  const logits = [zero, zero, zero, one];
  const references = [0, 0, 1, 1];
  // of 0: two found, one too many; of 1: one found, one missed
  assertEquals(evaluation(logits, references, 0).scores.f1, 4 / 5);
  assertEquals(evaluation(logits, references).scores.f1, 2 / 3);
});

Deno.test("evaluation() of three labels has no F1, of one label correlations", () => {
  const three = evaluation([[1, 0, 0], [0, 0, 1]], [0, 2]);
  assertEquals(three.scores, { accuracy: 1, matthewsCorrelation: 1 });
  const one = evaluation([[1], [2], [4]], [2, 4, 8]);
  assertAllClose(Object.values(one.scores), [1, 1], F64_HOST);
  assertAllClose([one.loss], [(1 + 4 + 16) / 3], F64_HOST);
  assertEquals([one.baseline, one.confusionMatrix], [undefined, undefined]);
});

Deno.test("majorityLabel() returns the larger label in a tie", () => {
  assertEquals(majorityLabel([0, 0, 1], 3), 0);
  assertEquals(majorityLabel([0, 1], 3), 1);
});

Deno.test("accuracyBy() computes the accuracy of each group, largest first", () => {
  assertEquals(
    accuracyBy(
      ["7", "a", "a", "7", "a"],
      [true, true, false, false, true],
    ),
    [
      { value: "a", rows: 3, accuracy: 2 / 3 },
      { value: "7", rows: 2, accuracy: 1 / 2 },
    ],
  );
});
