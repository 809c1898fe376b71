/**
 * Section on the classes: scores of each, and what is confused with what.
 *
 * @module
 */
import type { LabelScores } from "../../mod.ts";
import type { Analysis } from "./analysis.ts";
import { count, decimal, type Html, html, percent } from "./html.ts";
import { type Section, table } from "./layout.ts";
import type { ReportData } from "./report_data.ts";

/** Classes in the table of scores, at most. */
const MAX_CLASSES = 300;

/** Classes in the confusion matrix, at most. */
const MAX_MATRIX = 20;

/** Classes up to which the matrix has its place beside the scores. */
const MAX_SIDE = 9;

/** Confusions in their list, at most. */
const MAX_CONFUSIONS = 10;

/**
 * Makes the section on the classes.
 *
 * @param data The data of a report.
 * @param analysis The scores.
 * @returns The section; none for a regression.
 */
export function classesSection(
  data: ReportData,
  { names, perLabel, confusion }: Analysis,
): Section | undefined {
  if (perLabel.length === 0) return;
  const noun = confusion ? "class" : "label";
  const isWide = names.length > MAX_SIDE;
  return {
    id: "classes",
    title: confusion ? "Classes" : "Labels",
    content: html`
      <p>Precision is the share of the rows predicted to be of a ${noun} that are; recall is the share of its rows that are found; F1 is their harmonic mean. The support is its number of rows.</p>
      <div class="${isWide ? "" : "side"}">
        <div>${scoresTable(
          data,
          names,
          perLabel,
          noun,
        )}${confusion && names.length > 2
          ? frequentConfusions(names, confusion)
          : undefined}</div>
        ${confusion && html`<div>${confusionMatrix(names, confusion)}</div>`}
      </div>
    `,
  };
}

function scoresTable(
  { evaluation }: ReportData,
  names: readonly string[],
  perLabel: readonly LabelScores[],
  noun: string,
): Html {
  const shown = perLabel.toSorted((a, b) => b.support - a.support)
    .slice(0, MAX_CLASSES);
  const rest = perLabel.length - shown.length;
  const { thresholds } = evaluation;
  return html`${
    table({
      caption: `Scores of each ${noun} on ${evaluation.split}`,
      head: [
        noun === "class" ? "Class" : "Label",
        "Precision",
        "Recall",
        "F1",
        "Support",
        ...thresholds ? ["Threshold"] : [],
      ],
      rows: shown.map(({ label, precision, recall, f1, support }) => [
        html`<bdi>${names[label]}</bdi>`,
        decimal(precision),
        decimal(recall),
        html`${bar(f1)}${decimal(f1)}`,
        count(support),
        ...thresholds ? [decimal(thresholds[label])] : [],
      ]),
    })
  }${
    rest > 0
      ? html`<p class="muted">${
        count(rest)
      } with less support are not shown.</p>`
      : undefined
  }`;
}

function bar(share: number): Html {
  return html`
    <span class="bar"
      aria-hidden="true"><span style="width:${(share * 100).toFixed(
        0,
      )}%"></span></span>
  `;
}

function confusionMatrix(
  allNames: readonly string[],
  all: readonly (readonly number[])[],
): Html {
  const { names, matrix, rest } = withLargestErrors(allNames, all);
  const totals = matrix.map((row) => row.reduce((sum, n) => sum + n, 0));
  const cell = (n: number, row: number, column: number) => {
    const share = n === 0 ? 0 : 0.12 + 0.6 * n / totals[row]!;
    const kind = n === 0 ? "none" : row === column ? "right" : "wrong";
    return html`<td class="${kind}" style="--share:${share.toFixed(2)}">${
      count(n)
    }</td>`;
  };
  return html`
    <h3>Confusion matrix</h3>
    <p>A row for each true class, a column for each predicted one. Blue cells are right, orange cells are confusions; the stronger the colour, the larger the part of the row. A strong orange cell is a pair of classes to look at: are they told apart by the text at all, and labelled alike?${rest >
        0
      ? html`
        The ${MAX_MATRIX} classes with the most errors have rows of their own; ${count(
          rest,
        )} others are one.
      `
      : undefined}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">
      <table class="confusion">
        <caption
          class="unseen">Rows of each true class, by predicted class</caption>
        <thead>
          <tr><th scope="col">true ↓ predicted →</th>${names.map((name) =>
            html`<th scope="col"><span>${name}</span></th>`
          )}</tr>
        </thead>
        <tbody>${matrix.map((row, i) =>
          html`
            <tr><th scope="row"><bdi>${names[i]}</bdi></th>${row.map((
              n,
              column,
            ) => cell(n, i, column))}</tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}

/** Adds up the classes with few errors, so that the matrix fits the page. */
function withLargestErrors(
  names: readonly string[],
  matrix: readonly (readonly number[])[],
) {
  if (names.length <= MAX_MATRIX) return { names, matrix, rest: 0 };
  const errors = matrix.map((row, i) =>
    row.reduce((sum, n, j) => i === j ? sum : sum + n + matrix[j]![i]!, 0)
  );
  const chosen = names.map((_, i) => i)
    .sort((a, b) => errors[b]! - errors[a]! || a - b)
    .slice(0, MAX_MATRIX).sort((a, b) => a - b);
  const place = (i: number) => {
    const found = chosen.indexOf(i);
    return found < 0 ? MAX_MATRIX : found;
  };
  const places = names.map((_, i) => place(i));
  const merged = Array.from(
    { length: MAX_MATRIX + 1 },
    () => Array<number>(MAX_MATRIX + 1).fill(0),
  );
  matrix.forEach((row, i) =>
    row.forEach((n, j) => merged[places[i]!]![places[j]!]! += n)
  );
  const rest = names.length - MAX_MATRIX;
  return {
    names: [...chosen.map((i) => names[i]!), `${count(rest)} others`],
    matrix: merged,
    rest,
  };
}

function frequentConfusions(
  names: readonly string[],
  matrix: readonly (readonly number[])[],
): Html | undefined {
  const pairs = matrix.flatMap((row, actual) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.flatMap((n, predicted) =>
      n > 0 && actual !== predicted
        ? [{ actual, predicted, n, share: n / total }]
        : []
    );
  }).sort((a, b) => b.n - a.n || b.share - a.share);
  if (pairs.length === 0) return;
  return table({
    caption: "The most frequent confusions",
    head: ["True class", "Predicted class", "Rows", "Of the true class"],
    rows: pairs.slice(0, MAX_CONFUSIONS).map((
      { actual, predicted, n, share },
    ) => [
      html`<bdi>${names[actual]}</bdi>`,
      html`<bdi>${names[predicted]}</bdi>`,
      count(n),
      percent(share),
    ]),
    textColumns: [0, 1],
  });
}
