/**
 * Metadata of a model card, by which the Hub finds and shows a model.
 *
 * Source: https://huggingface.co/docs/hub/model-cards and
 * https://github.com/huggingface/hub-docs/blob/main/modelcard.md
 *
 * @module
 */
import type { CardEvaluation, CardScore, ModelCardData } from "./card_data.ts";
import { type Yaml, yaml } from "./yaml.ts";

/** Names of scores in evaluate where they are not ours in snake case. */
const METRICS: Readonly<Record<string, string>> = {
  pearson: "pearsonr",
  spearman: "spearmanr",
  meanSquaredError: "mse",
  meanAbsoluteError: "mae",
};

/** Digits of a score. */
const DIGITS = 6;

/** Tags of a folder with ONNX files. */
export const ONNX_TAGS: readonly string[] = ["transformers.js", "onnx"];

/**
 * Writes the metadata.
 *
 * @param data The data of a model card.
 * @returns The YAML, without the lines around it.
 */
export function metadata(data: ModelCardData): string {
  const { baseModel, dataset, evaluations, onnxFiles } = data;
  const scores = evaluations.flatMap(({ scores }) => scores).filter(isFinite);
  const metrics = [...new Set(scores.map(metricOf))];
  return yaml({
    library_name: "transformers",
    pipeline_tag: "text-classification",
    tags: [
      "gradloop",
      "text-classification",
      data.modelType,
      ...onnxFiles.length > 0 ? ONNX_TAGS : [],
    ],
    base_model: baseModel,
    datasets: dataset.hubName === undefined ? undefined : [dataset.hubName],
    metrics: metrics.length > 0 ? metrics : undefined,
    "model-index": metrics.length === 0 ? undefined : [{
      name: data.title,
      results: evaluations
        .filter(({ scores }) => scores.some(isFinite))
        .map((evaluation) => resultOf(data, evaluation)),
    }],
  });
}

function resultOf(
  { dataset }: ModelCardData,
  { split, scores }: CardEvaluation,
): Yaml {
  return {
    task: { type: "text-classification", name: "Text classification" },
    dataset: {
      name: dataset.name,
      type: dataset.hubName ?? dataset.format,
      split,
    },
    metrics: scores.filter(isFinite).map((score) => ({
      type: metricOf(score),
      value: Number(score.value.toPrecision(DIGITS)),
      name: score.name,
    })),
  };
}

function isFinite({ value }: CardScore): boolean {
  return Number.isFinite(value);
}

/** Name of a score in evaluate: `f1` for `f1Macro`, `roc_auc` for `rocAuc`. */
function metricOf({ key }: CardScore): string {
  const [, averaged] = key.match(/^(f1|precision|recall)[A-Z]/) ?? [];
  return averaged ?? METRICS[key] ??
    key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
