import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type Average, bootstrap, f1Score, Random } from "../../../mod.ts";
import type { Label, Labels } from "../../../scripts/classify/labels.ts";
import {
  evaluationScores,
  finalScores,
  scoreNames,
  scoresOfLabels,
} from "../../../scripts/classify/scores.ts";
import { TASKS } from "../../../scripts/classify/tasks.ts";
import {
  BINARY,
  CLASSES,
  logitsOf,
  NUMBERS,
  SETS,
  taskData,
} from "./labels_fixture.ts";

const log = Math.log;

Deno.test("scoreNames() has the scores that are computed, and the first decides", () => {
  const glue = (name: keyof typeof TASKS, label: unknown[]) =>
    taskData(label, TASKS[name]).labels;
  const cases: [Labels, Label[], string[]][] = [
    [glue("cola", [0, 1]), [0, 1], ["matthewsCorrelation"]],
    [glue("mrpc", [0, 1]), [0, 1], ["accuracy", "f1"]],
    [glue("rte", [0, 1]), [0, 1], ["accuracy"]],
    [glue("stsb", [0.5, 1]), [0.5, 1], ["pearson", "spearmanr"]],
    [CLASSES, [0, 1, 2], ["f1", "accuracy"]],
    [BINARY, [0, 1], ["f1", "accuracy"]],
    [SETS, [[1, 0], [0, 1]], ["f1Macro", "f1Micro", "subsetAccuracy"]],
    [NUMBERS, [0.5, 1], ["pearson", "spearmanr"]],
  ];
  for (const [labels, values, names] of cases) {
    assertEquals(scoreNames(labels), names);
    const scores = scoresOfLabels(values, values, labels);
    assertEquals(Object.keys(scores).sort(), names.toSorted());
    for (const score of Object.values(scores)) {
      assertAlmostEquals(score, 1, 1e-12);
    }
  }
});

Deno.test("evaluationScores() of two classes has the F1 of class 1 of the data", () => {
  const references = [1, 1, 0, 0, 0];
  const logits = logitsOf([1, 0, 0, 0, 1], 2);
  const hit = log(1 + Math.exp(-2));
  const loss = (3 * hit + 2 * (2 + hit)) / 5;
  const { loss: actual, ...scores } = evaluationScores(
    { logits, references },
    BINARY,
  );
  assertEquals(scores, { accuracy: 0.6, f1: 0.5 });
  assertAlmostEquals(actual, loss, 1e-12);
  // A model that numbers them otherwise: class 1 of the data is its class 0.
  const swapped = taskData(["a", "b"], undefined, ["b", "a"]).labels;
  const { f1 } = evaluationScores({ logits, references }, swapped);
  assertAlmostEquals(f1!, 2 / 3, 1e-12); // of class 0: 2 of 3 found, 2 of 3 right
});

Deno.test("evaluationScores() of three classes has their mean F1, of labels micro and macro", () => {
  const classes = evaluationScores(
    { logits: logitsOf([0, 0, 1, 2], 3), references: [0, 1, 1, 2] },
    CLASSES,
  );
  assertEquals(classes.accuracy, 0.75);
  assertAlmostEquals(classes.f1!, (2 / 3 + 2 / 3 + 1) / 3, 1e-12);
  const sets = evaluationScores(
    { logits: logitsOf([[1, 0], [1, 1]], 2), references: [[1, 0], [0, 1]] },
    SETS,
  );
  const { f1Micro, f1Macro, subsetAccuracy, loss } = sets;
  assertAlmostEquals(f1Micro!, 2 * 2 / (3 + 2), 1e-12);
  assertAlmostEquals(f1Macro!, (2 / 3 + 1) / 2, 1e-12);
  assertEquals(subsetAccuracy, 0.5);
  const hit = log(1 + Math.exp(-2));
  assertAlmostEquals(loss, (4 * hit + 2) / 4, 1e-12);
  const numbers = evaluationScores(
    { logits: Float32Array.of(1, 2, 4), references: [1, 3, 5] },
    NUMBERS,
  );
  assertAlmostEquals(numbers.loss, 2 / 3, 1e-12);
  assertEquals(numbers.spearmanr, 1);
});

