/**
 * Parallel coordinates of a sweep: an axis for each flag and one for the score, a
 * line for each run.
 *
 * @module
 */
import { flagName, format, type Value } from "../cli/flag_help.ts";
import { type ChartSpec, type Datum, drawChart } from "../report/chart.ts";
import { seriesOf } from "../report/encodings.ts";
import { decimal, type Html, shorten } from "../report/html.ts";
import { figure } from "../report/layout.ts";
import { scoreName } from "../report/score_lines.ts";
import type { RunState } from "./folder.ts";
import type { Metric } from "./metric.ts";
import { scoreOf, type Summary } from "./summary.ts";

/** Look of the line of a run. */
export interface Line {
  /** Its name in the legend. */
  readonly series: "best setting" | "other settings" | "stopped";
  /** Its opacity. */
  readonly opacity: number;
}

/**
 * Chooses the look of the line of a run.
 *
 * @param summary The scores of the sweep.
 * @param state The run.
 * @returns Its look: runs of the best setting are in front.
 */
export function lineOf({ best }: Summary, { run, status }: RunState): Line {
  if (status === "stopped") return { series: "stopped", opacity: 0.5 };
  const { seed: _, ...flags } = run.swept;
  const isBest = best && JSON.stringify(best.flags) === JSON.stringify(flags);
  return isBest
    ? { series: "best setting", opacity: 1 }
    : { series: "other settings", opacity: 0.5 };
}

/**
 * Orders lines so that the best are drawn last, in front of the others.
 *
 * @param a A line.
 * @param b Another.
 * @returns Which one comes first, as in `sort()`.
 */
export function byOpacity(a: Line, b: Line): number {
  return a.opacity - b.opacity;
}

/** Characters of a value beside an axis. */
const LABEL_LENGTH = 16;

/** An axis. */
interface Axis {
  readonly name: string;
  /** Height of a run. */
  position(state: RunState): number;
  /** Values beside it: axis, position and label. */
  readonly labels: readonly Datum[];
}

/**
 * Draws the finished runs.
 *
 * @param summary The scores of the sweep.
 * @param metric The score of the last axis.
 * @returns The figure; undefined before a run has finished.
 */
export async function parallelCoordinates(
  summary: Summary,
  metric: Metric,
): Promise<Html | undefined> {
  const { states } = summary;
  const finished = states.filter((state) =>
    scoreOf(state, metric.name) !== undefined
  );
  const [first] = finished;
  if (first === undefined) return;
  const axes = [
    ...Object.keys(first.run.swept).map((name) => flagAxis(name, states)),
    scoreAxis(metric, finished),
  ];
  const lines = finished.flatMap((state) =>
    axes.map((axis) => ({
      axis: axis.name,
      position: axis.position(state),
      run: state.run.name,
      ...lineOf(summary, state),
    }))
  ).sort(byOpacity);
  const names = axes.map(({ name }) => name);
  const place = {
    x: {
      field: "axis",
      type: "nominal",
      sort: names,
      title: null,
      scale: { type: "point", padding: 0.3 },
      axis: { labelAngle: 0, domain: false, ticks: false, labelPadding: 8 },
    },
    y: {
      field: "position",
      type: "quantitative",
      scale: { domain: [0, 1] },
      axis: null,
    },
  };
  const labels = axes.flatMap((axis) => axis.labels);
  const text = { type: "text", align: "left", dx: 5 };
  const encoding = { ...place, text: { field: "label", type: "nominal" } };
  const series = new Set(lines.map(({ series }) => series));
  const spec: ChartSpec = {
    layer: [
      {
        data: { values: names.map((axis) => ({ axis })) },
        mark: { type: "rule", color: "var(--axis)" },
        encoding: { x: place.x },
      },
      {
        data: { values: lines },
        mark: { type: "line" },
        encoding: {
          ...place,
          detail: { field: "run", type: "nominal" },
          opacity: { field: "opacity", type: "quantitative", scale: null },
          ...seriesOf([...series].sort()),
        },
      },
      // A halo, so that lines do not cross the text.
      {
        data: { values: labels },
        mark: { ...text, stroke: "var(--page)", strokeWidth: 4 },
        encoding,
      },
      { data: { values: labels }, mark: text, encoding },
    ],
  };
  const chart = await drawChart(
    spec,
    `Parallel coordinates of ${finished.length} finished runs: ${
      names.join(", ")
    }.`,
    300,
  );
  return figure({
    title: "Settings and score",
    chart,
    caption:
      "A line a run, from its settings to its score. A value whose lines all end high is good whatever the others are.",
  });
}

function flagAxis(setting: string, states: readonly RunState[]): Axis {
  const values = [
    ...new Set(states.map(({ run: { swept } }) => swept[setting]!)),
  ];
  if (values.every((value) => typeof value === "number")) {
    values.sort((a, b) => Number(a) - Number(b));
  }
  const name = flagName(setting);
  const position = (value: Value) =>
    values.length === 1 ? 0.5 : values.indexOf(value) / (values.length - 1);
  return {
    name,
    position: ({ run }) => position(run.swept[setting]!),
    labels: values.map((value) => ({
      axis: name,
      position: position(value),
      label: shorten(format(value), LABEL_LENGTH),
    })),
  };
}

function scoreAxis(metric: Metric, finished: readonly RunState[]): Axis {
  const value = (state: RunState) => scoreOf(state, metric.name)!;
  const values = finished.map(value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const height = (score: number) =>
    low === high ? 0.5 : (score - low) / (high - low);
  const name = scoreName(metric.name);
  return {
    name,
    position: (state) => height(value(state)),
    labels: [...new Set([low, (low + high) / 2, high])].map((score) => ({
      axis: name,
      position: height(score),
      label: decimal(score),
    })),
  };
}
