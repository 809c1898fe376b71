/**
 * Section on the training: loss, learning rate, and scores by epoch.
 *
 * @module
 */
import {
  type ChartSpec,
  drawChart,
  REFERENCE_COLOUR,
  SERIES,
} from "./chart.ts";
import { count, decimal, type Html, html } from "./html.ts";
import { figure, type Section } from "./layout.ts";
import type { ReportData } from "./report_data.ts";
import { baselineLines } from "./baseline_lines.ts";
import { axis, seriesOf } from "./encodings.ts";
import { moreIsBetter, scoreName } from "./score_lines.ts";
import {
  type Bucket,
  type EvalPoint,
  evaluations,
  type Series,
  stepSeries,
} from "./series.ts";

/** Scores that are drawn by epoch, at most. */
const MAX_SCORES = 3;

/** Rows of a table of numbers, at most. */
const MAX_ROWS = 12;

/**
 * Makes the section on the training.
 *
 * @param data The data of a report.
 * @returns The section; none if no step was logged.
 */
export async function trainingSection(
  data: ReportData,
): Promise<Section | undefined> {
  const { events, evaluation, baselines } = data;
  const loss = stepSeries(events, "loss");
  const evals = evaluations(events, evaluation.split);
  if (loss.points.length === 0 && evals.length === 0) return;
  const figures = [
    loss.points.length > 0 ? await lossFigure(loss, evals) : undefined,
    evals.length > 0 ? await scoresFigure(evals, baselines) : undefined,
    await stepFigure(
      stepSeries(events, "learningRate"),
      "Learning rate",
      "A warm-up rises from zero, and the schedule then lowers the rate. Where the loss jumps at the peak, use a lower --learning-rate.",
    ),
    await stepFigure(
      stepSeries(events, "gradNorm"),
      "Gradient norm",
      "Norm of all gradients, before any clipping. Single peaks do no harm; a norm that grows until the end means that the training is not stable.",
    ),
  ];
  return {
    id: "training",
    title: "Training",
    content: html`<div class="figures">${figures}</div>`,
  };
}

async function lossFigure(
  { points, stepsPerPoint }: Series,
  evals: readonly EvalPoint[],
): Promise<Html> {
  const validation = evals.flatMap(({ step, loss }) =>
    loss === undefined ? [] : [{ step, mean: loss, series: "validation" }]
  );
  const training = points.map((point) => ({ ...point, series: "training" }));
  const [first, last] = [points[0]!, points.at(-1)!];
  const lowest = validation.reduce<typeof validation[0] | undefined>(
    (best, point) => best && best.mean <= point.mean ? best : point,
    undefined,
  );
  const spec: ChartSpec = {
    encoding: { x: axis("step", "Step"), y: axis("mean", "Loss", true) },
    layer: [
      {
        data: { values: stepsPerPoint > 1 ? training : [] },
        mark: { type: "area", color: SERIES[0]!, opacity: 0.18 },
        encoding: {
          y: { field: "low", type: "quantitative" },
          y2: { field: "high" },
        },
      },
      {
        data: { values: [...training, ...validation] },
        mark: "line",
        encoding: { ...seriesOf(["training", "validation"]) },
      },
      {
        data: { values: validation },
        mark: {
          type: "point",
          filled: true,
          size: 40,
          color: SERIES[1]!,
          opacity: 1,
        },
      },
    ],
  };
  return figure({
    title: "Loss",
    chart: await drawChart(
      spec,
      `Line chart of the loss by step. The training loss goes from ${
        decimal(first.mean)
      } to ${decimal(last.mean)}.${
        lowest
          ? ` The validation loss is lowest at step ${count(lowest.step)}: ${
            decimal(lowest.mean)
          }.`
          : ""
      }`,
    ),
    caption:
      html`Both lines should fall and then level off. A validation loss that rises while the training loss goes on falling is overfitting: fewer epochs would do.${
        stepsPerPoint > 1
          ? html`
            Each point of the training loss is the mean of about ${count(
              stepsPerPoint,
            )} logged steps; the band is their range.
          `
          : undefined
      }`,
    numbers: {
      caption: "Loss by step",
      head: ["Step", "Training loss", "Least", "Greatest"],
      rows: thin(points).map((point) => [
        count(Math.round(point.step)),
        ...[point.mean, point.low, point.high].map(decimal),
      ]),
      textColumns: [],
    },
  });
}

