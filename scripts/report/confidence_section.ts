/**
 * Section on the probabilities: are they right, and where to put the threshold.
 *
 * @module
 */
import { type Calibration, precisionRecallCurve } from "../../mod.ts";
import type { Analysis } from "./analysis.ts";
import { drawChart, REFERENCE_COLOUR, SERIES } from "./chart.ts";
import { count, decimal, type Html, html } from "./html.ts";
import { figure, type Section } from "./layout.ts";
import { axis, seriesOf } from "./encodings.ts";

/** Points of a threshold curve, at most. */
const MAX_POINTS = 150;

/**
 * Makes the section on the probabilities.
 *
 * @param analysis The scores.
 * @returns The section; none for a regression.
 */
export async function confidenceSection(
  analysis: Analysis,
): Promise<Section | undefined> {
  const { calibration, confusion } = analysis;
  if (!calibration) return;
  return {
    id: "confidence",
    title: "Confidence",
    content: html`<div class="figures">${await reliabilityFigure(
      calibration,
    )}${await histogramFigure(calibration, confusion !== undefined)}${
      confusion?.length === 2 ? await thresholdFigure(analysis) : undefined
    }</div>`,
  };
}

async function reliabilityFigure({ error, bins }: Calibration): Promise<Html> {
  const values = bins.filter(({ count }) => count > 0)
    .map(({ count, confidence, accuracy }) => ({
      count,
      confidence,
      accuracy,
    }));
  const lowest = Math.min(
    ...values.flatMap(({ confidence, accuracy }) => [confidence, accuracy]),
  );
  const least = Math.floor(lowest * 10) / 10;
  const scale = { domain: [least, 1], nice: false };
  const chart = await drawChart(
    {
      encoding: {
        x: { ...axis("confidence", "Confidence: mean probability"), scale },
        y: { ...axis("accuracy", "Share that is right"), scale },
      },
      layer: [
        {
          data: {
            values: [least, 1].map((x) => ({ confidence: x, accuracy: x })),
          },
          mark: {
            type: "line",
            color: REFERENCE_COLOUR,
            strokeDash: [4, 3],
            strokeWidth: 1.5,
          },
        },
        { data: { values }, mark: { type: "line", color: SERIES[0]! } },
        {
          data: { values },
          mark: { type: "point", filled: true, color: SERIES[0]!, opacity: 1 },
          encoding: {
            size: {
              field: "count",
              type: "quantitative",
              scale: { range: [25, 320] },
              legend: null,
            },
          },
        },
      ],
    },
    `Reliability diagram. The expected calibration error is ${
      decimal(error)
    }. ${
      values.map(({ confidence, accuracy }) =>
        `At a confidence of ${confidence.toFixed(2)}, ${
          accuracy.toFixed(2)
        } are right.`
      ).join(" ")
    }`,
    300,
  );
  return figure({
    title: "Reliability",
    chart,
    caption:
      html`On the dashed diagonal a probability means what it says: of the predictions with 0.8, 80 % are right. Points below it are too sure. Large points have many predictions; a small one may be off by chance. Expected calibration error: ${
        decimal(error)
      }.`,
    numbers: {
      caption: "Reliability by confidence",
      head: ["Confidence", "Predictions", "Mean confidence", "Right"],
      rows: bins.filter(({ count }) => count > 0).map((bin) => [
        range(bin),
        count(bin.count),
        decimal(bin.confidence),
        decimal(bin.accuracy),
      ]),
    },
  });
}

