/**
 * Rows whose labels are likely wrong: those with the greatest loss.
 *
 * @module
 */
import { greatestLosses, judge, labelText } from "../report/judged_rows.ts";
import type { ReportEvaluation } from "../report/report_data.ts";
import type { Labels } from "./labels.ts";

/** Rows of {@linkcode likelyLabelErrors}. */
const ROWS = 150;

/** Characters of a text, after which it is cut. */
const TEXT_LENGTH = 500;

/** A row whose label is likely wrong. */
export interface LikelyLabelError {
  /** Number of the row in its file, from 0. */
  readonly row: number;
  /** Its split. */
  readonly split: string;
  /** Its text, cut after 500 characters; two texts are separated by a newline. */
  readonly text: string;
  /** Its label; several are separated by commas. */
  readonly label: string;
  /** Prediction of the model, in the same form. */
  readonly predicted: string;
  /** Probability of the label, or of all labels of the row; null for a regression. */
  readonly probability: number | null;
}

/**
 * Lists the rows whose labels are most likely wrong, as the report does.
 *
 * @param evaluations The rows of each split, with their predictions.
 * @param labels The labels of the task.
 * @returns At most 150 rows that are predicted otherwise than labelled, the greatest loss first.
 */
export function likelyLabelErrors(
  evaluations: readonly ReportEvaluation[],
  { names = [], head: { problemType } }: Labels,
): LikelyLabelError[] {
  const rows = evaluations.flatMap((evaluation) =>
    evaluation.rows.map((row) => ({
      ...judge(row, { problemType, evaluation }),
      split: evaluation.split,
    }))
  );
  return greatestLosses(rows, ROWS).map((row) => ({
    row: row.row,
    split: row.split,
    text: cut(row.texts.join("\n")),
    label: labelText(row.label, names, problemType),
    predicted: labelText(row.predicted, names, problemType),
    probability: Number.isNaN(row.probability) ? null : row.probability,
  }));
}

function cut(text: string): string {
  const characters = [...text]; // an emoji stays whole
  return characters.length <= TEXT_LENGTH
    ? text
    : `${characters.slice(0, TEXT_LENGTH).join("")}…`;
}
