import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import type { TaskData } from "../../../scripts/classify/data.ts";
import type { Label } from "../../../scripts/classify/labels.ts";
import { ClassifyResults } from "../../../scripts/classify/results.ts";
import type { Scores } from "../../../scripts/classify/scores.ts";
import { textsOf } from "../../../scripts/classify/task_rows.ts";
import { submission } from "../../../scripts/classify/submission.ts";
import { customTask, TASKS } from "../../../scripts/classify/tasks.ts";
import { printed } from "../../helpers/printed.ts";
import { logitsOf, SETS, taskData } from "./labels_fixture.ts";

const FIGURES = { adapter: "a GPU", steps: 6, seconds: 4, samplesPerSecond: 9 };

const placeOf = (epoch: number) => ({
  epoch,
  step: 3 * (epoch + 1),
  trainSeconds: 1,
  trainLoss: 0.25,
});

/** Results of rows of three tokens. */
function resultsOf(data: TaskData): ClassifyResults {
  const texts = textsOf(data, "train");
  const tokens = texts.map(() => 3);
  return new ClassifyResults(data, { texts, tokens, maxLength: 8 });
}

/** Evaluates a split with these predictions. */
function evaluate(
  results: ClassifyResults,
  { labels }: TaskData,
  split: string,
  predicted: Label[],
  epoch: number,
) {
  const logits = logitsOf(predicted, labels.head.numLabels);
  results.add(results.evaluation(split, logits), placeOf(epoch));
}

/** The content of results.json. */
interface Summary {
  readonly [name: string]: unknown;
  readonly validation: Record<string, Record<string, unknown>>;
  readonly best: Record<string, unknown>;
  readonly last: Record<string, unknown>;
}

Deno.test("ClassifyResults keeps the last scores of the first validation set, and the best", () => {
  using output = printed();
  const data = taskData([0, 1, 2, 1], TASKS.mnli);
  const results = resultsOf(data);
  const [matched, mismatched] = TASKS.mnli.validation;
  evaluate(results, data, matched, [0, 1, 2, 0], 0);
  evaluate(results, data, mismatched, [2, 2, 2, 2], 0);
  results.keepAsBest();
  evaluate(results, data, matched, [0, 1, 0, 0], 1);
  evaluate(results, data, mismatched, [0, 1, 2, 1], 1);
  const tail = ", trainLoss 0.2500";
  assertEquals(
    output.lines.map((line) => line.replace(/loss \d\.\d{4}/, "loss x")),
    [
      "Majority-class baseline, neutral: accuracy 0.5000",
      "Word baseline, logistic regression: accuracy 1.0000",
      `Epoch 1, step 3, validation_matched: accuracy 0.7500, loss x${tail}`,
      `Epoch 1, step 3, validation_mismatched: accuracy 0.2500, loss x${tail}`,
      "Warning: every prediction is contradiction: so far the model is no better than a constant",
      `Epoch 2, step 6, validation_matched: accuracy 0.5000, loss x${tail}`,
      `Epoch 2, step 6, validation_mismatched: accuracy 1.0000, loss x${tail}`,
    ],
  );
  const { last, best } = results.stateDict();
  assertEquals([last?.accuracy, last?.step], [0.5, 6]);
  assertEquals([best?.accuracy, best?.step], [0.75, 3]);
  // the same after a saved state, as JSON
  const resumed = resultsOf(data);
  resumed.loadStateDict(JSON.parse(JSON.stringify(results.stateDict())));
  assertEquals(resumed.stateDict(), results.stateDict());
  resumed.keepAsBest();
  assertEquals(resumed.stateDict().best?.step, 6);
});

Deno.test("ClassifyResults.summary() has the scores of the final model, and its likely label errors", async () => {
  using output = printed();
  const task = customTask(["text"], "label", "classes", true);
  const data = taskData(["a", "b", "b", "b"], task);
  const results = resultsOf(data);
  evaluate(results, data, "validation", [0, 0, 1, 1], 0);
  results.keepAsBest();
  const predicted: Record<string, Label[]> = {
    validation: [0, 1, 1, 0],
    test: [1, 1, 1, 1],
    train: [1, 1, 1, 1],
  };
  const asked: string[] = [];
  await results.evaluateFinal((split) => {
    asked.push(split);
    return Promise.resolve(logitsOf(predicted[split]!, 2));
  }, false);
  assertEquals(asked, ["train", "validation", "test"]);
  const [scores, ...baselines] = output.lines.slice(-3);
  assertMatch(
    scores!,
    /^Final model, test: accuracy 0\.7500 \(95 %: 0\.\d{4} – 1\.0000\), f1 0\.8571 \(95 %: .*\), loss \d\.\d{4}$/,
  );
  assertEquals(baselines, [
    "  majority class: accuracy 0.7500, f1 0.8571",
    "  words alone: accuracy 1.0000, f1 1.0000",
  ]);
  assertEquals(results.comparedWithWords("loss"), undefined);
  const { score, ...compared } = results.comparedWithWords("f1")!;
  assertAlmostEquals(score, 0.8, 1e-12);
  assertEquals(compared, { metric: "f1", words: 1, isOfClasses: true });
  const { validation, test, best, last, likelyLabelErrors, ...others } = JSON
    .parse(JSON.stringify(results.summary(FIGURES)));
  assertEquals(validation.validation, {
    ...Object.fromEntries(
      Object.keys(validation.validation).map((name) => [name, others[name]]),
    ),
  });
  assertEquals(others.accuracy, 0.75);
  assertAlmostEquals(others.f1, 0.8, 1e-12);
  assertEquals(others.confusion, [[1, 0], [1, 2]]);
  assertEquals(others.perClass.b.support, 3);
  assertEquals(Object.keys(others.intervals), ["accuracy", "f1"]);
  assertEquals(others.baseline, { accuracy: 0.75, f1: 6 / 7 });
  assertEquals(others.baselines.majority, others.baseline);
  assertEquals(Object.keys(others.baselines), ["majority", "words"]);
  assertEquals([test.accuracy, test.confusion], [0.75, [[0, 1], [0, 3]]]);
  assertEquals([best.step, last.step, others.epochs], [3, 3, 1]);
  assertEquals([others.adapter, others.steps], ["a GPU", 6]);
  assertEquals(others.thresholds, undefined);
  assertEquals(
    likelyLabelErrors.map((
      { row, split, label, predicted }: Record<string, unknown>,
    ) => [row, split, label, predicted]),
    [
      [0, "train", "a", "b"],
      [3, "validation", "b", "a"],
      [0, "test", "a", "b"],
    ],
  );
  assertMatch(likelyLabelErrors[0].text, /^"a" 0 text$/);
});

