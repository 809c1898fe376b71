import { assertEquals } from "@std/assert";
import { Dataset, DatasetDict, HostTensor } from "../../../mod.ts";
import {
  checkData,
  Results,
  scoreWordOverlap,
  suggestNext,
} from "../../../scripts/mrpc/console_report.ts";
import { classHead } from "../../../scripts/train/head.ts";
import type { Options } from "../../../scripts/train/options.ts";
import { printed } from "../../helpers/printed.ts";

/** Pairs that share all words if the label is 1, and none if it is 0. */
function pairs(labels: readonly number[], first = 0): Dataset {
  return new Dataset({
    sentence1: labels.map((_, i) => `It's 7 ferries and ${first + i}`),
    sentence2: labels.map((label, i) =>
      label ? `${first + i} and ferries 7` : "Rain"
    ),
    label: labels,
  });
}

const data = new DatasetDict({
  train: pairs([1, 0, 1, 0, 1, 1]),
  validation: pairs([1, 1, 0], 10),
});
/** Labels 0 and 1 have the same numbers in the model. */
const HEAD = classHead({ count: 2, names: undefined }, ["LABEL_0", "LABEL_1"]);

Deno.test("checkData() prints the number of pairs of each split", () => {
  using output = printed();
  checkData(data, "some/folder");
  assertEquals(output.lines, [
    "Data: some/folder",
    "  train: 6 pairs, 66.7 % with label 1",
    "  validation: 3 pairs, 66.7 % with label 1",
  ]);
});

Deno.test("scoreWordOverlap() scores predictions from shared words", () => {
  assertEquals(scoreWordOverlap(data), { accuracy: 1, f1: 1 });
  const { train, validation } = data;
  const wrong = validation.map(({ label }) => ({ label: 1 - label }));
  assertEquals(
    scoreWordOverlap(new DatasetDict({ train, validation: wrong })),
    { accuracy: 0, f1: 0 },
  );
});

Deno.test("suggestNext() quotes texts for a shell", () => {
  const suggest = (options: Partial<Options>) => {
    using output = printed();
    suggestNext("runs/a/model", data.validation, options as Options);
    return output.lines;
  };
  const lines = suggest({});
  assertEquals(lines.slice(0, 2), [
    "The model is in runs/a/model",
    "Label a pair with it:\n  ./denow task predict --model runs/a/model 'It'\\''s 7 ferries and 10' '10 and ferries 7'",
  ]);
  assertEquals(
    lines[2]?.split("\n").slice(0, 2),
    [
      "Train a BERT on MRPC, or on pairs of your own:",
      "  ./denow task train --model MODEL --data DATA",
    ],
  );
  assertEquals(suggest({ model: "m", data: "d" }).length, 2);
});

/** Splits with labels only. */
function labelled(train: number[], validation: number[]): DatasetDict {
  return new DatasetDict({
    train: new Dataset({ labels: train }),
    validation: new Dataset({ labels: validation }),
  });
}

Deno.test("Results computes the majority-class baseline", async (t) => {
  const cases: [number[], string][] = [
    // all 1: precision 2/3, recall 1, F1 = 2 · 2 / (2 · 2 + 1)
    [[1, 1, 0], "Majority-class baseline, label 1: accuracy 0.6667, F1 0.8000"],
    // all 0: no true positive
    [[0, 1, 0], "Majority-class baseline, label 0: accuracy 0.6667, F1 0.0000"],
    [[0, 1], "Majority-class baseline, label 1: accuracy 0.5000, F1 0.6667"],
  ];
  for (const [labels, line] of cases) {
    await t.step(line, () => {
      using output = printed();
      new Results(labelled([1], labels), HEAD);
      assertEquals(output.lines, [line]);
    });
  }
});

/** The place of an evaluation at the end of an epoch of 6 steps. */
const placeOf = (epoch: number) => ({
  epoch,
  step: 6 * (epoch + 1),
  trainSeconds: 1,
  trainLoss: 0.25,
});

