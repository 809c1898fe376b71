/**
 * Charts as SVG, drawn by vega-lite without a browser. The packages are loaded when
 * the first chart is drawn.
 *
 * @module
 */
import { clean, Html, html } from "./html.ts";

/** A value of a chart: plain JSON. */
export type ChartValue =
  | string
  | number
  | boolean
  | null
  | readonly ChartValue[]
  | { readonly [name: string]: ChartValue };

/** Marks and encodings of a chart: a view or a layer of vega-lite. */
export interface ChartSpec {
  readonly [name: string]: ChartValue;
}

/** A point, bar or row of the data of a chart. */
export type Datum = Readonly<Record<string, string | number | null>>;

/** The part of vega and of vega-lite that is used. */
interface Vega {
  parse(spec: object, config: object, options: { ast: true }): object;
  textMetrics: { width: (item: TextItem, text: string | undefined) => number };
  View: new (
    runtime: object,
    options: { renderer: "none"; expr: unknown },
  ) => {
    toSVG(): Promise<string>;
    finalize(): void;
  };
}
interface TextItem {
  readonly fontSize?: number;
  readonly limit?: number;
}
interface VegaLite {
  compile(spec: object): { spec: object };
}

/** Evaluates the expressions of a chart: a page with a strict policy allows no `Function()`. */
interface Interpreter {
  readonly expressionInterpreter: unknown;
}

let packages: Promise<[Vega, VegaLite, Interpreter]> | undefined;

function load(): Promise<[Vega, VegaLite, Interpreter]> {
  return packages ??= loadPackages();
}

async function loadPackages(): Promise<[Vega, VegaLite, Interpreter]> {
  const [vega, vegaLite, interpreter] = await Promise.all([
    import("npm:vega@6.4.0") as unknown as Promise<Vega>,
    import("npm:vega-lite@6.5.0") as unknown as Promise<VegaLite>,
    import("npm:vega-interpreter@2.2.1") as Promise<Interpreter>,
  ]);
  // The same with and without a canvas; vega's own guess without one is far too wide.
  vega.textMetrics.width = ({ fontSize = 11, limit }, text = "") =>
    Math.min(textWidth(`${text}`, fontSize), limit || Infinity);
  return [vega, vegaLite, interpreter];
}

/** Characters as wide as high: CJK, emoji. */
const WIDE =
  /[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uff60]|\p{Emoji_Presentation}/gu;

/**
 * Estimates the width of a text in the font of the charts.
 *
 * @param text The text.
 * @param fontSize Size of the font.
 * @returns The width, in the unit of the size.
 */
export function textWidth(text: string, fontSize: number): number {
  const wide = text.match(WIDE)?.length ?? 0;
  return fontSize * (wide + 0.6 * ([...text].length - wide));
}

/** Colours of series, which the style sheet sets for light and dark. */
export const SERIES: readonly string[] = Array.from(
  { length: 6 },
  (_, i) => `var(--series-${i + 1})`,
);

/** Dashes of series, so that they differ without colour too. */
export const DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [6, 3],
  [2, 3],
  [8, 3, 2, 3],
  [12, 4],
  [4, 2, 1, 2],
];

/** Colour of lines that are no data: thresholds, diagonals. */
export const REFERENCE_COLOUR = "var(--muted)";

/** Width of a chart, in units of its SVG: the figure scales it. */
export const CHART_WIDTH = 430;

const TEXT = "var(--text)";
const GRID = "var(--grid)";

const CONFIG: ChartSpec = {
  background: "transparent",
  font: "system-ui, sans-serif",
  aria: false, // the figure has its own text
  view: { stroke: null },
  axis: {
    labelColor: "var(--muted)",
    titleColor: TEXT,
    titleFontWeight: 500,
    labelFontSize: 11,
    titleFontSize: 11.5,
    titlePadding: 8,
    gridColor: GRID,
    domainColor: "var(--axis)",
    tickColor: "var(--axis)",
    tickSize: 4,
    labelLimit: 130,
  },
  axisX: { grid: false },
  axisY: { domain: false, ticks: false, labelPadding: 6 },
  legend: {
    orient: "top",
    title: null,
    labelColor: TEXT,
    labelFontSize: 11.5,
    symbolStrokeWidth: 2.5,
    symbolSize: 90,
    columnPadding: 14,
    offset: 6,
    labelLimit: 180,
  },
  line: { strokeWidth: 2, strokeJoin: "round", strokeCap: "butt" },
  text: { color: TEXT, fontSize: 11 },
};

/**
 * Draws a chart.
 *
 * @param spec Marks and encodings in the words of vega-lite, with its data.
 * @param label The chart in words, for those who do not see it.
 * @param height Height, in the units of a width of 430.
 * @returns The SVG, as wide as its place; it needs no script.
 */
export async function drawChart(
  spec: ChartSpec,
  label: string,
  height = 240,
): Promise<Html> {
  const [vega, vegaLite, { expressionInterpreter: expr }] = await load();
  const compiled = vegaLite.compile({
    width: CHART_WIDTH,
    height,
    autosize: { type: "fit", contains: "padding" },
    padding: 2,
    config: CONFIG,
    ...spec,
  });
  const runtime = vega.parse(compiled.spec, {}, { ast: true });
  const view = new vega.View(runtime, { renderer: "none", expr });
  const svg = await view.toSVG();
  view.finalize();
  const [, box = ""] = /viewBox="([\d. ]+)"/.exec(svg)!;
  const marks = svg.slice(svg.indexOf(">") + 1);
  return html`<svg role="img" aria-label="${label}" viewBox="${box}">${new Html(
    clean(marks).replaceAll(/<[^>]+>/g, simplify),
  )}`;
}

/** Leaves out what no screen shows: decimals, and roles of marks, since the chart is one image. */
function simplify(tag: string): string {
  return tag
    .replaceAll(/ (?:role|aria-[a-z]+|pointer-events)="[^"]*"/g, "")
    .replaceAll(
      /-?\d+\.\d{3,}/g,
      (number) => `${+Number(number).toFixed(2)}`,
    );
}
