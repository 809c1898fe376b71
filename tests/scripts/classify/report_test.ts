import { assertEquals, assertStringIncludes } from "@std/assert";
import { Dataset, type Tokenizer } from "../../../mod.ts";
import type { Label } from "../../../scripts/classify/labels.ts";
import { cardData } from "../../../scripts/classify/card.ts";
import {
  reportData,
  type ReportedScores,
  trainingRows,
} from "../../../scripts/classify/report.ts";
import { finalScores } from "../../../scripts/classify/scores.ts";
import { customTask, TASKS } from "../../../scripts/classify/tasks.ts";
import { modelCard } from "../../../scripts/model_card/model_card.ts";
import { reportHtml } from "../../../scripts/report/report_page.ts";
import { logitsOf, taskData } from "./labels_fixture.ts";

const RUN = {
  name: "first",
  task: "classify",
  events: [],
  config: { digests: { data: { "m.csv": "ab" } }, seed: 42 },
  flags: {
    data: "my file.csv",
    outputDir: "runs/first",
    tuneThresholds: true,
    loadBestModelAtEnd: false,
    epochs: 2,
  },
  step: 6,
};

const train = (rows: number) => ({
  texts: Array<string[]>(rows).fill(["x"]),
  tokens: [9, ...Array<number>(rows - 1).fill(3)],
  maxLength: 8,
});

/** Predictions of splits. */
function scoresOf(
  splits: Record<string, { predicted: Label[]; references: Label[] }>,
  numLabels: number,
): ReportedScores {
  return {
    predictions: new Map(
      Object.entries(splits).map(([split, { predicted, references }]) => [
        split,
        { logits: logitsOf(predicted, numLabels), references },
      ]),
    ),
    baselines: new Map([
      ["validation", { majority: { accuracy: 0.5 }, words: { accuracy: 1 } }],
    ]),
    thresholds: undefined,
  };
}

Deno.test("trainingRows() counts the tokens before truncation", () => {
  const data = taskData([0, 1, 1], TASKS.rte);
  const encoded: unknown[] = [];
  const tokenizer = {
    encode: (...texts: unknown[]) => {
      encoded.push(texts);
      return { inputIds: Array(11) };
    },
  } as unknown as Tokenizer;
  const inputIds = [[1, 2], [1, 2, 3, 4], [1]]; // the second may have been longer
  const rows = trainingRows(data, new Dataset({ inputIds }), tokenizer, 4);
  assertEquals([rows.tokens, rows.maxLength], [[2, 11, 1], 4]);
  assertEquals(encoded, [["1 1 sentence1", "1 1 sentence2"]]);
  assertEquals(rows.texts[1], encoded[0]);
});

Deno.test("reportData() shows the first validation split, and has the rows of the others", async () => {
  const task = customTask(["text"], "label", "classes", true);
  const data = taskData(["a", "b"], task);
  const both = { predicted: [1, 1], references: [0, 1] };
  const scores = scoresOf({ test: both, validation: both, train: both }, 2);
  const report = reportData(data, train(2), scores, RUN);
  assertEquals(report.evaluation.split, "validation");
  assertEquals(report.evaluation.step, 6);
  assertEquals(report.others?.map(({ split }) => split), ["test", "train"]);
  assertEquals(Object.keys(report.labels), ["train", "validation", "test"]);
  assertEquals(report.baselines, {
    majority: { accuracy: 0.5 },
    words: { accuracy: 1 },
  });
  assertEquals(report.positiveLabel, 1);
  const swapped = taskData(["a", "b"], task, ["b", "a"]);
  const { positiveLabel } = reportData(swapped, train(2), scores, RUN);
  assertEquals(positiveLabel, 0); // the model's number of the second class
  const [row] = report.evaluation.rows;
  assertEquals([row!.row, row!.texts, row!.label], [0, ['"a" 0 text'], 0]);
  assertEquals(row!.predictions.length, 2);
  // the same texts in every split
  assertEquals(report.duplicates?.length, 2);
  assertEquals(
    report.command,
    "./denow task classify --data 'my file.csv' --tune-thresholds --no-load-best-model-at-end --epochs 2",
  );
  assertStringIncludes(await reportHtml(report), "Likely label errors");
});

Deno.test("cardData() has the figures of the final model, and names of the Hub", () => {
  const data = taskData([0, 1, 1, 0], TASKS.rte);
  const predictions = {
    logits: logitsOf([0, 1, 0, 0], 2),
    references: [0, 1, 1, 0],
  };
  const final = new Map([["validation", {
    ...finalScores(predictions, data.labels),
    baselines: { majority: { accuracy: 0.5 }, words: { accuracy: 0.75 } },
  }]]);
  const run = {
    ...RUN,
    data: "data/hub/datasets/nyu-mll/glue/rte",
    model: "data/hub/models/google-bert/bert-base-uncased@main",
    modelType: "bert",
    maxLength: 8,
  };
  const card = cardData(data, train(4), final, run, undefined);
  assertEquals(card.baseModel, "google-bert/bert-base-uncased");
  const { name, hubName, format, splits, truncatedRows } = card.dataset;
  assertEquals([name, hubName, format], ["rte", "nyu-mll/glue", "csv"]);
  assertEquals(splits[0], { name: "train", rows: 4, labelCounts: [2, 2] });
  assertEquals(truncatedRows, 1);
  const [{ scores, classes, isSelection, rows }] = card.evaluations as [
    typeof card.evaluations[0] & object,
  ];
  assertEquals([rows, isSelection], [4, true]);
  const { intervals } = final.get("validation")!.details;
  const [low, high] = intervals.accuracy!;
  assertEquals(scores[0], {
    key: "accuracy",
    name: "Accuracy",
    value: 0.75,
    interval: { low, high },
    baseline: 0.5,
  });
  assertEquals(scores.map(({ name }) => name), [
    "Accuracy",
    "Loss",
    "F1 of not_entailment",
  ]);
  assertEquals(classes?.map(({ label, support }) => [label, support]), [
    ["entailment", 2],
    ["not_entailment", 2],
  ]);
  assertStringIncludes(modelCard(card), "# first\n");
  const own = cardData(data, train(4), final, {
    ...run,
    data: "texts/m.csv",
    model: undefined,
  }, undefined);
  assertEquals(
    [own.baseModel, own.dataset.name, own.dataset.hubName],
    [undefined, "m.csv", undefined],
  );
});