Deno.test("Results keeps the last evaluation and the best, and warns of constant predictions", () => {
  using output = printed();
  const results = new Results(labelled([1], [1, 1, 0]), HEAD);
  const evaluate = (
    epoch: number,
    predictions: number[][],
    accuracy: number,
  ) => {
    for (const batch of predictions) {
      results.track(Int32Array.from(batch), HostTensor.from(batch));
    }
    const scores = { accuracy, f1: accuracy / 2, loss: 0.5 };
    results.add({ scores }, placeOf(epoch));
  };
  evaluate(0, [[0, 0], [0]], 0.5);
  evaluate(1, [[0, 0], [1]], 0.75);
  results.keepAsBest();
  evaluate(2, [[1, 1], [1]], 0.625);
  const line = (epoch: number, scores: string) =>
    `Epoch ${epoch}, step ${
      6 * epoch
    }: ${scores} (baseline accuracy 0.6667, F1 0.8000), loss 0.5000, training loss 0.2500`;
  const warning = (label: number) =>
    `Warning: every prediction is ${label}: so far the model is no better than a constant`;
  assertEquals(output.lines.slice(1), [
    line(1, "accuracy 0.5000, F1 0.2500"),
    warning(0),
    line(2, "accuracy 0.7500, F1 0.3750"),
    line(3, "accuracy 0.6250, F1 0.3125"),
    warning(1),
  ]);
  const figures = {
    adapter: "a GPU",
    steps: 18,
    seconds: 4,
    samplesPerSecond: 4.5,
  };
  const summary = {
    accuracy: 0.625,
    f1: 0.3125,
    loss: 0.5,
    baseline: { accuracy: 2 / 3, f1: 0.8 },
    best: { epoch: 1, step: 12, accuracy: 0.75, f1: 0.375 },
    epochs: 3,
    ...figures,
  };
  assertEquals(results.summary(figures), summary);
  // the same after a saved state, as JSON
  const resumed = new Results(labelled([1], [1, 1, 0]), HEAD);
  resumed.loadStateDict(JSON.parse(JSON.stringify(results.stateDict())));
  assertEquals(resumed.summary(figures), summary);
  resumed.keepAsBest();
  assertEquals(resumed.stateDict().best?.step, 18);
});

Deno.test("Results restores a state before the first evaluation", () => {
  using _output = printed();
  const results = new Results(labelled([1], [1, 1, 0]), HEAD);
  const state = JSON.parse(JSON.stringify(results.stateDict()));
  assertEquals(state, { epochs: 0, step: 0, last: null, best: null });
  results.loadStateDict(state);
  assertEquals(JSON.parse(JSON.stringify(results.stateDict())), state);
});

Deno.test("Results prints the scores of word overlap", () => {
  using output = printed();
  const overlap = { accuracy: 0.7, f1: 0.8 };
  const results = new Results(labelled([1], [1, 1, 0]), HEAD, overlap);
  results.track(Int32Array.of(0, 1, 1), HostTensor.from([0, 1, 1]));
  results.add({ scores: { accuracy: 0.5, f1: 0.25, loss: 0.5 } }, placeOf(0));
  assertEquals(output.lines.slice(1), [
    "Logistic regression on word overlap: accuracy 0.7000, F1 0.8000",
    "Epoch 1, step 6: accuracy 0.5000, F1 0.2500 (baseline accuracy 0.6667, F1 0.8000; word overlap accuracy 0.7000, F1 0.8000), loss 0.5000, training loss 0.2500",
  ]);
});

Deno.test("Results has the numbers of the data where the model has others", () => {
  using output = printed();
  const head = classHead({ count: 2, names: ["no", "yes"] }, ["yes", "no"]);
  // Two of three rows are the data's label 1, which is the model's 0.
  const results = new Results(labelled([0], [0, 0, 1]), head);
  assertEquals(output.lines.slice(1), [
    "Majority-class baseline, label 1: accuracy 0.6667, F1 0.8000",
  ]);
  const { predictions, references } = results.track(
    Int32Array.of(0, 0, 1),
    HostTensor.from([0, 1, 1]),
  );
  assertEquals([...predictions], [1, 1, 0]);
  assertEquals([...references], [1, 0, 0]);
});
