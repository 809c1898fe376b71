/**
 * Encodings that several charts have.
 *
 * @module
 */
import { type ChartSpec, DASHES, SERIES } from "./chart.ts";

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
    axis: { title, tickCount: 6 },
  };
}

/**
 * Makes the encoding of the field `series` by colour and dashes.
 *
 * @param names Names of the series.
 * @returns The encoding.
 */
export function seriesOf(names: readonly string[]): ChartSpec {
  const range = <T>(values: readonly T[]) =>
    names.map((_, i) => values[i % values.length]!);
  return {
    color: {
      field: "series",
      type: "nominal",
      scale: { domain: names, range: range(SERIES) },
      legend: {
        symbolType: "stroke",
        symbolSize: 250,
        columns: 3,
        labelLimit: 105,
      },
    },
    strokeDash: {
      field: "series",
      type: "nominal",
      scale: { domain: names, range: range(DASHES) },
    },
  };
}
