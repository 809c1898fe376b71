/**
 * Encodings that several charts have.
 *
 * @module
 */
import {
  CHART_WIDTH,
  type ChartSpec,
  DASHES,
  SERIES,
  textWidth,
} from "./chart.ts";

/** Size of the font of a legend, and width of the symbol and the gap beside a name. */
const [FONT_SIZE, BESIDE] = [11.5, 34];

/**
 * Makes the encoding of a quantity by position.
 *
 * @param field Its field.
 * @param title Title of the axis.
 * @param zero Whether the axis begins at zero.
 * @returns The encoding.
 */
export function axis(field: string, title: string, zero = false): ChartSpec {
  return {
    field,
    type: "quantitative",
    title,
    scale: { zero, nice: zero },
    // Without zeros at the end, which the ticks of a single value would have.
    axis: { title, tickCount: 6, format: ",~r" },
  };
}

/**
 * Makes the encoding of the field `series` by colour and dashes.
 *
 * @param names Names of the series.
 * @param symbol Symbol in the legend: a stroke of lines, a square of bars, which have no stroke.
 * @returns The encoding.
 */
export function seriesOf(
  names: readonly string[],
  symbol: "stroke" | "square" = "stroke",
): ChartSpec {
  const widths = names.map((name) => textWidth(name, FONT_SIZE));
  const fitting = Math.floor(CHART_WIDTH / (Math.max(...widths) + BESIDE));
  const range = <T>(values: readonly T[]) =>
    names.map((_, i) => values[i % values.length]!);
  return {
    color: {
      field: "series",
      type: "nominal",
      scale: { domain: names, range: range(SERIES) },
      legend: {
        symbolType: symbol,
        symbolSize: symbol === "stroke" ? 250 : 120,
        columns: Math.min(3, Math.max(1, fitting)),
        labelLimit: CHART_WIDTH - BESIDE,
      },
    },
    strokeDash: {
      field: "series",
      type: "nominal",
      scale: { domain: names, range: range(DASHES) },
    },
  };
}
