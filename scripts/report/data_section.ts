/**
 * Section on the data: balance of the classes, lengths, truncated rows, duplicates.
 *
 * @module
 */
import type { DuplicateRows } from "../../mod.ts";
import type { Analysis } from "./analysis.ts";
import { balanceFigure } from "./balance_chart.ts";
import { drawChart, REFERENCE_COLOUR, SERIES } from "./chart.ts";
import { duplicateCounts, isConflicting } from "./duplicate_rows.ts";
import {
  count,
  counted,
  type Html,
  html,
  type HtmlValue,
  percent,
  rowText,
  shorten,
} from "./html.ts";
import { labelText } from "./judged_rows.ts";
import { figure, type Section } from "./layout.ts";
import type { ReportData, TrainingRows } from "./report_data.ts";
import { axis } from "./encodings.ts";

/** Truncated rows, and texts of several rows, that are listed at most. */
const LISTED = 12;

/** Rows of one text that are named, at most. */
const NAMED = 6;

/** Bars of the histogram of lengths, about. */
const BARS = 30;

/**
 * Makes the section on the data.
 *
 * @param data The data of a report.
 * @param analysis The scores.
 * @returns The section; none if there is nothing but the evaluated rows.
 */
export async function dataSection(
  data: ReportData,
  analysis: Analysis,
): Promise<Section> {
  const { train, duplicates } = data;
  return {
    id: "data",
    title: "Data",
    content: html`<div class="figures">${await balanceFigure(data, analysis)}${
      train && await lengthFigure(train)
    }</div>
${train && truncatedRows(train, data)}
${duplicates && duplicateRows(duplicates, data, analysis)}`,
  };
}

