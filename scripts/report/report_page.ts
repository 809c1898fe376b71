/**
 * The report of a run or of an evaluation: one page, which needs no network and
 * runs no script.
 *
 * @module
 */
import { type Analysis, analyze } from "./analysis.ts";
import { classesSection } from "./classes_section.ts";
import { confidenceSection } from "./confidence_section.ts";
import { dataSection } from "./data_section.ts";
import { count, counted } from "./html.ts";
import { page } from "./layout.ts";
import { regressionSection } from "./regression_section.ts";
import type { ReportData } from "./report_data.ts";
import { rowsSection } from "./rows_section.ts";
import { scoresSection } from "./scores_section.ts";
import { settingsSection } from "./settings_section.ts";
import { STYLE } from "./style.ts";
import { trainingSection } from "./training_charts.ts";

/**
 * Makes the report.
 *
 * @param data Its data.
 * @returns The text of `report.html`; the same data give the same text.
 * @throws {RangeError} If there are no evaluated rows, or predictions that do not fit the labels.
 */
export async function reportHtml(data: ReportData): Promise<string> {
  const analysis = analyze(data);
  const sections = [
    scoresSection(data, analysis),
    await trainingSection(data),
    classesSection(data, analysis),
    await regressionSection(data, analysis),
    await confidenceSection(analysis),
    rowsSection(data, analysis),
    await dataSection(data, analysis),
    settingsSection(data),
  ].filter((section) => section !== undefined);
  return page(data.title, subtitle(data, analysis), sections, STYLE);
}

function subtitle(
  { evaluation, labels, problemType }: ReportData,
  { names }: Analysis,
): string {
  const { split, rows, step } = evaluation;
  const kind = {
    single_label_classification: `${count(names.length)} classes`,
    multi_label_classification: `${
      counted(names.length, "label")
    }, several for each row`,
    regression: `predicts ${names[0]}`,
  }[problemType];
  const splits = Object.entries(labels)
    .map(([name, { length }]) => `${name} ${counted(length, "row")}`);
  return [
    kind,
    ...splits,
    `evaluated on ${counted(rows.length, "row")} of ${split}${
      step === undefined ? "" : ` after ${counted(step, "step")}`
    }`,
  ].join(" · ");
}
