/**
 * Scores of the evaluated rows of a report.
 *
 * @module
 */
import {
  type Calibration,
  classificationReport,
  expectedCalibrationError,
  type LabelScores,
  multilabelReport,
} from "../../mod.ts";
import { shortNames } from "./html.ts";
import { judge, type JudgedRow } from "./judged_rows.ts";
import type { ReportData } from "./report_data.ts";
import { type ScoreLine, scoreLines } from "./score_lines.ts";

/** Scores of the evaluated rows. */
export interface Analysis {
  /** Names of the classes or labels, short enough for charts and different from each other. */
  readonly names: readonly string[];
  /** Class whose F1 and thresholds are shown, of two. */
  readonly positiveLabel: number;
  /** The rows. */
  readonly rows: readonly JudgedRow[];
  /** Scores of all rows, the main ones first. */
  readonly scores: readonly ScoreLine[];
  /** Scores of each class or label; empty for a regression. */
  readonly perLabel: readonly LabelScores[];
  /** `[C, C]` rows of each class by predicted class; only for classes. */
  readonly confusion?: readonly (readonly number[])[];
  /** Confidence and accuracy; none for a regression. */
  readonly calibration?: Calibration;
}

/** Bins of the reliability diagram. */
const BINS = 10;

/**
 * Computes the scores of the evaluated rows.
 *
 * @param data The data of a report.
 * @returns The scores.
 * @throws {RangeError} If there are no rows, or predictions that do not fit the labels.
 */
export function analyze(data: ReportData): Analysis {
  checkRows(data);
  const rows = data.evaluation.rows.map((row) => judge(row, data));
  const names = shortNames(data.labelNames);
  const { positiveLabel = 1 } = data;
  const scores = scoreLines(data, names, rows);
  const common = { names, positiveLabel, rows, scores };
  const classes = names.map((_, i) => i);
  switch (data.problemType) {
    case "regression":
      return { ...common, perLabel: [] };
    case "single_label_classification": {
      const { perClass, confusionMatrix } = classificationReport(
        rows.map(({ predicted }) => predicted as number),
        rows.map(({ label }) => label as number),
        { labels: classes },
      );
      const calibration = expectedCalibrationError(
        rows.map(({ predictions }) => predictions),
        rows.map(({ label }) => label as number),
        { nBins: BINS },
      );
      return {
        ...common,
        calibration,
        perLabel: perClass,
        confusion: confusionMatrix,
      };
    }
    case "multi_label_classification": {
      const { perLabel } = multilabelReport(
        rows.map(({ predicted }) => predicted as number[]),
        rows.map(({ label }) => label as number[]),
      );
      const calibration = expectedCalibrationError(
        rows.flatMap(({ predictions }) => predictions),
        rows.flatMap(({ label }) => label),
        { nBins: BINS },
      );
      return { ...common, calibration, perLabel };
    }
  }
}

function checkRows({ problemType, labelNames, evaluation }: ReportData): void {
  const { split, rows } = evaluation;
  if (rows.length === 0) {
    throw new RangeError(`Cannot report on ${split}: it has no rows`);
  }
  const columns = problemType === "regression" ? 1 : labelNames.length;
  const bad = rows.find(({ predictions }) => predictions.length !== columns);
  if (bad) {
    throw new RangeError(
      `Cannot report on row ${bad.row} of ${split}: it has ${bad.predictions.length} predictions, not ${columns}`,
    );
  }
}
