import { assertEquals, assertMatch } from "@std/assert";
import { analyze } from "../../../scripts/report/analysis.ts";
import { findings } from "../../../scripts/report/findings.ts";
import type { ReportData } from "../../../scripts/report/report_data.ts";
import {
  classesData,
  multiLabelData,
  regressionData,
} from "./report_fixture.ts";

/** Sentences about data. */
const sentences = (data: ReportData) =>
  findings(data, analyze(data)).map(({ text: { text } }) =>
    text.replaceAll(/<[^>]+>/g, "").replaceAll(/\s+/g, " ").trim()
  );

/** Data about which there is nothing to say. */
function quiet(): ReportData {
  const data = classesData(200, 200);
  const { train } = data;
  return {
    ...data,
    labelNames: ["a", "b"],
    baselines: {},
    duplicates: [],
    events: [],
    train: { ...train!, tokens: train!.tokens.map(() => 10) },
    evaluation: {
      split: "validation",
      // Right in nine of ten rows, with a probability of 0.9.
      rows: data.evaluation.rows.map((row, i) => ({
        ...row,
        label: i % 2,
        predictions: (i % 20 < 2) === (i % 2 === 0) ? [0.1, 0.9] : [0.9, 0.1],
      })),
    },
    labels: { validation: data.evaluation.rows.map((_, i) => i % 2) },
  };
}

Deno.test("findings() says nothing where there is nothing to say", () => {
  assertEquals(sentences(quiet()), []);
});

Deno.test("findings() compares with the best baseline", () => {
  const against = (accuracy: number) =>
    findings(
      {
        ...quiet(),
        baselines: { majority: { accuracy: 0.5 }, words: { accuracy } },
      },
      analyze(quiet()),
    )[0]!;
  const [worse, near, better] = [0.6, 0.88, 0.95].map(against);
  assertMatch(
    worse!.text.text,
    /beats every baseline: accuracy 0\.900 against 0\.600/,
  );
  assertEquals(worse!.isGood, true);
  assertMatch(near!.text.text, /may be no better than a baseline/);
  assertMatch(better!.text.text, /is no better than a baseline/);
  assertEquals([near!.isGood, better!.isGood], [undefined, undefined]);
});

Deno.test("findings() compares errors of numbers with the mean, also those of a constant", () => {
  const { train: _, ...data } = regressionData(60);
  const labels = data.evaluation.rows.map(({ label }) => label as number);
  const mean = labels.reduce((sum, label) => sum + label) / labels.length;
  const of = (predict: (label: number) => number) => {
    const rows = data.evaluation.rows.map((row) => ({
      ...row,
      predictions: [predict(row.label as number)],
    }));
    const squares = labels.map((label) => (label - mean) ** 2);
    const rootMeanSquaredError = Math.sqrt(
      squares.reduce((sum, square) => sum + square) / labels.length,
    );
    const [text] = sentences({
      ...data,
      ...{ events: [], duplicates: [] },
      baselines: {
        mean: { rootMeanSquaredError },
        other: { rootMeanSquaredError: 10 },
      },
      evaluation: { ...data.evaluation, rows },
    });
    return text;
  };
  assertMatch(
    of((label) => label + 0.1)!,
    /beats every baseline: root mean squared error 0\.100 against 1\.\d{3} of the best baseline, mean label\./,
  );
  assertMatch(of(() => 2)!, /^The model is no better than a baseline/);
  assertMatch(
    of((label) => mean + 0.05 * (label - mean))!,
    /^The model may be no better than a baseline, which is within its interval/,
  );
});

Deno.test("findings() reports copies and texts with different labels", () => {
  const rows = (split: string, row: number) => ({ split, row });
  const data = {
    ...quiet(),
    labels: { train: [0, 1, 0], validation: [0, 1] },
    duplicates: [
      { values: ["a"], rows: [rows("train", 0), rows("validation", 0)] },
      { values: ["b"], rows: [rows("train", 1), rows("train", 2)] },
    ],
  };
  assertEquals(sentences(data), [
    "1 row of validation is a training row too, so the scores are too good. See the data.",
    "1 text has different labels in different rows, so some are wrong. See the data.",
  ]);
});

Deno.test("findings() calls different numbers of a text no errors", () => {
  const data = regressionData(60);
  const [found] = sentences({
    ...data,
    ...{ baselines: {}, events: [] },
    labels: { train: [1, 2] },
    duplicates: [{
      values: ["b"],
      rows: [{ split: "train", row: 0 }, { split: "train", row: 1 }],
    }],
  });
  assertEquals(
    found,
    "1 text has different numbers in different rows: no model can be right in all of them. See the data.",
  );
});

Deno.test("findings() reports a validation loss that rises", () => {
  const evals = (losses: number[]) => ({
    ...quiet(),
    events: losses.map((loss, i) => ({
      event: "eval",
      step: 10 * (i + 1),
      loss,
    })),
  });
  assertMatch(
    sentences(evals([0.5, 0.4, 0.6]))[0]!,
    /lowest, 0\.400, at step 20, and is 0\.600 at the end: the model overfits/,
  );
  assertEquals(sentences(evals([0.5, 0.4, 0.41])), []);
});

Deno.test("findings() names weak and small classes", () => {
  const data = quiet();
  const rows = data.evaluation.rows.map((row, i) => ({
    ...row,
    label: i < 3 ? 2 : row.label,
    predictions: [...row.predictions, 0],
  }));
  const [weak, small] = sentences({
    ...data,
    labelNames: ["a", "b", "<c>"],
    evaluation: { ...data.evaluation, rows },
  });
  assertMatch(
    weak!,
    /^F1 is below 0\.5 for &lt;c&gt;\. Look at what they are confused with/,
  );
  assertMatch(
    small!,
    /^1 class \(&lt;c&gt;\) has fewer than 10 validation rows/,
  );
});

Deno.test("findings() reports a model that is too sure", () => {
  const data = quiet();
  const rows = data.evaluation.rows.map((row) => ({
    ...row,
    predictions: row.predictions.map((p) => p < 0.5 ? 0.01 : 0.99),
  }));
  assertMatch(
    sentences({ ...data, evaluation: { ...data.evaluation, rows } })[0]!,
    /too sure: on average it gives its prediction 99 %, and 90 % are right/,
  );
});

Deno.test("findings() reports truncated rows", () => {
  const data = quiet();
  const tokens = data.train!.tokens.map((n, i) => i < 20 ? 500 : n);
  assertMatch(
    sentences({ ...data, train: { ...data.train!, tokens } })[0]!,
    /^10 % of the training rows \(20 rows\) are longer than 128 tokens/,
  );
});

Deno.test("findings() speaks of labels where a row has several", () => {
  const data = multiLabelData(20);
  assertMatch(
    sentences(data).join(" "),
    /\d labels? \([^)]*\) ha(s|ve) fewer than 10 validation rows/,
  );
});
