/**
 * Line charts, by uPlot, as an element: `<line-chart .chart=${…}>`.
 *
 * @module
 */
/// <reference lib="dom" />
import uPlot from "npm:uplot@1.6.32";

/** A line of a chart. */
export interface Line {
  readonly name: string;
  /** Name of a CSS variable with its colour. */
  readonly colour: string;
  /** A value for each x; null where there is none. */
  readonly values: readonly (number | null)[];
  readonly isDashed?: boolean;
  readonly hasPoints?: boolean;
  readonly isFaint?: boolean;
}

/** A chart. */
export interface Chart {
  /** The chart in words. */
  readonly label: string;
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  /** Last x of the axis. */
  readonly xMax: number;
  /** Bounds of the y axis; those of the values without them. */
  readonly yRange?: readonly [number, number];
  readonly format: (value: number) => string;
}

const HEIGHT = 190;

/** Draws lines, again whenever anything changes on which the picture depends. */
export class LineChart extends HTMLElement {
  #chart: Chart | undefined;
  #plot: uPlot | undefined;
  #key = "";
  readonly #resized = new ResizeObserver(() => this.#resize());
  readonly #scheme = matchMedia("(prefers-color-scheme: dark)");
  readonly #redraw = () => this.#build();

  /** The chart that is shown. */
  set chart(chart: Chart) {
    const previous = this.#chart;
    this.#chart = chart;
    this.setAttribute("role", "img");
    this.setAttribute("aria-label", chart.label);
    if (!this.isConnected) return;
    const key = JSON.stringify([
      chart.lines.map(({ name }) => name),
      chart.xMax,
    ]);
    // uPlot draws no axes over no data, nor later.
    const wasEmpty = previous?.x.length === 0;
    if (this.#plot === undefined || key !== this.#key || wasEmpty) {
      this.#key = key;
      this.#build();
      return;
    }
    if (previous?.x.length === chart.x.length && isSame(previous, chart)) {
      return;
    }
    this.#plot.setData(dataOf(chart));
  }

  /** Begins to follow its width and the colours of the system. */
  connectedCallback(): void {
    this.#resized.observe(this);
    this.#scheme.addEventListener("change", this.#redraw);
    // A canvas that lost its graphics card is empty when it comes back.
    this.addEventListener("contextrestored", this.#redraw, { capture: true });
    this.#build();
  }

  /** Ends that. */
  disconnectedCallback(): void {
    this.#resized.disconnect();
    this.#scheme.removeEventListener("change", this.#redraw);
    this.removeEventListener("contextrestored", this.#redraw, {
      capture: true,
    });
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #resize(): void {
    const width = this.clientWidth;
    if (width > 0 && this.#plot && this.#plot.width !== width) {
      this.#plot.setSize({ width, height: HEIGHT });
    }
  }

  #build(): void {
    const chart = this.#chart;
    if (!chart || !this.isConnected) return;
    this.#plot?.destroy();
    const colour = (name: string) => {
      this.style.color = `var(${name})`; // the value itself may be light-dark(…)
      return getComputedStyle(this).color;
    };
    const axis = {
      stroke: colour("--muted"),
      grid: { stroke: colour("--grid"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    const format = (_: uPlot, values: number[]) =>
      values.map((value) => chart.format(value));
    const { yRange } = chart;
    this.#plot = new uPlot(
      {
        width: Math.max(this.clientWidth, 100),
        height: HEIGHT,
        padding: [10, 8, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: [0, chart.xMax] },
          y: yRange ? { range: [...yRange] } : {
            range: (
              _,
              low,
              high,
            ) => [Math.min(0, low ?? 0), (high ?? 1) * 1.05],
          },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 28, space: 60 },
          { ...axis, size: 52, values: format, space: 36 },
        ],
        series: [
          {},
          ...chart.lines.map((line) => ({
            label: line.name,
            stroke: colour(line.colour),
            width: line.isFaint ? 1 : 2,
            alpha: line.isFaint ? 0.4 : 1,
            spanGaps: true,
            ...line.isDashed && { dash: [6, 5] },
            points: line.hasPoints
              ? { show: true, size: 7, fill: colour(line.colour) }
              : { show: false },
          })),
        ],
      },
      dataOf(chart),
      this,
    );
  }
}

function dataOf({ x, lines }: Chart): uPlot.AlignedData {
  return [[...x], ...lines.map(({ values }) => [...values])];
}

function isSame(a: Chart, b: Chart): boolean {
  return a.lines.every(({ values }, i) =>
    values.length === b.lines[i]!.values.length &&
    values.at(-1) === b.lines[i]!.values.at(-1)
  );
}

customElements.define("line-chart", LineChart);
