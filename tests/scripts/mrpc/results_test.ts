import { assertEquals, assertStringIncludes } from "@std/assert";
import { Dataset, DatasetDict, HostTensor } from "../../../mod.ts";
import { pairTask } from "../../../scripts/mrpc/pair_task.ts";
import { Results } from "../../../scripts/mrpc/results.ts";
import { classHead } from "../../../scripts/train/head.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

/** Labels 0 and 1 have the same numbers in the model. */
const HEAD = classHead({ count: 2, names: undefined }, ["LABEL_0", "LABEL_1"]);
const OVERLAP = { accuracy: 0.7, f1: 0.8 };
const TRAIN = { texts: [["a", "b"]], tokens: [5], maxLength: 4 };

/** Results of validation pairs with these labels of the data. */
function resultsOf(labels: number[], head = HEAD): Results {
  const split = (label: number[], text: string) =>
    new Dataset({
      sentence1: label.map((_, i) => `${text} ${i}`),
      sentence2: label.map(() => "rain"),
      label,
    });
  const raw = new DatasetDict({
    train: split([1], "a train"),
    validation: split(labels, "a ferry"),
  });
  return new Results(pairTask(raw, head), TRAIN, OVERLAP);
}

const RUN = {
  name: "a",
  task: "train",
  events: [],
  config: { digests: { data: { "train.tsv": "ab" } } },
  flags: { model: "m" },
  step: 6,
};

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
      resultsOf(labels);
      assertEquals(output.lines, [
        line,
        "Logistic regression on word overlap: accuracy 0.7000, F1 0.8000",
      ]);
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
  const results = resultsOf([1, 1, 0]);
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
    }: ${scores} (baseline accuracy 0.6667, F1 0.8000; word overlap accuracy 0.7000, F1 0.8000), loss 0.5000, training loss 0.2500`;
  const warning = (label: number) =>
    `Warning: every prediction is ${label}: so far the model is no better than a constant`;
  assertEquals(output.lines.slice(2), [
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
  const resumed = resultsOf([1, 1, 0]);
  resumed.loadStateDict(JSON.parse(JSON.stringify(results.stateDict())));
  assertEquals(resumed.summary(figures), summary);
  resumed.keepAsBest();
  assertEquals(resumed.stateDict().best?.step, 18);
});

Deno.test("Results restores a state before the first evaluation", () => {
  using _output = printed();
  const results = resultsOf([1, 1, 0]);
  const state = JSON.parse(JSON.stringify(results.stateDict()));
  assertEquals(state, { epochs: 0, step: 0, last: null, best: null });
  results.loadStateDict(state);
  assertEquals(JSON.parse(JSON.stringify(results.stateDict())), state);
});

Deno.test("Results has the numbers of the data where the model has others", () => {
  using output = printed();
  const head = classHead({ count: 2, names: ["no", "yes"] }, ["yes", "no"]);
  // Two of three rows are the data's label 1, which is the model's 0.
  const results = resultsOf([1, 1, 0], head);
  assertEquals(output.lines.slice(1, 2), [
    "Majority-class baseline, label 1: accuracy 0.6667, F1 0.8000",
  ]);
  const { predictions, references } = results.track(
    Int32Array.of(0, 0, 1),
    HostTensor.from([0, 1, 1]),
  );
  assertEquals([...predictions], [1, 1, 0]);
  assertEquals([...references], [1, 0, 0]);
});

Deno.test("Results makes the report of the last evaluation", async () => {
  using _output = printed();
  const results = resultsOf([1, 1, 0]);
  results.addLogits(Float32Array.of(9, 0, 9, 0, 9, 0)); // of an evaluation before
  results.addLogits(Float32Array.of(0, 1, 1, 0));
  results.addLogits(Float32Array.of(1, 0));
  const html = await results.report(RUN);
  // One of three is wrong: the second, whose probability of label 1 is 1 / (1 + e).
  assertStringIncludes(html, "evaluated on 3 rows of validation after 6 steps");
  assertStringIncludes(html, "a ferry 1");
  assertEquals(html.includes("a ferry 0"), false);
  assertStringIncludes(html, '<dd class="value">0.667</dd>');
  assertStringIncludes(html, "word overlap 0.700");
  assertStringIncludes(html, "1 training row of 1 is longer than 4 tokens");
  assertStringIncludes(html, "./denow task train --model m");
});

Deno.test(
  needs("Results makes the model card", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    using _output = printed();
    const head = classHead({ count: 2, names: ["no", "yes"] }, ["yes", "no"]);
    const results = resultsOf([1, 1, 0], head);
    results.addLogits(Float32Array.of(1, 0, 0, 1, 0, 1));
    await results.card({
      ...RUN,
      data: "data/pairs",
      model: undefined,
      modelType: "bert",
      maxLength: 128,
    }).savePretrained(folder.path);
    const card = await Deno.readTextFile(`${folder.path}/README.md`);
    assertStringIncludes(card, "fine-tuned on pairs with gradloop");
    assertStringIncludes(
      card,
      "texts in sentence1, sentence2, labels in label",
    );
    // Of "yes", label 1 of the data: one of two found, and nothing else taken for it.
    assertStringIncludes(card, "| F1 of yes | 0.6667 |");
    assertStringIncludes(card, "| yes | 1.0000 | 0.5000 | 0.6667 | 2 |");
  },
);