async function stepFigure(
  { points }: Series,
  title: string,
  caption: string,
): Promise<Html | undefined> {
  if (points.length === 0) return;
  const highest = points.reduce((a, b) => b.mean > a.mean ? b : a);
  return figure({
    title,
    chart: await drawChart(
      {
        data: { values: points.map(({ step, mean }) => ({ step, mean })) },
        mark: { type: "line", color: SERIES[0]! },
        encoding: {
          x: axis("step", "Step"),
          y: {
            ...axis("mean", title, true),
            axis: { title, format: highest.mean < 1e-3 ? "~e" : "~g" },
          },
        },
      },
      `Line chart by step. It is highest, ${rounded(highest.mean)}, at step ${
        count(Math.round(highest.step))
      }, and ends at ${rounded(points.at(-1)!.mean)}.`,
      200,
    ),
    caption,
  });
}

async function scoresFigure(
  evals: readonly EvalPoint[],
  baselines: ReportData["baselines"],
): Promise<Html | undefined> {
  const keys = Object.keys(evals[0]!.scores).filter(moreIsBetter)
    .slice(0, MAX_SCORES);
  if (keys.length === 0) return;
  const byEpoch = new Set(evals.map(({ epoch }) => epoch)).size ===
    evals.length;
  const x = byEpoch ? "epoch" : "step";
  const names = keys.map(scoreName);
  const values = evals.flatMap((point) =>
    keys.map((key, i) => ({
      x: point[x],
      score: point.scores[key] ?? null,
      series: names[i]!,
    }))
  );
  const lines = baselineLines(
    baselines,
    keys[0]!,
    values.flatMap(({ score }) => score ?? []),
  );
  const best = evals.reduce((a, b) =>
    b.scores[keys[0]!]! > a.scores[keys[0]!]! ? b : a
  );
  const encoding = {
    x: {
      ...axis("x", byEpoch ? "Epoch" : "Step"),
      ...byEpoch && {
        axis: {
          title: "Epoch",
          format: "d",
          tickCount: Math.min(10, evals.length),
          tickMinStep: 1,
        },
      },
    },
    y: axis("score", "Score on validation"),
  };
  const chart = await drawChart(
    {
      layer: [
        {
          data: { values },
          mark: { type: "line", point: { size: 45, opacity: 1 } },
          encoding: { ...encoding, ...seriesOf(names) },
        },
        ...lines.length > 0
          ? [{
            data: { values: lines },
            mark: { type: "rule", color: REFERENCE_COLOUR, strokeDash: [3, 3] },
            encoding: { y: encoding.y },
          }, {
            data: { values: lines },
            mark: {
              type: "text",
              align: "left",
              baseline: "middle",
              dx: 5,
              color: REFERENCE_COLOUR,
            },
            // In the margin, where no line can cross them.
            encoding: {
              x: { value: "width" },
              y: { ...encoding.y, field: "place" },
              text: { field: "text" },
            },
          }]
          : [],
      ],
    },
    `Line chart of ${names.join(", ")} on validation by ${x}. ${
      names[0]
    } is best at ${x} ${count(best[x])}: ${decimal(best.scores[keys[0]!])}.`,
  );
  return figure({
    title: byEpoch ? "Scores by epoch" : "Scores by step",
    chart,
    caption: html`${
      lines.length > 0
        ? `The dashed lines are baselines (${
          names[0]
        }); a model that is worth its cost is well above them. `
        : ""
    }A score that no longer rises needs no more epochs; one that falls at the end has gone on too long.`,
    numbers: {
      caption: `Scores on validation by ${x}`,
      head: [byEpoch ? "Epoch" : "Step", ...names, "Loss"],
      rows: thin(evals).map((point) => [
        count(point[x]),
        ...keys.map((key) => decimal(point.scores[key])),
        decimal(point.loss),
      ]),
      textColumns: [],
    },
  });
}

/** Some of the points: at even distances, with the first and the last. */
function thin<T extends Bucket | EvalPoint>(points: readonly T[]): T[] {
  if (points.length <= MAX_ROWS) return [...points];
  return Array.from(
    { length: MAX_ROWS },
    (_, i) => points[Math.round(i * (points.length - 1) / (MAX_ROWS - 1))]!,
  );
}

function rounded(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
