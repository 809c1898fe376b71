import { assertEquals } from "@std/assert";
import { Dataset, DatasetDict } from "../../../mod.ts";
import { type Labels, readLabels } from "../../../scripts/classify/labels.ts";
import {
  ClassifyResults,
  metricOf,
  scoreNames,
} from "../../../scripts/classify/results.ts";
import { customTask, TASKS } from "../../../scripts/classify/tasks.ts";
import { printed } from "../../helpers/printed.ts";

const FIGURES = { adapter: "a GPU", steps: 6, seconds: 4, samplesPerSecond: 9 };

/** Labels of a task, and the splits with the model's numbers. */
function labelled(
  task: Parameters<typeof readLabels>[1],
  label: (string | number)[],
): { labels: Labels; rows: DatasetDict } {
  using _output = printed();
  const splits = ["train", ...task.validation]
    .map((name) => [name, new Dataset({ label })] as const);
  const data = new DatasetDict(Object.fromEntries(splits));
  const labels = readLabels(data, task, ["LABEL_0", "LABEL_1", "LABEL_2"]);
  const rows = splits.map(([name, split]) => [
    name,
    new Dataset({ labels: labels.numbersOf(split) }),
  ]);
  return { labels, rows: new DatasetDict(Object.fromEntries(rows)) };
}

const placeOf = (epoch: number) => ({
  epoch,
  step: 3 * (epoch + 1),
  trainSeconds: 1,
  trainLoss: 0.25,
});

Deno.test("ClassifyResults keeps the scores of two validation sets, and the best of the first", () => {
  using output = printed();
  const { labels, rows } = labelled(TASKS.mnli, [0, 1, 2, 1]);
  const results = new ClassifyResults(rows, TASKS.mnli, labels);
  const [matched, mismatched] = TASKS.mnli.validation;
  const evaluate = (epoch: number, first: number, second: number) => {
    const scoresOf = (accuracy: number) => ({ accuracy, loss: 0.5 });
    results.track(matched, [0, 1]);
    results.add({ split: matched, scores: scoresOf(first) }, placeOf(epoch));
    results.track(mismatched, [2, 2]);
    results.add(
      { split: mismatched, scores: scoresOf(second) },
      placeOf(epoch),
    );
  };
  evaluate(0, 0.75, 0.25);
  results.keepAsBest();
  evaluate(1, 0.5, 1);
  const warning =
    "Warning: every prediction is 2: so far the model is no better than a constant";
  const scores = "loss 0.5000, trainLoss 0.2500";
  assertEquals(output.lines, [
    "Majority-class baseline, neutral: accuracy 0.5000",
    `Epoch 1, step 3, validation_matched: accuracy 0.7500, ${scores}`,
    `Epoch 1, step 3, validation_mismatched: accuracy 0.2500, ${scores}`,
    warning,
    `Epoch 2, step 6, validation_matched: accuracy 0.5000, ${scores}`,
    `Epoch 2, step 6, validation_mismatched: accuracy 1.0000, ${scores}`,
    warning,
  ]);
  const last = { loss: 0.5, trainLoss: 0.25 };
  const summary = {
    accuracy: 0.5,
    ...last,
    validation: {
      [matched]: { accuracy: 0.5, ...last },
      [mismatched]: { accuracy: 1, ...last },
    },
    baseline: { accuracy: 0.5 },
    best: { epoch: 0, step: 3, accuracy: 0.75, ...last },
    epochs: 2,
    ...FIGURES,
  };
  assertEquals(results.summary(FIGURES), summary);
  // the same after a saved state, as JSON
  const resumed = new ClassifyResults(rows, TASKS.mnli, labels);
  resumed.loadStateDict(JSON.parse(JSON.stringify(results.stateDict())));
  assertEquals(resumed.summary(FIGURES), summary);
  resumed.keepAsBest();
  assertEquals(resumed.stateDict().best?.step, 6);
});

Deno.test("ClassifyResults restores a state before the first evaluation", () => {
  using _output = printed();
  const { labels, rows } = labelled(TASKS.mnli, [0, 1]);
  const results = new ClassifyResults(rows, TASKS.mnli, labels);
  const state = JSON.parse(JSON.stringify(results.stateDict()));
  assertEquals(state, { epochs: 0, last: {}, lastPlace: null, best: null });
  results.loadStateDict(state);
  assertEquals(JSON.parse(JSON.stringify(results.stateDict())), state);
});

Deno.test("scoreNames() has the scores that the metric computes", () => {
  const own = customTask(["text"], "label");
  const cases = [
    [TASKS.cola, [0, 1], ["matthewsCorrelation"]],
    [TASKS.mrpc, [0, 1], ["accuracy", "f1"]],
    [TASKS.rte, [0, 1], ["accuracy"]],
    [TASKS.stsb, [0.5, 1], ["pearson", "spearmanr"]],
    [own, ["a", "b"], ["accuracy"]],
    [own, [0.5, 1.5], ["pearson", "spearmanr"]],
  ] as const;
  for (const [task, values, names] of cases) {
    const { labels, rows } = labelled(task, [...values]);
    assertEquals(scoreNames(labels), names);
    const metric = metricOf(labels);
    const references = rows.train.column("labels") as number[];
    metric.addBatch({ predictions: references, references });
    assertEquals(Object.keys(metric.compute()), [...names]);
  }
});
