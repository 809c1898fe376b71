/**
 * Comparison of runs: one page, which needs no network and runs no script.
 *
 * @module
 */
import { drawChart } from "./chart.ts";
import { axis, seriesOf } from "./encodings.ts";
import {
  count,
  counted,
  decimal,
  type Html,
  html,
  shorten,
  shortNames,
} from "./html.ts";
import { figure, page, type Section, table } from "./layout.ts";
import type { RunSummary } from "./run_summary.ts";
import { moreIsBetter, scoreName } from "./score_lines.ts";
import { evaluations, stepSeries } from "./series.ts";
import { valueText } from "./settings_section.ts";
import { STYLE } from "./style.ts";

/** Figures of a run that tell its cost. */
const COST: Readonly<Record<string, string>> = {
  steps: "Steps",
  seconds: "Seconds",
  samplesPerSecond: "Samples per second",
};

/** Scores that are drawn, at most. */
const MAX_SCORES = 2;

/** Settings of which no difference matters. */
const OF_FOLDER = /^(outputDir|resume|flags\b|.*Seconds$)/;

/**
 * Makes the comparison.
 *
 * @param allRuns The runs, two to six.
 * @returns The text of the file; the same runs give the same text.
 */
export async function comparisonHtml(
  allRuns: readonly RunSummary[],
): Promise<string> {
  const names = shortNames(allRuns.map(({ name }) => name));
  const runs = allRuns.map((run, i) => ({ ...run, name: names[i]! }));
  const sections = [
    scores(runs),
    await curves(runs),
    classes(runs),
    settings(runs),
  ].filter((section) => section !== undefined);
  return page(
    `Comparison of ${runs.length} runs`,
    names.join(" · "),
    sections,
    STYLE,
  );
}

function scores(runs: readonly RunSummary[]): Section {
  const keys = namesOf(runs.map(({ scores }) => scores));
  const [costs, others] = [
    keys.filter((key) => key in COST),
    keys.filter((key) => !(key in COST)),
  ];
  const unfinished = runs.filter(({ isFinished }) => !isFinished);
  const hasOtherData = differing(runs.map(({ config }) => config))
    .some(([name]) => name.startsWith("digests.data."));
  return {
    id: "scores",
    title: "Scores",
    content: html`${
      hasOtherData
        ? html`
          <ul class="findings">
            <li>The runs have different data, so their scores may not be comparable.</li>
          </ul>
        `
        : undefined
    }${
      unfinished.length > 0
        ? html`<p>${unfinished.map(({ name }) => name).join(", ")} ${
          unfinished.length === 1 ? "has" : "have"
        } not ended: the scores are of the last evaluation so far.</p>`
        : undefined
    }
<p>The best score of each row is bold. Intervals are those of 95 %: where they overlap by much, the difference may be chance; other seeds will tell.</p>
${
      table({
        caption: "Scores of each run",
        head: ["Score", ...runs.map(heading)],
        rows: others.map((key) => scoreRow(key, runs)),
      })
    }${
      costs.length > 0
        ? table({
          caption: "Cost of each run",
          head: ["Figure", ...runs.map(heading)],
          rows: costs.map((key) => [
            COST[key],
            ...runs.map(({ scores: { [key]: value } }) =>
              value === undefined ? "–" : count(Math.round(value))
            ),
          ]),
        })
        : undefined
    }`,
  };
}

function scoreRow(
  key: string,
  runs: readonly RunSummary[],
): (string | Html)[] {
  const values = runs.map(({ scores }) => scores[key]);
  const known = values.filter((value) => value !== undefined);
  const best = moreIsBetter(key) ? Math.max(...known) : Math.min(...known);
  return [
    scoreName(key),
    ...runs.map(({ intervals }, i) => {
      const interval = intervals[key];
      return html`${
        values[i] === best
          ? html`<strong>${decimal(values[i])}</strong>`
          : decimal(values[i])
      }${
        interval &&
        html`<small>${decimal(interval[0])} – ${decimal(interval[1])}</small>`
      }`;
    }),
  ];
}

