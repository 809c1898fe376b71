/**
 * Thresholds of the probabilities of several labels a row.
 *
 * @module
 */
import { rowsOf } from "../inference/logits.ts";
import { type Pretrained, writeFile } from "../../mod.ts";
import type { Labels } from "./labels.ts";
import { type Predictions, probabilitiesOf, THRESHOLD } from "./predictions.ts";

/**
 * Chooses for each label the threshold with the best F1 on the rows: half-way
 * between two neighbouring probabilities, and of equal ones that next to 0.5. A label
 * without a row that has it keeps 0.5.
 *
 * Source: Lipton et al. 2014, Optimal Thresholding of Classifiers to Maximize F1
 * Measure, https://arxiv.org/abs/1402.1892
 *
 * @param predictions Logits and labels of the rows.
 * @param labels The labels of the task.
 * @returns One threshold per label.
 */
export function tuneThresholds(
  { logits, references }: Predictions,
  labels: Labels,
): number[] {
  const { numLabels, problemType } = labels.head;
  const rows = rowsOf(logits, numLabels)
    .map((row) => probabilitiesOf(row, problemType));
  return labels.names!.map((_, i) =>
    bestThreshold(
      rows.map((row, r) => ({
        probability: row[i]!,
        isPositive: (references[r] as readonly number[])[i] === 1,
      })),
    )
  );
}

interface ScoredRow {
  readonly probability: number;
  readonly isPositive: boolean;
}

function bestThreshold(rows: readonly ScoredRow[]): number {
  const positives = rows.filter(({ isPositive }) => isPositive).length;
  const sorted = rows.toSorted((a, b) => b.probability - a.probability);
  let best = { f1: 0, threshold: THRESHOLD };
  let truePositives = 0;
  sorted.forEach(({ probability, isPositive }, i) => {
    if (isPositive) truePositives++;
    const next = sorted[i + 1]?.probability ?? 0;
    if (next === probability) return; // no threshold is between the two
    const f1 = 2 * truePositives / (i + 1 + positives);
    const threshold = (probability + next) / 2;
    const isNearer = Math.abs(threshold - THRESHOLD) <
      Math.abs(best.threshold - THRESHOLD);
    if (f1 > best.f1 || (f1 === best.f1 && isNearer)) best = { f1, threshold };
  });
  return best.threshold;
}

/**
 * Makes a writer of the thresholds into `config.json` of a model that was saved, where
 * `TextClassifier` reads them. Thresholds of a checkpoint with other labels are removed.
 *
 * @param labels The labels of the task.
 * @param thresholds Thresholds of the labels; none to remove them.
 * @returns A part of the model folder, to save after the model.
 */
export function thresholdsFile(
  labels: Labels,
  thresholds: readonly number[] | undefined,
): Pretrained {
  return {
    savePretrained: async (folder) => {
      const { thresholds: before, ...config } = JSON.parse(
        await Deno.readTextFile(`${folder}/config.json`),
      );
      if (before === undefined && thresholds === undefined) return;
      const given = thresholds &&
        { thresholds: thresholdsByName(labels, thresholds) };
      const text = JSON.stringify({ ...config, ...given }, null, 2);
      await writeFile(folder, "config.json", `${text}\n`);
    },
  };
}

/**
 * Names thresholds.
 *
 * @param labels The labels of the task.
 * @param thresholds One threshold per label.
 * @returns The thresholds by label.
 */
export function thresholdsByName(
  { names }: Labels,
  thresholds: readonly number[],
): Record<string, number> {
  return Object.fromEntries(names!.map((name, i) => [name, thresholds[i]!]));
}
