/**
 * Chart of the classes, labels or numbers of each split.
 *
 * @module
 */
import type { Analysis } from "./analysis.ts";
import { type Datum, drawChart } from "./chart.ts";
import { count, type Html, html, percent } from "./html.ts";
import { figure } from "./layout.ts";
import type { ReportData } from "./report_data.ts";
import { axis, seriesOf } from "./encodings.ts";

/** Classes in the chart, at most. */
const MAX_CLASSES = 25;

/** Bars of the histogram of numbers. */
const BARS = 20;

/** Ratio of the largest to the smallest class from which it is called large. */
const IMBALANCED = 10;

/**
 * Draws the balance of each split.
 *
 * @param data The data of a report.
 * @param analysis The scores.
 * @returns The figure.
 */
export function balanceFigure(
  data: ReportData,
  { names }: Analysis,
): Promise<Html> {
  return data.problemType === "regression"
    ? numbersFigure(data, names[0]!)
    : classesFigure(data, names);
}

async function classesFigure(
  { labels, problemType }: ReportData,
  names: readonly string[],
): Promise<Html> {
  const splits = Object.keys(labels);
  const counts = splits.map((split) =>
    names.map((_, i) =>
      labels[split]!.filter((label) =>
        typeof label === "number" ? label === i : label[i] === 1
      ).length
    )
  );
  const total = (s: number) => labels[splits[s]!]!.length;
  const order = names.map((_, i) => i)
    .sort((a, b) => counts[0]![b]! - counts[0]![a]! || a - b);
  const shown = order.slice(0, MAX_CLASSES);
  const values: Datum[] = shown.flatMap((i) =>
    splits.map((split, s) => ({
      name: names[i]!,
      series: split,
      share: total(s) === 0 ? 0 : counts[s]![i]! / total(s),
    }))
  );
  const [largest, smallest] = [order[0]!, order.at(-1)!];
  const [most, fewest] = [counts[0]![largest]!, counts[0]![smallest]!];
  const noun = problemType === "single_label_classification"
    ? "class"
    : "label";
  const { color } = seriesOf(splits, "square");
  const chart = await drawChart(
    {
      data: { values },
      mark: "bar",
      encoding: {
        y: {
          field: "name",
          type: "nominal",
          sort: null,
          title: null,
          axis: { domain: true },
        },
        yOffset: { field: "series", sort: splits },
        x: {
          ...axis("share", "Share of the rows", true),
          axis: {
            title: "Share of the rows",
            format: "~%",
            grid: true,
            tickCount: 5,
          },
        },
        color: color!,
      },
    },
    `Bar chart of the share of each ${noun} by split. Of ${splits[0]}, ${
      names[largest]
    } has the most rows, ${count(most)}, and ${names[smallest]} the fewest, ${
      count(fewest)
    }.`,
    Math.max(120, 50 + shown.length * (8 + 10 * splits.length)),
  );
  return figure({
    title: noun === "class" ? "Class balance" : "Label balance",
    chart,
    caption:
      html`The bars of a ${noun} should be about equally long: splits that differ make the scores say little about use.${
        most > IMBALANCED * fewest
          ? html`
            The largest ${noun} has ${fewest === 0
              ? "rows"
              : `${count(Math.round(most / fewest))} times`} ${fewest === 0
              ? "and the smallest none"
              : "the rows of the smallest"}: accuracy hides the small ones, so look at macro F1.
          `
          : undefined
      }${
        shown.length < order.length
          ? html`
            The ${MAX_CLASSES} largest of ${count(order.length)} are drawn.
          `
          : undefined
      }`,
    numbers: {
      caption: `Rows of each ${noun} by split`,
      head: [
        noun === "class" ? "Class" : "Label",
        ...splits.flatMap((split) => [split, "share"]),
      ],
      rows: order.map((i) => [
        html`<bdi>${names[i]}</bdi>`,
        ...splits.flatMap((_, s) => [
          count(counts[s]![i]!),
          percent(counts[s]![i]! / total(s)),
        ]),
      ]),
    },
  });
}

async function numbersFigure(
  { labels }: ReportData,
  name: string,
): Promise<Html> {
  const splits = Object.keys(labels);
  const all = Object.values(labels).flat() as number[];
  const least = all.reduce((a, b) => Math.min(a, b), Infinity);
  const most = all.reduce((a, b) => Math.max(a, b), -Infinity);
  const width = (most - least) / BARS || 1;
  const values: Datum[] = splits.flatMap((split) => {
    const bars = Array<number>(BARS).fill(0);
    for (const value of labels[split] as number[]) {
      bars[Math.min(BARS - 1, Math.floor((value - least) / width))]!++;
    }
    return bars.map((n, i) => ({
      value: least + (i + 0.5) * width,
      share: n / Math.max(1, labels[split]!.length),
      series: split,
    }));
  });
  const chart = await drawChart(
    {
      data: { values },
      mark: { type: "line", interpolate: "step" },
      encoding: {
        x: axis("value", name),
        y: {
          ...axis("share", "Share of the rows", true),
          axis: { title: "Share of the rows", format: "~%" },
        },
        ...seriesOf(splits),
      },
    },
    `Histogram of ${name} by split, from ${least} to ${most}.`,
  );
  return figure({
    title: "Numbers in the data",
    chart,
    caption:
      "The lines of the splits should be alike. Numbers that are rare in the training rows are predicted less well.",
  });
}
