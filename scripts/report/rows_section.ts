/**
 * Section on the rows with the greatest loss: likely label errors.
 *
 * @module
 */
import type { Analysis } from "./analysis.ts";
import { count, type Html, html, percent, rowText, shorten } from "./html.ts";
import {
  greatestLosses,
  judge,
  type JudgedRow,
  labelText,
} from "./judged_rows.ts";
import type { Section } from "./layout.ts";
import type { ReportData } from "./report_data.ts";

/** Rows in the table. */
const ROWS = 50;

/** A judged row of one of several splits. */
type RowOfSplit = JudgedRow & { readonly split: string };

/**
 * Makes the section on the rows with the greatest loss.
 *
 * @param data The data of a report.
 * @param analysis The scores.
 * @returns The section.
 */
export function rowsSection(
  data: ReportData,
  { names }: Analysis,
): Section {
  const { evaluation, others = [], problemType } = data;
  const isRegression = problemType === "regression";
  const all = [evaluation, ...others].flatMap((evaluation) =>
    evaluation.rows.map((row): RowOfSplit => ({
      ...judge(row, { problemType, evaluation }),
      split: evaluation.split,
    }))
  );
  const rows = greatestLosses(all, ROWS);
  const splits = [evaluation, ...others].map(({ split }) => split);
  return {
    id: "rows",
    title: isRegression
      ? "Rows with the greatest error"
      : "Likely label errors",
    content: html`<p>${
      intro(rows.length, isRegression)
    } Row numbers are those of the file, from 0 (row 0 is the first after the header: in a spreadsheet, add 2).</p>
${
      rows.length === 0 ? undefined : html`
        <table class="rows">
          <caption class="unseen">Rows of ${listed(
            splits,
          )} with the greatest loss</caption>
          <thead>
            <tr>
              <th scope="col" class="row-number n">Row</th>
              <th scope="col" class="short">Label</th>
              <th scope="col" class="short">Predicted</th>
              <th scope="col">Text</th>
            </tr>
          </thead>
          <tbody>${rows.map((row) =>
            rowOf(row, problemType, names, splits.length > 1)
          )}</tbody>
        </table>
      `
    }`,
  };
}

function intro(rows: number, isRegression: boolean): string {
  if (rows === 0) return "Every row is predicted as it is labelled.";
  return isRegression
    ? `The ${
      count(rows)
    } rows whose number is furthest from the predicted one. Look for wrong numbers, and for what they have in common.`
    : `The ${
      count(rows)
    } rows that are predicted otherwise and whose label the model finds least probable. Read from the top: is the label wrong? Then correct it in the file and train again. Is it right? Then this is what the model has yet to learn.`;
}

function rowOf(
  { row, split, label, predicted, predictions, probability, texts }: RowOfSplit,
  problemType: ReportData["problemType"],
  names: readonly string[],
  hasSplit: boolean,
): Html {
  const name = (value: JudgedRow["label"]) =>
    html`<bdi>${shorten(labelText(value, names, problemType), 120)}</bdi>`;
  const share = (value: number | undefined) =>
    problemType === "regression" || value === undefined ? undefined : html`
      <span class="muted">${percent(value)}</span>
    `;
  return html`
    <tr>
      <th scope="row" class="row-number n">${count(row)}${hasSplit
        ? html`<small>${split}</small>`
        : undefined}</th>
      <td class="short">${name(label)}${share(probability)}</td>
      <td class="short">${name(predicted)}${share(
        typeof predicted === "number" ? predictions[predicted] : undefined,
      )}</td>
      <td>${texts.map(rowText)}</td>
    </tr>
  `;
}

/** Names with "and" before the last. */
function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(", "), ...names.slice(-1)]
    .filter((part) => part !== "").join(" and ");
}
