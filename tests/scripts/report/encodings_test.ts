import { assert, assertEquals, assertMatch } from "@std/assert";
import { analyze } from "../../../scripts/report/analysis.ts";
import { balanceFigure } from "../../../scripts/report/balance_chart.ts";
import {
  type ChartSpec,
  drawChart,
  textWidth,
} from "../../../scripts/report/chart.ts";
import { axis, seriesOf } from "../../../scripts/report/encodings.ts";
import { trainingSection } from "../../../scripts/report/training_charts.ts";
import { classesData } from "./report_fixture.ts";

/** Places of texts in a chart. */
function placesOf(svg: string): Map<string, readonly [x: number, y: number]> {
  const texts =
    /<text [^>]*transform="translate\(([\d.-]+),([\d.-]+)\)"[^>]*>([^<]*)</g;
  return new Map(
    [...svg.matchAll(texts)].map(([, x, y, text]) => [text!, [+x!, +y!]]),
  );
}

/** A line chart of these series. */
const lineChart = (names: readonly string[]) =>
  drawChart({
    data: { values: names.map((series, x) => ({ series, x })) },
    mark: "line",
    encoding: { x: { field: "x" }, y: { field: "x" }, ...seriesOf(names) },
  }, "");

Deno.test("seriesOf() shows names whole, side by side where they fit", async () => {
  const short = ["F1, micro", "F1, macro", "Subset accuracy"];
  const long = ["validation_matched of all", "validation_mismatched of all"];
  for (const [names, columns] of [[short, 3], [long, 1]] as const) {
    const places = placesOf((await lineChart(names)).text);
    assertEquals(names.filter((name) => !places.has(name)), []);
    const { color } = seriesOf(names) as { color: { legend: ChartSpec } };
    assertEquals(color.legend.columns, columns);
  }
});

Deno.test("axis() has short ticks, also for a single value", async () => {
  for (const [n, tick] of [[6, "6"], [0.5, "0.5"], [1500, "1,500"]] as const) {
    const { text } = await drawChart({
      data: { values: [{ n }] },
      mark: "point",
      encoding: { x: axis("n", "N") },
    }, "");
    assertEquals([...placesOf(text).keys()], [tick, "N"]);
  }
});

Deno.test("balanceFigure() has the colour of each split in its legend", async () => {
  const data = classesData(60, 60);
  const { text } = await balanceFigure(data, analyze(data));
  const legend = text.slice(text.indexOf("legend-symbol"));
  for (const series of [1, 2]) {
    assertMatch(
      legend,
      new RegExp(
        `<path [^>]*d="M[^"]+h[^"]+v[^"]+Z" [^>]*fill="var\\(--series-${series}\\)"`,
      ),
    );
  }
});

Deno.test("trainingSection() names baselines in the margin, apart from each other", async () => {
  const data = classesData(60, 60);
  const section = await trainingSection({
    ...data,
    baselines: {
      majority: { accuracy: 0.8 },
      words: { accuracy: 0.801 },
      wordOverlap: { accuracy: 0.86 },
    },
  });
  const chart = section!.content.text.split("<h3>Scores by epoch")[1]!
    .split("</svg>")[0]!;
  const places = placesOf(chart);
  const labels = ["word overlap 0.860", "words alone 0.801"]
    .concat("majority class 0.800")
    .map((text) => places.get(text)!);
  const [x] = labels[0]!;
  assertEquals(labels.map(([x]) => x), [x, x, x]);
  assert(x > 220, `the chart is ${x} wide`); // of 430
  // The grid ends where the labels begin.
  const ends = [...chart.matchAll(/<line [^>]*x2="([\d.]+)"/g)]
    .map(([, x2]) => +x2!);
  assertEquals(Math.max(...ends) + 5, x);
  for (const [i, [, y]] of labels.slice(1).entries()) {
    assert(y - labels[i]![1] > 10, `${labels}`);
  }
});

Deno.test("textWidth() counts wide characters as wide as high", () => {
  assertEquals(textWidth("ab", 10), 12);
  assertEquals(textWidth("中文😀", 10), 30);
});