async function histogramFigure(
  { bins }: Calibration,
  isRows: boolean,
): Promise<Html> {
  const values = bins.flatMap((bin) => {
    const right = bin.count === 0 ? 0 : Math.round(bin.count * bin.accuracy);
    return [
      { lower: bin.lower, upper: bin.upper, n: right, series: "right" },
      {
        ...{ lower: bin.lower, upper: bin.upper, series: "wrong" },
        n: bin.count - right,
      },
    ];
  }).filter(({ n }) => n > 0);
  const unit = isRows ? "Rows" : "Label decisions";
  const least = Math.min(...values.map(({ lower }) => lower));
  const wrong = values.filter(({ series }) => series === "wrong");
  const sure = wrong.filter(({ lower }) => lower > 0.85)
    .reduce((sum, { n }) => sum + n, 0);
  const chart = await drawChart(
    {
      data: { values },
      mark: { type: "bar", binSpacing: 1 },
      encoding: {
        x: {
          field: "lower",
          type: "quantitative",
          bin: { binned: true, step: 0.1 },
          scale: { domain: [least, 1] },
          axis: { title: "Confidence", format: ".1f", tickMinStep: 0.1 },
        },
        x2: { field: "upper" },
        y: { ...axis("n", unit, true), stack: "zero" },
        color: {
          field: "series",
          type: "nominal",
          scale: { domain: ["right", "wrong"], range: SERIES.slice(0, 2) },
        },
        order: { field: "series", type: "ordinal" },
      },
    },
    `Histogram of the confidence of right and wrong predictions. ${
      count(sure)
    } wrong predictions have a confidence above 0.9.`,
    300,
  );
  return figure({
    title: "Right and wrong by confidence",
    chart,
    caption:
      html`Errors should gather on the left. Where they do, a person can look at the predictions below some confidence and leave the others to the model. ${
        sure > 0
          ? html`
            ${count(sure)} wrong above 0.9: look for wrong labels among <a
              href="#rows">these rows</a>.
          `
          : undefined
      }`,
    numbers: {
      caption: "Right and wrong predictions by confidence",
      head: ["Confidence", "Right", "Wrong"],
      rows: bins.filter(({ count }) => count > 0).map((bin) => {
        const right = Math.round(bin.count * bin.accuracy);
        return [range(bin), count(right), count(bin.count - right)];
      }),
    },
  });
}

async function thresholdFigure(
  { names, positiveLabel, rows }: Analysis,
): Promise<Html | undefined> {
  const labels = rows.map(({ label }) => Number(label === positiveLabel));
  if (!labels.includes(1)) return; // recall is not defined
  const name = names[positiveLabel]!;
  const { precision, recall, thresholds } = precisionRecallCurve(
    rows.map(({ predictions }) => predictions[positiveLabel]!),
    labels,
  );
  const points = thresholds.map((threshold, i) => {
    const [p, r] = [precision[i]!, recall[i]!];
    return { threshold, p, r, f1: p + r === 0 ? 0 : 2 * p * r / (p + r) };
  });
  const best = points.reduce((a, b) => b.f1 > a.f1 ? b : a);
  const shown = points.length <= MAX_POINTS ? points : Array.from(
    { length: MAX_POINTS },
    (_, i) => points[Math.round(i * (points.length - 1) / (MAX_POINTS - 1))]!,
  );
  const series = ["precision", "recall", "F1"];
  const values = shown.flatMap(({ threshold, p, r, f1 }) =>
    [p, r, f1].map((score, i) => ({ threshold, score, series: series[i]! }))
  );
  const chart = await drawChart(
    {
      encoding: {
        x: {
          ...axis(
            "threshold",
            `Probability of ${name} from which it is predicted`,
          ),
          scale: { domain: [0, 1] },
        },
        y: { ...axis("score", "Score"), scale: { domain: [0, 1] } },
      },
      layer: [
        { data: { values }, mark: "line", encoding: seriesOf(series) },
        {
          data: { values: [{ threshold: 0.5 }] },
          mark: { type: "rule", color: REFERENCE_COLOUR, strokeDash: [4, 3] },
          encoding: { y: { value: 0 }, y2: { value: "height" } },
        },
      ],
    },
    `Line chart of precision, recall and F1 by threshold. F1 is highest, ${
      decimal(best.f1)
    }, at ${decimal(best.threshold)}.`,
    300,
  );
  return figure({
    title: "Thresholds",
    chart,
    caption:
      html`A higher threshold finds fewer rows of <bdi>${name}</bdi> and is right more often. The dashed line, 0.5, is what the model uses. F1 is highest, ${
        decimal(best.f1)
      }, at ${
        decimal(best.threshold)
      }; on new rows it will be a little lower, because it was chosen on these.`,
    numbers: {
      caption: `Scores of ${name} by threshold`,
      head: ["Threshold", "Precision", "Recall", "F1"],
      rows: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].flatMap((at) => {
        const point = points.find(({ threshold }) => threshold >= at);
        return point
          ? [[at.toFixed(1), ...[point.p, point.r, point.f1].map(decimal)]]
          : [];
      }),
      textColumns: [],
    },
  });
}

function range({ lower, upper }: { lower: number; upper: number }): string {
  return `${lower.toFixed(1)} – ${upper.toFixed(1)}`;
}
