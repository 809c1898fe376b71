/**
 * The page of a sweep: scores, parallel coordinates, curves. It needs no network and
 * runs no script.
 *
 * @module
 */
import { flagName, format } from "../cli/flag_help.ts";
import { type ChartSpec, drawChart } from "../report/chart.ts";
import { axis, seriesOf } from "../report/encodings.ts";
import { counted, decimal, type Html, html } from "../report/html.ts";
import { figure, page, type Section, table } from "../report/layout.ts";
import { scoreName } from "../report/score_lines.ts";
import { evaluations, stepSeries } from "../report/series.ts";
import { STYLE } from "../report/style.ts";
import type { RunState } from "./folder.ts";
import {
  byOpacity,
  lineOf,
  parallelCoordinates,
} from "./parallel_coordinates.ts";
import { valuesByStep } from "./stopping.ts";
import { scoreOf, settingsTable, type Summary } from "./summary.ts";

/**
 * Makes the page.
 *
 * @param summary The scores of the sweep.
 * @param folder Its folder.
 * @returns The text of the file; the same runs give the same text.
 */
export async function sweepPage(
  summary: Summary,
  folder: string,
): Promise<string> {
  const { states, metric } = summary;
  const name = folder.split("/").at(-1)!;
  const figures = [
    metric && await parallelCoordinates(summary, metric),
    ...await curves(summary),
  ].filter((chart) => chart !== undefined);
  const sections: Section[] = [
    scores(summary),
    ...figures.length > 0
      ? [{
        id: "charts",
        title: "Charts",
        content: html`<div class="figures">${figures}</div>`,
      }]
      : [],
    runs(summary),
  ];
  const finished = states.filter(({ status }) => status === "finished").length;
  return page(
    `Sweep ${name}`,
    `${counted(states.length, "run")}, ${finished} finished`,
    sections,
    STYLE,
  );
}

function scores(summary: Summary): Section {
  const { head, rows } = settingsTable(summary);
  const { best, settings } = summary;
  const isTested = settings.some(({ test }) => test);
  return {
    id: "scores",
    title: "Scores",
    content:
      html`<p>Mean and sample standard deviation over the seeds; the best setting first, and settings with unfinished runs last. ${
        isTested
          ? "The best score of many is too good: that on the test rows, by which nothing was selected, is to be believed."
          : "The best score of many is too good: evaluate the model on rows of which no run has seen any."
      }</p>
${
        table({
          caption: "Scores of each setting",
          head,
          rows,
          textColumns: [],
        })
      }${
        best &&
        html`<p>Best: <bdi>${best.run}</bdi>. The command that trains it alone:</p>
<p><code>${best.command}</code></p>`
      }`,
  };
}

function runs({ states, metric }: Summary): Section {
  const names = Object.keys(states[0]!.run.swept);
  return {
    id: "runs",
    title: "Runs",
    content: table({
      caption: "Each run",
      hasHeading: true,
      head: [
        "Folder",
        ...names.map(flagName),
        "Status",
        metric ? scoreName(metric.name) : "Score",
        "Loss",
        "Seconds",
      ],
      rows: states.map((state) => [
        html`<bdi>${state.run.name}</bdi>`,
        ...names.map((name) => format(state.run.swept[name]!)),
        state.reason === undefined
          ? state.status
          : `${state.status}: ${state.reason}`,
        decimal(scoreOf(state, metric?.name)),
        decimal(scoreOf(state, "loss")),
        decimal(scoreOf(state, "seconds")),
      ]),
      textColumns: [0, names.length + 1],
    }),
  };
}

/** Points of the curve of a run. */
type Points = (state: RunState) => { step: number; value: number }[];

async function curves(summary: Summary): Promise<Html[]> {
  const { metric } = summary;
  const eventsOf = ({ summary }: RunState) => summary?.events ?? [];
  const charts: [title: string, Points][] = [
    ["Training loss", (state) =>
      stepSeries(eventsOf(state), "loss").points
        .map(({ step, mean }) => ({ step, value: mean }))],
    [
      "Validation loss",
      (state) =>
        evaluations(eventsOf(state)).flatMap(({ step, loss }) =>
          loss === undefined ? [] : [{ step, value: loss }]
        ),
    ],
  ];
  if (metric && metric.name !== "loss") {
    charts.push([
      scoreName(metric.name),
      (state) =>
        [...valuesByStep(eventsOf(state), metric)]
          .map(([step, value]) => ({ step, value })),
    ]);
  }
  const drawn = await Promise.all(
    charts.map(([title, points]) => curve(summary, title, points)),
  );
  return drawn.filter((chart) => chart !== undefined);
}

async function curve(
  summary: Summary,
  title: string,
  points: Points,
): Promise<Html | undefined> {
  const values = summary.states.flatMap((state) =>
    points(state).map((point) => ({
      ...point,
      run: state.run.name,
      ...lineOf(summary, state),
    }))
  ).sort(byOpacity);
  if (values.length === 0) return;
  const present = new Set(values.map(({ series }) => series));
  const spec: ChartSpec = {
    data: { values },
    mark: { type: "line", point: { size: 16 } },
    encoding: {
      x: axis("step", "Step"),
      y: axis("value", title, title.endsWith("loss")),
      detail: { field: "run", type: "nominal" },
      opacity: { field: "opacity", type: "quantitative", scale: null },
      ...seriesOf([...present].sort()),
    },
  };
  const numbers = values.map(({ value }) => value);
  const chart = await drawChart(
    spec,
    `Line chart of the ${title} of each run by step, between ${
      decimal(Math.min(...numbers))
    } and ${decimal(Math.max(...numbers))}.`,
  );
  return figure({
    title,
    chart,
    caption: title === "Training loss"
      ? "A line a run, means of neighbouring steps. Lines that jump have a learning rate that is too high."
      : "A line a run. Where the best lines still improve at their end, more epochs would gain.",
  });
}