Deno.test("ClassifyResults says that f1 of more than two classes is macro", () => {
  const first = (labels: string[]) => {
    using output = printed();
    const task = customTask(["text"], "label", "classes");
    resultsOf(taskData(labels, task));
    return output.lines[0];
  };
  assertEquals(
    first(["a", "b", "c", "c"]),
    "Majority-class baseline, c: accuracy 0.5000, f1 0.2222 (macro f1: the mean over the classes)",
  );
  assertEquals(
    first(["a", "b", "b"]),
    "Majority-class baseline, b: accuracy 0.6667, f1 0.8000",
  );
});

Deno.test("ClassifyResults tunes thresholds on the validation rows, and applies them", async () => {
  using output = printed();
  const task = customTask(["text"], "label", "sets");
  const data = taskData([["a"], ["b"], ["a", "b"]], task);
  const results = resultsOf(data);
  const predict = () => Promise.resolve(Float32Array.of(-1, -2, -3, 1, -1, 1));
  await results.evaluateFinal(predict, true);
  const { thresholds, f1Macro, likelyLabelErrors, loss } = results
    .summary(FIGURES) as Summary & { thresholds: Record<string, number> };
  // half-way between the probabilities of -1 and -3, and of -2 and 1
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  assertAlmostEquals(thresholds.a!, (sigmoid(-1) + sigmoid(-3)) / 2, 1e-12);
  assertAlmostEquals(thresholds.b!, (sigmoid(-2) + sigmoid(1)) / 2, 1e-12);
  assertEquals([f1Macro, likelyLabelErrors], [1, []]);
  assertEquals(Number.isFinite(loss), true);
  assertEquals(
    output.lines.at(-1),
    `Thresholds with the best F1 on validation: a ${
      thresholds.a!.toFixed(3)
    }, b ${thresholds.b!.toFixed(3)}`,
  );
});

Deno.test("ClassifyResults does not predict the training rows of GLUE, and compares numbers with their mean", async () => {
  using output = printed();
  const data = taskData([0, 1, 5], TASKS.stsb);
  const results = resultsOf(data);
  const asked: string[] = [];
  await results.evaluateFinal((split) => {
    asked.push(split);
    return Promise.resolve(Float32Array.of(1, 2, 3));
  }, false);
  assertEquals([asked, output.lines], [["validation"], [
    "Mean baseline: meanAbsoluteError 2.0000, rootMeanSquaredError 2.1602",
  ]]);
  const { baseline, baselines, perClass, ...scores } = results
    .summary(FIGURES) as Summary;
  const { meanAbsoluteError, rootMeanSquaredError } = baseline as Scores;
  assertAlmostEquals(meanAbsoluteError!, 2, 1e-12);
  assertAlmostEquals(rootMeanSquaredError!, Math.sqrt(14 / 3), 1e-12);
  assertEquals([baselines, perClass], [{ mean: baseline }, undefined]);
  assertAlmostEquals(scores.meanAbsoluteError as number, 4 / 3, 1e-12);
  assertAlmostEquals(
    scores.rootMeanSquaredError as number,
    Math.sqrt(2),
    1e-12,
  );
});

Deno.test("submission() has names, or numbers as GLUE asks for", () => {
  const { labels } = taskData([0, 1], TASKS.rte);
  const lines = (...args: Parameters<typeof submission>) =>
    submission(...args).trimEnd().split("\n").slice(1);
  assertEquals(lines([1, 0], TASKS.rte, labels), [
    "0\tnot_entailment",
    "1\tentailment",
  ]);
  assertEquals(lines([1, 0], TASKS.wnli, labels), ["0\t1", "1\t0"]);
  const stsb = taskData([0.5, 1], TASKS.stsb).labels;
  assertEquals(lines([1.25], TASKS.stsb, stsb), ["0\t1.250"]);
  const sets = customTask(["text"], "label", "sets");
  assertEquals(lines([[0, 0], [1, 1]], sets, SETS), ["0\t", "1\ta,b"]);
});
