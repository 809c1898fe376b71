/**
 * Section on the predicted numbers of a regression.
 *
 * @module
 */
import type { Analysis } from "./analysis.ts";
import { drawChart, REFERENCE_COLOUR, SERIES } from "./chart.ts";
import { decimal, html } from "./html.ts";
import { figure, type Section } from "./layout.ts";
import type { ReportData } from "./report_data.ts";
import { axis } from "./encodings.ts";

/** Points of the scatter plot, at most. */
const MAX_POINTS = 1000;

/**
 * Makes the section on the predicted numbers.
 *
 * @param data The data of a report.
 * @param analysis The scores.
 * @returns The section; none for classes and labels.
 */
export async function regressionSection(
  data: ReportData,
  { rows, scores, names }: Analysis,
): Promise<Section | undefined> {
  if (data.problemType !== "regression") return;
  const name = names[0]!;
  const every = Math.ceil(rows.length / MAX_POINTS);
  const values = rows.filter((_, i) => i % every === 0)
    .map(({ label, predicted }) => ({
      label: label as number,
      predicted: predicted as number,
    }));
  const numbers = values.flatMap(({ label, predicted }) => [label, predicted]);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const chart = await drawChart(
    {
      encoding: {
        x: axis("label", `${name}, in the data`),
        y: axis("predicted", `${name}, predicted`),
      },
      layer: [
        {
          data: {
            values: [least, most].map((x) => ({ label: x, predicted: x })),
          },
          mark: {
            type: "line",
            color: REFERENCE_COLOUR,
            strokeDash: [4, 3],
            strokeWidth: 1.5,
          },
        },
        {
          data: { values },
          mark: {
            type: "point",
            filled: true,
            size: 28,
            color: SERIES[0]!,
            opacity: 0.55,
          },
        },
      ],
    },
    `Scatter plot of predicted numbers by those in the data. ${
      scores.map(({ name, value }) => `${name} ${decimal(value)}.`).join(" ")
    }`,
    330,
  );
  return {
    id: "classes",
    title: "Predictions",
    content: html`<div class="figures">${
      figure({
        title: "Predicted and true numbers",
        chart,
        caption:
          "Points on the dashed diagonal are right. A cloud flatter than the diagonal is a model that plays safe: it predicts too close to the mean. Points far off are listed below.",
      })
    }</div>`,
  };
}
