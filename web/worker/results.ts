/**
 * Scores of predictions on rows that were held out, as the report computes them.
 *
 * @module
 */
import { bootstrap, type ConfidenceInterval } from "../../mod.ts";
import { indexOfMax } from "../../scripts/inference/logits.ts";
import { analyze } from "../../scripts/report/analysis.ts";
import { judge } from "../../scripts/report/judged_rows.ts";
import { predictByWords } from "../../scripts/report/word_baseline.ts";
import type { ReportData } from "../../scripts/report/report_data.ts";
import {
  type ClassScore,
  type EvaluationPoint,
  LISTED_ROWS,
  type Plan,
  type Result,
  type ResultRow,
  type Score,
} from "../messages.ts";
import {
  countsOf,
  type LabelledRow,
  type PreparedData,
} from "./prepared_data.ts";

/** Name of the rows that were held out, in the report. */
export const HELD_OUT_SPLIT = "held-out";

/** Resamples of the intervals of a class. */
const RESAMPLES = 500;

/**
 * Scores two baselines that need no model.
 *
 * @param data The rows.
 * @returns Their accuracies.
 */
export function scoreBaselines(
  { train, heldOut, classes }: PreparedData,
): Plan["baselines"] {
  const labels = train.map(({ label }) => label);
  const most = indexOfMax(countsOf(train, classes));
  const words = predictByWords(
    { texts: train.map(({ texts }) => texts), labels },
    heldOut.map(({ texts }) => texts),
    classes.length,
  );
  return {
    majority: shareOf(heldOut, () => most),
    words: shareOf(heldOut, (i) => words[i] as number),
  };
}

/** Share of the rows that are predicted right. */
function shareOf(
  rows: readonly LabelledRow[],
  predicted: (i: number) => number,
): number {
  return rows.filter(({ label }, i) => label === predicted(i)).length /
    rows.length;
}

/**
 * Scores an evaluation.
 *
 * @param data The rows.
 * @param probabilities Those of each row.
 * @returns Mean loss, and accuracy.
 */
export function scoreEvaluation(
  data: PreparedData,
  probabilities: readonly (readonly number[])[],
): Omit<EvaluationPoint, "step"> {
  const shown = evaluated(data, probabilities);
  const rows = shown.evaluation.rows.map((row) => judge(row, shown));
  return {
    loss: rows.reduce((sum, { loss }) => sum + loss, 0) / rows.length,
    accuracy: shareOf(data.heldOut, (i) => rows[i]!.predicted as number),
  };
}

/**
 * Collects the rows that were held out with their predictions, for the report.
 *
 * @param data The rows.
 * @param probabilities Those of each row.
 * @returns The part of a report on which its scores depend.
 */
export function evaluated(
  { heldOut, classes }: PreparedData,
  probabilities: readonly (readonly number[])[],
): Pick<ReportData, "problemType" | "labelNames" | "evaluation"> {
  return {
    problemType: "single_label_classification",
    labelNames: classes,
    evaluation: {
      split: HELD_OUT_SPLIT,
      rows: heldOut.map(({ row, texts, label }, i) => ({
        row,
        texts,
        label,
        predictions: probabilities[i]!,
      })),
    },
  };
}

/**
 * Scores the predictions.
 *
 * @param data The rows.
 * @param probabilities Those of each row.
 * @returns The scores, and the rows with the greatest loss first.
 */
export function resultOf(
  data: PreparedData,
  probabilities: readonly (readonly number[])[],
): Result {
  const { rows, scores, perLabel, confusion = [] } = analyze({
    ...evaluated(data, probabilities),
    ...{ title: "", events: [], baselines: {}, labels: {}, config: {} },
  });
  const labels = Int32Array.from(rows, ({ label }) => label as number);
  const predicted = Int32Array.from(rows, (row) => row.predicted as number);
  const { interval } = scores.find(({ key }) => key === "accuracy")!;
  return {
    accuracy: toScore(interval!),
    confusion,
    perClass: perLabel.map(({ label, support }) =>
      classScore(predicted, labels, label, support)
    ),
    rows: listed(
      rows.map((row) => ({
        row: row.row,
        texts: row.texts,
        label: row.label as number,
        predicted: row.predicted as number,
        probability: row.probability,
        loss: row.loss,
      })).sort((a, b) => b.loss - a.loss),
    ),
  };
}

/** The hardest rows, and the hardest of each cell of the confusion matrix. */
function listed(rows: readonly ResultRow[]): ResultRow[] {
  const counts = new Map<string, number>();
  return rows.filter(({ label, predicted }, i) => {
    const cell = `${label} ${predicted}`;
    const count = (counts.get(cell) ?? 0) + 1;
    counts.set(cell, count);
    return i < LISTED_ROWS || count <= LISTED_ROWS;
  });
}

function toScore({ score, low, high }: ConfidenceInterval): Score {
  return { value: score, low, high };
}

function classScore(
  predicted: Int32Array,
  labels: Int32Array,
  label: number,
  support: number,
): ClassScore {
  const interval = (
    score: (both: number, found: number, actual: number) => number,
  ) =>
    toScore(bootstrap([predicted, labels], (p, l) => {
      let [both, found, actual] = [0, 0, 0];
      for (let i = 0; i < l.length; i++) {
        const [isFound, isActual] = [p[i] === label, l[i] === label];
        if (isFound) found++;
        if (isActual) actual++;
        if (isFound && isActual) both++;
      }
      return score(both, found, actual);
    }, { nResamples: RESAMPLES }));
  const share = (part: number, all: number) => all === 0 ? 0 : part / all;
  return {
    precision: interval((both, found) => share(both, found)),
    recall: interval((both, _, actual) => share(both, actual)),
    f1: interval((both, found, actual) => share(2 * both, found + actual)),
    support,
  };
}