async function lengthFigure(
  { tokens, maxLength }: TrainingRows,
): Promise<Html> {
  const longest = tokens.reduce((a, b) => Math.max(a, b), 0);
  const width = barWidth(Math.max(longest, maxLength));
  const counts = new Map<number, number>();
  for (const n of tokens) {
    const lower = Math.floor(n / width) * width;
    counts.set(lower, (counts.get(lower) ?? 0) + 1);
  }
  const values = [...counts].sort(([a], [b]) => a - b)
    .map(([lower, n]) => ({ lower, upper: lower + width, n }));
  const truncated = tokens.filter((n) => n > maxLength).length;
  const sorted = tokens.toSorted((a, b) => a - b);
  const quantile = (q: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
  const words = `Half of the training rows have up to ${
    count(quantile(0.5))
  } tokens, 95 % up to ${count(quantile(0.95))}, the longest has ${
    count(longest)
  }.`;
  const line = [{ maxLength, text: `truncated from here: ${maxLength}` }];
  const isLeft = maxLength > Math.max(longest, maxLength) / 2;
  const chart = await drawChart(
    {
      layer: [
        {
          data: { values },
          mark: { type: "bar", binSpacing: 1, color: SERIES[0]! },
          encoding: {
            x: {
              field: "lower",
              type: "quantitative",
              bin: { binned: true, step: width },
              axis: { title: "Tokens", format: "d", tickCount: 8 },
            },
            x2: { field: "upper" },
            y: axis("n", "Training rows", true),
          },
        },
        {
          data: { values: line },
          mark: { type: "rule", color: SERIES[1]!, strokeWidth: 2 },
          encoding: { x: { field: "maxLength", type: "quantitative" } },
        },
        {
          data: { values: line },
          mark: {
            type: "text",
            align: isLeft ? "right" : "left",
            baseline: "top",
            dx: isLeft ? -5 : 5,
            color: REFERENCE_COLOUR,
          },
          encoding: {
            x: { field: "maxLength", type: "quantitative" },
            y: { value: 0 },
            text: { field: "text" },
          },
        },
      ],
    },
    `Histogram of the tokens of the training rows. ${words} ${
      counted(truncated, "row")
    } have more than ${maxLength}.`,
  );
  return figure({
    title: "Lengths",
    chart,
    caption: html`${words} ${
      truncated === 0
        ? `No row is truncated at ${maxLength} tokens.`
        : `${count(truncated)} (${
          percent(truncated / tokens.length)
        }) lose what is right of the line.`
    }`,
    numbers: {
      caption: "Training rows by tokens",
      head: ["Tokens", "Rows"],
      rows: values.map(({ lower, upper, n }) => [
        `${count(lower)} – ${count(upper - 1)}`,
        count(n),
      ]),
    },
  });
}

/** A round number of tokens for each bar. */
function barWidth(longest: number): number {
  const steps = [1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 50, 64, 100, 128, 200, 250];
  return steps.find((step) => longest / step <= BARS) ??
    Math.ceil(longest / BARS / 100) * 100;
}

function truncatedRows(
  { texts, tokens, maxLength }: TrainingRows,
  { rowNumbers }: ReportData,
): Html | undefined {
  const rows = tokens.map((n, row) => ({ n, row }))
    .filter(({ n }) => n > maxLength)
    .sort((a, b) => b.n - a.n || a.row - b.row);
  if (rows.length === 0) return;
  const shown = rows.slice(0, LISTED);
  return html`<h3>Truncated rows</h3>
<p>${counted(rows.length, "training row")} of ${count(tokens.length)} ${
    rows.length === 1 ? "is" : "are"
  } longer than ${maxLength} tokens.${
    rows.length > LISTED ? ` The ${LISTED} longest:` : ""
  }</p>
${
    rowTable(
      "Truncated training rows, the longest first",
      "Tokens",
      shown.map(({ n, row }) => [
        fileRow("train", row, rowNumbers),
        count(n),
        (texts[row] ?? []).map(rowText),
      ]),
    )
  }`;
}

function duplicateRows(
  duplicates: readonly DuplicateRows[],
  { labels, evaluation, problemType, rowNumbers }: ReportData,
  { names }: Analysis,
): Html {
  const { split } = evaluation;
  const { shared, repeated, conflicting } = duplicateCounts(
    duplicates,
    labels,
    split,
  );
  const importance = (group: DuplicateRows) =>
    2 * Number(isConflicting(group, labels)) +
    Number(new Set(group.rows.map((row) => row.split)).size > 1);
  const shown = duplicates.toSorted((a, b) => importance(b) - importance(a))
    .slice(0, LISTED);
  const describe = (
    { split, row }: DuplicateRows["rows"][number],
  ): HtmlValue => {
    const label = labels[split]?.[row];
    const name = label === undefined
      ? ""
      : shorten(labelText(label, names, problemType), 60);
    return html`<div>${split} ${
      fileRow(split, row, rowNumbers)
    } <bdi class="muted">${name}</bdi></div>`;
  };
  return html`<h3>Duplicates</h3>
<p>${
    duplicates.length === 0
      ? "No two rows have the same text."
      : html`${counted(duplicates.length, "text")} ${
        duplicates.length === 1 ? "occurs" : "occur"
      } more than once: ${
        split === "train" ? undefined : html`
          ${counted(shared, "row")} of ${split} ${shared === 1
            ? "is"
            : "are"} in the training rows too,
        `
      }${counted(repeated, "row")} repeat${
        repeated === 1 ? "s" : ""
      } an earlier one of the same split, ${counted(conflicting, "text")} ${
        conflicting === 1 ? "has" : "have"
      } different labels.${
        duplicates.length > LISTED ? ` The ${LISTED} that matter most:` : ""
      }`
  }</p>
${
    shown.length === 0 ? undefined : rowTable(
      "Texts of several rows, those with different labels first",
      "Rows",
      shown.map((group) => [
        count(group.rows.length),
        [
          ...group.rows.slice(0, NAMED).map(describe),
          group.rows.length > NAMED
            ? html`<div class="muted">${
              count(group.rows.length - NAMED)
            } more</div>`
            : undefined,
          isConflicting(group, labels)
            ? html`<span class="tag">different labels</span>`
            : undefined,
        ],
        group.values.map((value) => rowText(`${value}`)),
      ]),
      "Count",
    )
  }`;
}

function rowTable(
  caption: string,
  middle: string,
  rows: readonly (readonly [HtmlValue, HtmlValue, HtmlValue])[],
  first = "Row",
): Html {
  return html`
    <table class="rows">
      <caption class="unseen">${caption}</caption>
      <thead>
        <tr>
          <th scope="col" class="row-number n">${first}</th>
          <th scope="col" class="short">${middle}</th>
          <th scope="col">Text</th>
        </tr>
      </thead>
      <tbody>${rows.map(([number, cell, texts]) =>
        html`
          <tr>
            <th scope="row" class="row-number n">${number}</th>
            <td class="short">${cell}</td>
            <td>${texts}</td>
          </tr>
        `
      )}</tbody>
    </table>
  `;
}

function fileRow(
  split: string,
  row: number,
  rowNumbers: ReportData["rowNumbers"],
): string {
  return count(rowNumbers?.[split]?.[row] ?? row);
}