async function curves(
  runs: readonly RunSummary[],
): Promise<Section | undefined> {
  const training = runs.flatMap(({ name, events }) =>
    stepSeries(events, "loss").points
      .map(({ step, mean }) => ({ step, value: mean, series: name }))
  );
  const evals = runs.flatMap(({ name, events }) =>
    evaluations(events).map((point) => ({ ...point, series: name }))
  );
  const keys = namesOf(evals.map(({ scores }) => scores)).filter(moreIsBetter)
    .slice(0, MAX_SCORES);
  const ofEvals = (value: (point: typeof evals[0]) => number | undefined) =>
    evals.flatMap((point) => {
      const y = value(point);
      return y === undefined
        ? []
        : [{ step: point.step, value: y, series: point.series }];
    });
  const figures = [
    await curve(
      runs,
      "Training loss",
      training,
      "Means of neighbouring steps. Runs with other batch sizes have other noise; compare where the lines end.",
    ),
    await curve(
      runs,
      "Validation loss",
      ofEvals(({ loss }) => loss),
      "The lowest point of each line is its best model; a line that rises has gone on too long.",
    ),
    ...await Promise.all(keys.map((key) =>
      curve(
        runs,
        scoreName(key),
        ofEvals(({ scores }) => scores[key]),
        "A line that still rises at its end would gain from more epochs.",
      )
    )),
  ];
  if (figures.every((figure) => figure === undefined)) return;
  return {
    id: "curves",
    title: "Curves",
    content: html`<div class="figures">${figures}</div>`,
  };
}

async function curve(
  runs: readonly RunSummary[],
  title: string,
  values: readonly { step: number; value: number; series: string }[],
  caption: string,
): Promise<Html | undefined> {
  if (values.length === 0) return;
  const names = runs.map(({ name }) => name);
  const ends = names.flatMap((name) => {
    const last = values.findLast(({ series }) => series === name);
    return last ? [`${name} ends at ${decimal(last.value)}.`] : [];
  });
  const isShort = values.length < 60;
  const chart = await drawChart(
    {
      data: { values },
      mark: { type: "line", ...isShort && { point: { size: 40, opacity: 1 } } },
      encoding: {
        x: axis("step", "Step"),
        y: axis("value", title, title.endsWith("loss")),
        ...seriesOf(names),
      },
    },
    `Line chart of the ${title} of each run by step. ${ends.join(" ")}`,
  );
  return figure({ title, chart, caption });
}

function classes(runs: readonly RunSummary[]): Section | undefined {
  const names = namesOf(runs.map(({ classScores }) => classScores));
  if (names.length === 0) return;
  const spread = (name: string) => {
    const values = runs.flatMap(({ classScores }) => classScores[name] ?? []);
    return Math.max(...values) - Math.min(...values);
  };
  return {
    id: "classes",
    title: "Classes",
    content: html`<p>The classes on which the runs differ most come first.</p>
${
      table({
        caption: "F1 of each class",
        head: ["Class", ...runs.map(heading)],
        rows: names.toSorted((a, b) => spread(b) - spread(a)).map((name) => [
          html`<bdi>${shorten(name, 60)}</bdi>`,
          ...runs.map(({ classScores }) => decimal(classScores[name])),
        ]),
      })
    }`,
  };
}

function settings(runs: readonly RunSummary[]): Section {
  const rows = differing(runs.map(({ config }) => config));
  return {
    id: "settings",
    title: "Settings that differ",
    content: rows.length === 0
      ? html`<p>The runs have the same settings, data, model, versions and adapter.</p>`
      : html`<p>All other settings are the same. ${
        counted(rows.length, "difference")
      }:</p>
${
        table({
          caption: "Values in each run",
          hasHeading: true,
          head: ["Setting", ...runs.map(heading)],
          rows: rows.map(([name, values]) => [
            name,
            ...values.map((value) => shorten(value, 80)),
          ]),
          textColumns: [...runs.keys(), runs.length],
        })
      }`,
  };
}

/** Settings by name whose values differ, as texts. */
function differing(
  configs: readonly Readonly<Record<string, unknown>>[],
): [name: string, values: string[]][] {
  const flat = configs.map((config) => Object.fromEntries(flatten(config)));
  return namesOf(flat)
    .filter((name) => !OF_FOLDER.test(name))
    .map((name): [string, string[]] => [
      name,
      flat.map((config) => valueText(config[name] ?? null)),
    ])
    .filter(([, values]) => new Set(values).size > 1);
}

function flatten(
  value: Readonly<Record<string, unknown>>,
  prefix = "",
): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? flatten(inner as Record<string, unknown>, `${prefix}${name}.`)
      : [[`${prefix}${name}`, inner] as [string, unknown]]
  );
}

function namesOf(records: readonly object[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function heading({ name }: RunSummary): Html {
  return html`<bdi>${name}</bdi>`;
}
