import type { ModelCardData } from "../../../scripts/model_card/card_data.ts";

/** A card of three classes, one of them rare. */
export const CARD: ModelCardData = {
  title: "messages",
  baseModel: "google-bert/bert-base-uncased",
  modelType: "bert",
  problemType: "single_label_classification",
  labelNames: ["yes", "no", "null: maybe"],
  dataset: {
    name: "messages.csv",
    format: "csv",
    textColumns: ["text"],
    labelColumns: ["label"],
    splits: [
      { name: "train", rows: 900, labelCounts: [500, 380, 20] },
      { name: "validation", rows: 100, labelCounts: [55, 40, 5] },
    ],
    truncatedRows: 7,
  },
  evaluations: [{
    split: "validation",
    rows: 100,
    scores: [
      {
        key: "accuracy",
        name: "Accuracy",
        value: 0.918,
        interval: { low: 0.86, high: 0.97 },
        baseline: 0.55,
      },
      { key: "f1Macro", name: "F1, macro", value: 1 / 3, baseline: 0.2 },
      { key: "rocAuc", name: "ROC AUC", value: NaN },
    ],
    classes: [
      { label: "yes", precision: 0.9, recall: 0.95, f1: 0.924, support: 55 },
      { label: "no", precision: 0.9, recall: 0.9, f1: 0.9, support: 40 },
      { label: "null: maybe", precision: NaN, recall: 0, f1: 0, support: 5 },
    ],
    isSelection: true,
  }],
  baselineName: "the most frequent label, yes",
  maxLength: 128,
  steps: 282,
  config: {
    script: "train_classifier",
    model: "/home/alice/models/bert",
    data: "/home/alice/messages.csv",
    outputDir: "runs/messages",
    learningRate: 5e-5,
    maxSteps: null,
    seed: 42,
    flags: { data: "/home/alice/messages.csv" },
    versions: { gradloop: "0.1.0", deno: "2.9.6" },
    adapter: "llvmpipe | a software adapter",
    digests: { data: { "messages.csv": "ab" } },
  },
  onnxFiles: ["onnx/model.onnx"],
};
