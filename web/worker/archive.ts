/**
 * The trained model as a zip: the folder of Hugging Face, ONNX, report, card, and the
 * programs that use it.
 *
 * @module
 */
import { downloadZip } from "npm:client-zip@2.5.1";
import {
  Dataset,
  DatasetDict,
  findDuplicates,
  OnnxModel,
  type OutputFiles,
} from "../../mod.ts";
import { modelCard } from "../../scripts/model_card/model_card.ts";
import type { ReportData } from "../../scripts/report/report_data.ts";
import type { ArchiveFile, ModelSummary, Result } from "../messages.ts";
import { javaScript, python } from "../take_away/snippets.ts";
import { countsOf, type LabelledRow } from "./prepared_data.ts";
import { evaluated, HELD_OUT_SPLIT } from "./results.ts";
import type { Training } from "./training.ts";

/** A trained model, and its origin. */
export interface Trained {
  readonly training: Training;
  readonly base: ModelSummary;
}

/**
 * Packs a trained model.
 *
 * @param trained The model.
 * @param result Its scores.
 * @returns The zip, and its files.
 */
export async function pack(
  trained: Trained,
  result: Result,
): Promise<{ blob: Blob; files: ArchiveFile[] }> {
  const { classifier, plan } = trained.training;
  const { model, tokenizer } = classifier;
  const files: OutputFiles = {};
  await model.savePretrained(files);
  await tokenizer.savePretrained(files, { modelMaxLength: plan.maxLength });
  {
    using onnx = await OnnxModel.fromPretrained(files);
    await onnx.savePretrained(files);
    await onnx.savePretrained(files, { dtype: "q8" });
  }
  files["README.md"] = new Blob([card(trained, result, Object.keys(files))]);
  files["report.html"] = new Blob([await report(trained)]);
  const entries = [
    ...Object.entries(files)
      .map(([name, input]) => ({ name: `model/${name}`, input })),
    { name: "classify.py", input: new Blob([python(plan)]) },
    { name: "classify.mjs", input: new Blob([javaScript(plan)]) },
  ];
  return {
    blob: await downloadZip(entries).blob(),
    files: entries.map(({ name, input }) => ({ name, bytes: input.size })),
  };
}

/** The report loads its charts when it is made. */
async function report(trained: Trained): Promise<string> {
  const { reportHtml } = await import("../../scripts/report/report_page.ts");
  return reportHtml(reportData(trained));
}

/**
 * Collects the data of the report.
 *
 * @param trained The model.
 * @returns The data.
 */
export function reportData({ training, base }: Trained): ReportData {
  const { data, plan, history, probabilities, classifier } = training;
  const { train, heldOut } = data;
  const labelsOf = (rows: readonly LabelledRow[]) =>
    rows.map(({ label }) => label);
  const tableOf = (rows: readonly LabelledRow[]) =>
    new Dataset({ texts: rows.map(({ texts }) => texts.join("\n")) });
  const shown = evaluated(data, probabilities);
  return {
    title: data.name,
    ...shown,
    evaluation: { ...shown.evaluation, step: training.step },
    events: [
      ...history.steps.map((point) => ({
        event: "step",
        ...point,
        epoch: Math.floor((point.step - 1) / plan.stepsPerEpoch),
      })),
      ...history.evaluations.map((point) => ({
        event: "eval",
        ...point,
        epoch: Math.floor((point.step - 1) / plan.stepsPerEpoch),
      })),
    ],
    baselines: {
      majority: { accuracy: plan.baselines.majority },
      words: { accuracy: plan.baselines.words },
    },
    labels: { train: labelsOf(train), [HELD_OUT_SPLIT]: labelsOf(heldOut) },
    rowNumbers: {
      train: train.map(({ row }) => row),
      [HELD_OUT_SPLIT]: heldOut.map(({ row }) => row),
    },
    train: {
      texts: train.map(({ texts }) => texts),
      tokens: train.map(({ texts: [first, second] }) =>
        classifier.tokenizer.encode(first!, second).inputIds.length
      ),
      maxLength: plan.maxLength,
    },
    duplicates: findDuplicates(
      new DatasetDict({
        train: tableOf(train),
        [HELD_OUT_SPLIT]: tableOf(heldOut),
      }),
      ["texts"],
    ),
    config: {
      model: base.name,
      ...plan.settings,
      maxLength: plan.maxLength,
      adapter: classifier.device.description,
    },
  };
}

function card(
  { training, base }: Trained,
  result: Result,
  names: readonly string[],
): string {
  const { data, plan, classifier } = training;
  const { accuracy, perClass } = result;
  const { choice } = data.summary;
  return modelCard({
    title: data.name,
    ...base.origin === "hub" && { baseModel: base.name },
    modelType: base.modelType,
    problemType: "single_label_classification",
    labelNames: data.classes,
    dataset: {
      name: data.name,
      format: data.name.split(".").at(-1)!,
      textColumns: choice.text,
      labelColumns: [choice.label],
      splits: [
        { name: "train", rows: data.train },
        { name: HELD_OUT_SPLIT, rows: data.heldOut },
      ].map(({ name, rows }) => ({
        name,
        rows: rows.length,
        labelCounts: countsOf(rows, data.classes),
      })),
      truncatedRows: plan.truncated,
    },
    evaluations: [{
      split: HELD_OUT_SPLIT,
      rows: data.heldOut.length,
      scores: [{
        key: "accuracy",
        name: "Accuracy",
        value: accuracy.value,
        interval: accuracy,
        baseline: plan.baselines.majority,
      }],
      classes: perClass.map(({ precision, recall, f1, support }, i) => ({
        label: data.classes[i]!,
        precision: precision.value,
        recall: recall.value,
        f1: f1.value,
        support,
      })),
    }],
    baselineName: "the most frequent label",
    maxLength: plan.maxLength,
    steps: training.step,
    config: {
      ...plan.settings,
      adapter: classifier.device.description,
    },
    onnxFiles: names.filter((name) => name.endsWith(".onnx")),
  });
}
