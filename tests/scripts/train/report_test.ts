import { assertEquals, assertThrows } from "@std/assert";
import { BertConfig, Dataset, DatasetDict } from "../../../mod.ts";
import * as report from "../../../scripts/train/report.ts";
import { printed } from "../../helpers/printed.ts";

/** Splits of one column each, from files that are named so. */
function data(name: string, train: unknown[], validation: unknown[]) {
  const split = (values: unknown[], source: string) =>
    new Dataset({ [name]: values }, { source });
  return new DatasetDict({
    train: split(train, "train.tsv"),
    validation: split(validation, "validation.tsv"),
  });
}

Deno.test("checkLabels() names the label that is neither 0 nor 1", async (t) => {
  const cases: [unknown[], string | undefined][] = [
    [[0, 1, 1], undefined],
    [[0, 1, -1], "-1 in row 2"],
    [[0, 0.5, 2], "0.5 in row 1"],
    [[0, null], "null in row 1"],
    [["1", "yes", "0"], '"yes" in row 1'], // one word makes a column of texts
    [["1", "0"], '"1" in row 0'],
  ];
  for (const [labels, wrong] of cases) {
    await t.step(JSON.stringify(labels), () => {
      const check = () => report.checkLabels(data("labels", [0], labels));
      if (wrong === undefined) return check();
      assertEquals(
        assertThrows(check, RangeError).message,
        `validation.tsv has label ${wrong}, and labels must be the numbers 0 or 1: correct it, or leave the row out`,
      );
    });
  }
});

Deno.test("checkFits() names a row that the model cannot take", () => {
  const config = new BertConfig({ vocabSize: 9, maxPositionEmbeddings: 3 });
  const check = (...validation: number[][]) =>
    report.checkFits(data("inputIds", [[2, 8, 3]], validation), config);
  check([2, 8, 3]);
  assertEquals(
    assertThrows(() => check([2], [2, 4, 4, 3]), RangeError).message,
    "validation.tsv has 4 tokens in row 1, and the model takes 3: use --max-length 3",
  );
  assertEquals(
    assertThrows(() => check([2, 9, 3]), RangeError).message,
    "validation.tsv has token 9 in row 0, and the model knows 9: its tokenizer.json is of another model",
  );
});

Deno.test("checkFinite() refuses an evaluation loss that is not finite", () => {
  assertEquals(report.checkFinite(0.875, 3), 0.875);
  const { message } = assertThrows(
    () => report.checkFinite(Infinity, 3),
    Error,
  );
  assertEquals(
    message,
    "The evaluation loss after step 3 is Infinity: use a lower --learning-rate, or --max-grad-norm 1",
  );
});

Deno.test("Results compares with the commonest label everywhere", async (t) => {
  const cases: [number[], string][] = [
    // all 1: precision 2/3, recall 1, F1 = 2 · 2 / (2 · 2 + 1)
    [[1, 1, 0], "Baseline, label 1 everywhere: accuracy 0.6667, F1 0.8000"],
    // all 0: no true positive
    [[0, 1, 0], "Baseline, label 0 everywhere: accuracy 0.6667, F1 0.0000"],
    [[0, 1], "Baseline, label 1 everywhere: accuracy 0.5000, F1 0.6667"],
  ];
  for (const [labels, line] of cases) {
    await t.step(line, () => {
      using output = printed();
      new report.Results(data("labels", [1], labels));
      assertEquals(output.lines, [line]);
    });
  }
});

Deno.test("Results keeps the last epoch and the best, and warns of constant predictions", () => {
  using output = printed();
  const results = new report.Results(data("labels", [1], [1, 1, 0]));
  const epoch = (
    number: number,
    predictions: number[][],
    accuracy: number,
  ) => {
    for (const batch of predictions) results.seen(Int32Array.from(batch));
    const scores = { accuracy, f1: accuracy / 2, loss: 0.5, trainLoss: 0.25 };
    results.epoch(number, scores);
  };
  epoch(0, [[0, 0], [0]], 0.5);
  epoch(1, [[0, 0], [1]], 0.75);
  epoch(2, [[1, 1], [1]], 0.75);
  const line = (epoch: number, scores: string) =>
    `Epoch ${epoch}: ${scores} (baseline accuracy 0.6667, F1 0.8000), loss 0.5000, training loss 0.2500`;
  const warning = (label: number) =>
    `Warning: every prediction is ${label}: so far the model has learned nothing that the baseline does not know`;
  assertEquals(output.lines.slice(1), [
    line(1, "accuracy 0.5000, F1 0.2500"),
    warning(0),
    line(2, "accuracy 0.7500, F1 0.3750"),
    line(3, "accuracy 0.7500, F1 0.3750"),
    warning(1),
  ]);
  const run = { adapter: "a GPU", steps: 6, samples: 18, seconds: 4 };
  assertEquals(results.summary(run), {
    accuracy: 0.75,
    f1: 0.375,
    loss: 0.5,
    baseline: { accuracy: 2 / 3, f1: 0.8 },
    best: { epoch: 1, accuracy: 0.75, f1: 0.375 },
    epochs: 3,
    steps: 6,
    seconds: 4,
    samplesPerSecond: 4.5,
    adapter: "a GPU",
  });
});

Deno.test("Results sets word overlap beside the baseline", () => {
  using output = printed();
  const overlap = { accuracy: 0.7, f1: 0.8 };
  const results = new report.Results(data("labels", [1], [1, 1, 0]), overlap);
  results.seen(Int32Array.of(0, 1, 1));
  results.epoch(0, { accuracy: 0.5, f1: 0.25, loss: 0.5, trainLoss: 0.25 });
  assertEquals(output.lines.slice(1), [
    "A logistic regression on word overlap: accuracy 0.7000, F1 0.8000",
    "Epoch 1: accuracy 0.5000, F1 0.2500 (baseline accuracy 0.6667, F1 0.8000; word overlap accuracy 0.7000, F1 0.8000), loss 0.5000, training loss 0.2500",
  ]);
});
