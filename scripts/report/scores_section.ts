/**
 * Section at the top: the main scores, the baselines, and what to look at first.
 *
 * @module
 */
import type { Analysis } from "./analysis.ts";
import { findings } from "./findings.ts";
import { counted, decimal, type Html, html } from "./html.ts";
import { type Section, table } from "./layout.ts";
import type { ReportData, Scores } from "./report_data.ts";
import { judge } from "./judged_rows.ts";
import { baselineName, type ScoreLine, scoreLines } from "./score_lines.ts";

/** Scores that are shown large, at most. */
const CARDS = 3;

/**
 * Makes the section of the main scores.
 *
 * @param data The data of a report.
 * @param analysis The scores.
 * @returns The section.
 */
export function scoresSection(data: ReportData, analysis: Analysis): Section {
  const { scores } = analysis;
  const baselines = Object.entries(data.baselines);
  const found = findings(data, analysis);
  return {
    id: "scores",
    title: "Scores",
    content: html`<dl class="cards">${
      scores.slice(0, CARDS).map((line) => card(line, baselines))
    }</dl>
${
      found.length > 0
        ? html`<h3>Look at this first</h3>
<ul class="findings">${
          found.map(({ text, isGood }) =>
            html`<li${
              isGood
                ? html`
                  class="good"
                `
                : undefined
            }>${text}</li>`
          )
        }</ul>`
        : undefined
    }
<h3>All scores</h3>
<p>On other rows of the same kind, the score would be within the interval in about 95 of 100 cases (bootstrap). Models whose scores differ by less than its width may be equally good.</p>
${scoresTable(data.evaluation.split, scores, baselines)}${
      otherScores(data, analysis)
    }`,
  };
}

type Baselines = readonly (readonly [string, Scores])[];

function scoresTable(
  split: string,
  lines: readonly ScoreLine[],
  baselines: Baselines,
): Html {
  return table({
    caption: `Scores on ${split}`,
    head: [
      "Score",
      "Model",
      "95 % interval",
      ...baselines.map(([name]) => capitalized(baselineName(name))),
    ],
    rows: lines.map((line) => [
      html`${line.name}<small>${line.meaning}</small>`,
      html`<strong>${decimal(line.value)}</strong>`,
      intervalText(line),
      ...baselines.map(([, scores]) => decimal(scores[line.key])),
    ]),
  });
}

/** Scores on the other splits, except the training rows, which the model has seen. */
function otherScores(data: ReportData, { names }: Analysis): Html[] {
  const { others = [], problemType } = data;
  return others.filter(({ split }) => split !== "train").map((evaluation) => {
    const rows = evaluation.rows
      .map((row) => judge(row, { problemType, evaluation }));
    return html`
      <h3>Scores on ${evaluation.split}</h3>
      <p>No setting was chosen by these ${counted(
        rows.length,
        "row",
      )}, so this is what to expect of new ones.</p>
      ${scoresTable(evaluation.split, scoreLines(data, names, rows), [])}
    `;
  });
}

function card(line: ScoreLine, baselines: Baselines): Html {
  const others = baselines.flatMap(([name, scores]) =>
    scores[line.key] === undefined
      ? []
      : [`${baselineName(name)} ${decimal(scores[line.key])}`]
  );
  return html`<div><dt>${line.name}</dt><dd class="value">${
    decimal(line.value)
  }</dd>${
    line.interval &&
    html`<dd class="note">95 % interval ${intervalText(line)}</dd>`
  }${
    others.length > 0
      ? html`<dd class="note">${others.join(" · ")}</dd>`
      : undefined
  }</div>`;
}

/**
 * Writes the interval of a score.
 *
 * @param line The score.
 * @returns Its bounds; nothing if it has no interval.
 */
export function intervalText(
  { interval }: Pick<ScoreLine, "interval">,
): string {
  return interval ? `${decimal(interval.low)} – ${decimal(interval.high)}` : "";
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
