/**
 * Confidence intervals of the scores of a split.
 *
 * @module
 */
import {
  bootstrap,
  type ConfidenceInterval,
  meanAbsoluteError,
  pearson,
  spearman,
} from "../../mod.ts";
import { LabelIntervals } from "../report/label_intervals.ts";
import { rootMeanSquaredError } from "../report/score_lines.ts";
import { type Label, type Labels, positiveLabelOf } from "./labels.ts";

/**
 * Resamples the scores of predicted labels.
 *
 * @param predicted The predicted labels, in the model's numbers.
 * @param references The true labels.
 * @param labels The labels of the task.
 * @returns Each score of the kind of labels with its interval.
 */
export function intervalsOf(
  predicted: readonly Label[],
  references: readonly Label[],
  labels: Labels,
): Readonly<Record<string, ConfidenceInterval>> {
  const { head, names } = labels;
  if (names === undefined) {
    const columns = [predicted as number[], references as number[]] as const;
    return {
      pearson: bootstrap(columns, pearson),
      spearmanr: bootstrap(columns, spearman),
      meanAbsoluteError: bootstrap(columns, meanAbsoluteError),
      rootMeanSquaredError: bootstrap(columns, rootMeanSquaredError),
    };
  }
  const rows = predicted.map((predicted, row) => ({
    predicted,
    label: references[row]!,
  }));
  const intervals = new LabelIntervals(rows, names.length);
  return head.problemType === "multi_label_classification"
    ? {
      f1Micro: intervals.f1("micro"),
      f1Macro: intervals.f1("macro"),
      subsetAccuracy: intervals.accuracy(),
    }
    : {
      accuracy: intervals.accuracy(),
      f1: intervals.f1(
        names.length === 2 ? "binary" : "macro",
        positiveLabelOf(labels),
      ),
    };
}