Deno.test("evaluationScores() is NaN where the logits are, for the error of the run", () => {
  const scores = evaluationScores(
    { logits: Float32Array.of(NaN, 0, 1), references: [0] },
    CLASSES,
  );
  assertEquals(scores, { accuracy: NaN, f1: NaN, loss: NaN });
});

Deno.test("finalScores() has each class, the confusion of true by predicted, and intervals", () => {
  const evaluated = {
    logits: logitsOf([0, 0, 1, 1], 3),
    references: [0, 1, 1, 1],
  };
  const { scores, details } = finalScores(evaluated, CLASSES);
  assertEquals(details.labels, ["a", "b", "c"]);
  assertEquals(details.confusion, [[1, 0, 0], [1, 2, 0], [0, 0, 0]]);
  assertEquals(details.perClass?.c, {
    precision: 0,
    recall: 0,
    f1: 0,
    support: 0,
  });
  assertEquals(details.perClass?.b, {
    precision: 1,
    recall: 2 / 3,
    f1: 0.8,
    support: 3,
  });
  assertEquals(Object.keys(scores), ["accuracy", "f1", "loss"]);
  assertEquals(scores.accuracy, 0.75);
  const [low, high] = details.intervals.accuracy!;
  assertEquals(low < 0.75 && 0.75 < high, true);
  assertEquals(Object.keys(details.intervals), ["accuracy", "f1"]);
  assertEquals(finalScores(evaluated, CLASSES), { scores, details });
});

Deno.test("finalScores() has the intervals of bootstrap() with the score itself", () => {
  const random = new Random(3);
  const classes = (n: number) =>
    Array.from({ length: 60 }, () => random.below(n));
  const sets = () => classes(4).map((bits) => [bits & 1, bits >> 1]);
  const swapped = taskData(["a", "b"], undefined, ["b", "a"]).labels;
  const zeroDivision = 0;
  const cases: [Labels, Label[], Label[], string, Average, number?][] = [
    [CLASSES, classes(3), classes(3), "f1", "macro"],
    [BINARY, classes(2), classes(2), "f1", "binary"],
    [swapped, classes(2), classes(2), "f1", "binary", 0],
    [SETS, sets(), sets(), "f1Micro", "micro"],
    [SETS, sets(), sets(), "f1Macro", "macro"],
  ];
  for (
    const [labels, predicted, references, name, average, posLabel] of cases
  ) {
    const logits = logitsOf(predicted, labels.head.numLabels);
    const { scores, details } = finalScores({ logits, references }, labels);
    const { score, low, high } = bootstrap(
      [predicted, references],
      (p, r) =>
        f1Score(p as number[], r as number[], {
          average,
          zeroDivision,
          ...posLabel !== undefined && { posLabel },
        }),
    );
    const actual = [scores[name]!, ...details.intervals[name]!];
    for (const [i, value] of [score, low, high].entries()) {
      assertAlmostEquals(actual[i]!, value, 1e-12);
    }
  }
});

Deno.test("finalScores() applies thresholds, and has the scores of GLUE beside", () => {
  const logits = logitsOf([[1, 0], [1, 1]], 2);
  const references = [[0, 0], [1, 1]];
  const at = (thresholds?: number[]) =>
    finalScores({ logits, references }, SETS, thresholds).details;
  assertEquals(at().perClass?.a, {
    precision: 0.5,
    recall: 1,
    f1: 2 / 3,
    support: 1,
  });
  assertEquals(at([0.9, 0.5]).perClass?.a?.support, 1);
  assertEquals(at([0.9, 0.5]).perClass?.a?.recall, 0);
  assertEquals(at().confusion, undefined);
  const numbers = finalScores(
    { logits: Float32Array.of(1, 2, 3), references: [1, 2, 3] },
    NUMBERS,
  );
  assertEquals(Object.keys(numbers.details), ["intervals"]);
  assertEquals(Object.keys(numbers.details.intervals), [
    "pearson",
    "spearmanr",
    "meanAbsoluteError",
    "rootMeanSquaredError",
  ]);
  const cola = taskData([0, 1], TASKS.cola).labels;
  const glue = finalScores(
    { logits: logitsOf([0, 1, 1], 2), references: [0, 1, 0] },
    cola,
  );
  assertEquals(Object.keys(glue.scores), [
    "matthewsCorrelation",
    "loss",
    "accuracy",
    "f1",
  ]);
  assertAlmostEquals(glue.scores.f1!, 2 / 3, 1e-12);
});
