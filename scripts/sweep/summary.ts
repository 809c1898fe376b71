/**
 * Scores of a sweep: each run, means over the seeds, the best.
 *
 * @module
 */
import { commandText } from "../cli/command_text.ts";
import { flagName, format, type Value } from "../cli/flag_help.ts";
import { table } from "../cli/table.ts";
import type { RunState } from "./folder.ts";
import { type Metric, metricOfRun } from "./metric.ts";

/** Mean and sample standard deviation. */
export interface Spread {
  /** The mean. */
  readonly mean: number;
  /** The sample standard deviation, of n - 1; none of a single value. */
  readonly std: number | null;
}

/** A combination of settings, with the runs that differ in their seed alone. */
export interface Setting {
  /** The swept flags except the seed, by the name of their setting. */
  readonly flags: Readonly<Record<string, Value>>;
  /** Number of its runs. */
  readonly runs: number;
  /** Number of those that have finished. */
  readonly finished: number;
  /** The score that decides, over the finished runs; null before there is one. */
  readonly score: Spread | null;
  /** The same score on the test split; null without one. */
  readonly test: Spread | null;
}

/** The best setting. */
export interface Best {
  /** Its swept flags, without the seed. */
  readonly flags: Setting["flags"];
  /** Name of its best run. */
  readonly run: string;
  /** The command that trains this run alone. */
  readonly command: string;
}

/** Everything that is known of a sweep. */
export interface Summary {
  /** The score that decides; undefined before the first run has begun. */
  readonly metric: Metric | undefined;
  /** The settings, the best first. */
  readonly settings: readonly Setting[];
  /** The best setting; undefined before a run has finished. */
  readonly best: Best | undefined;
  /** The runs, in their order. */
  readonly states: readonly RunState[];
}

/**
 * Summarizes the runs of a sweep. Settings of which each run has finished come
 * before others: the runs that are left of one that was stopped are its best.
 *
 * @param states The runs.
 * @returns The summary.
 */
export function summarize(states: readonly RunState[]): Summary {
  const config = states.find(({ summary }) => summary)?.summary?.config;
  const metric = config && metricOfRun(config);
  const groups = Map.groupBy(states, ({ run: { swept } }) => {
    const { seed: _, ...flags } = swept;
    return JSON.stringify(flags);
  });
  const settings = [...groups.values()].map((group) => ({
    setting: settingOf(group, metric),
    loss: spreadOf(group.map((state) => scoreOf(state, "loss")))?.mean,
  })).sort((a, b) =>
    order(a.setting, b.setting, metric) || byLoss(a.loss, b.loss)
  ).map(({ setting }) => setting);
  const [first] = settings;
  const best = first?.score && metric
    ? bestOf(first, groups.get(JSON.stringify(first.flags))!, metric)
    : undefined;
  return { metric, settings, best, states };
}

/** Orders by loss, which breaks ties. */
function byLoss(a = Infinity, b = Infinity): number {
  return a === b ? 0 : a - b;
}

function settingOf(
  group: readonly RunState[],
  metric: Metric | undefined,
): Setting {
  const { seed: _, ...flags } = group[0]!.run.swept;
  const finished = group.filter(({ status }) => status === "finished");
  return {
    flags,
    runs: group.length,
    finished: finished.length,
    score: spreadOf(finished.map((state) => scoreOf(state, metric?.name))),
    test: spreadOf(finished.map(({ test }) => metric && test?.[metric.name])),
  };
}

/**
 * Reads a score of a run.
 *
 * @param state The run.
 * @param name Name of the score, or another figure of `results.json`.
 * @returns Its value; undefined if the run has not finished.
 */
export function scoreOf(
  { status, summary }: RunState,
  name: string | undefined,
): number | undefined {
  return status === "finished" && name !== undefined
    ? summary?.scores[name]
    : undefined;
}

function spreadOf(values: readonly (number | undefined)[]): Spread | null {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, x) => sum + x, 0) / known.length;
  const squares = known.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const std = known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : null;
  return { mean, std };
}

function order(a: Setting, b: Setting, metric: Metric | undefined): number {
  const isComplete = ({ runs, finished }: Setting) => Number(runs === finished);
  const sign = metric?.greaterIsBetter ? 1 : -1;
  const value = ({ score }: Setting) => score ? sign * score.mean : -Infinity;
  if (isComplete(a) !== isComplete(b)) return isComplete(b) - isComplete(a);
  return value(a) === value(b) ? 0 : value(b) - value(a);
}

function bestOf(
  { flags }: Setting,
  group: readonly RunState[],
  metric: Metric,
): Best {
  const sign = metric.greaterIsBetter ? 1 : -1;
  const value = (state: RunState) =>
    sign * (scoreOf(state, metric.name) ?? -sign * Infinity);
  const isLower = (a: RunState, b: RunState) =>
    byLoss(scoreOf(a, "loss"), scoreOf(b, "loss")) < 0;
  const { run } = group.reduce((a, b) =>
    value(b) > value(a) || (value(b) === value(a) && isLower(b, a)) ? b : a
  );
  return { flags, run: run.name, command: commandText("classify", run.flags) };
}

/**
 * The content of `sweep.json`, which depends on the folders of the runs alone:
 * processes that share them write the same.
 *
 * @param flags The flags of the sweep.
 * @param summary Its scores.
 * @returns The text.
 */
export function sweepJson(
  flags: Readonly<Record<string, Value>>,
  { metric, settings, best, states }: Summary,
): string {
  const runs = states.map(({ run, status, reason, summary, test }) => ({
    ...{ name: run.name, flags: run.swept, status },
    ...reason !== undefined && { reason },
    // Those of a run that goes on change too often.
    ...status === "finished" && { scores: summary!.scores },
    ...test && metric && { test: { [metric.name]: test[metric.name] } },
  }));
  const content = {
    flags,
    metric: metric?.name ?? null,
    greaterIsBetter: metric?.greaterIsBetter ?? null,
    best: best ?? null,
    settings,
    runs,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * Formats a mean with its standard deviation.
 *
 * @param spread Both.
 * @returns Such as `0.8431 ± 0.0112`.
 */
function spreadText(spread: Spread | null): string {
  if (spread === null) return "–";
  const std = spread.std === null ? "" : ` ± ${spread.std.toFixed(4)}`;
  return `${spread.mean.toFixed(4)}${std}`;
}

/**
 * Formats the settings as a table, the best first.
 *
 * @param summary The scores.
 * @returns The head and the rows.
 */
export function settingsTable(
  { metric, settings }: Summary,
): { head: string[]; rows: string[][] } {
  const names = Object.keys(settings[0]!.flags);
  const isTested = settings.some(({ test }) => test);
  const score = metric?.name ?? "score";
  return {
    head: [
      ...names.map(flagName),
      "runs",
      score,
      ...isTested ? [`${score}, test`] : [],
    ],
    rows: settings.map(({ flags, runs, finished, score, test }) => [
      ...names.map((name) => format(flags[name]!)),
      `${finished} of ${runs}`,
      spreadText(score),
      ...isTested ? [spreadText(test)] : [],
    ]),
  };
}

/** Says so if words alone are as good as each run, which may have other validation rows. */
function wordsText(states: readonly RunState[], metric: Metric): string[] {
  const sign = metric.greaterIsBetter ? 1 : -1;
  const known = states.flatMap((state) => {
    const score = scoreOf(state, metric.name);
    const words = state.words?.[metric.name];
    return score === undefined || words === undefined ? [] : [{ score, words }];
  });
  const isBeaten = known.some(({ score, words }) => sign * (score - words) > 0);
  if (known.length === 0 || isBeaten) return [];
  const baselines = new Set(
    known.map(({ words }) => words).sort((a, b) => a - b)
      .map((words) => words.toFixed(4)),
  );
  return [
    `No run is better than the word baseline, ${[...baselines].join(", ")}`,
  ];
}

/**
 * Describes the result of a sweep.
 *
 * @param folder Its folder.
 * @param summary Its scores.
 * @returns The lines.
 */
export function resultText(folder: string, summary: Summary): string {
  const { head, rows } = settingsTable(summary);
  const { best, states, metric } = summary;
  const data = states.flatMap(({ summary }) =>
    summary
      ? JSON.stringify((summary.config.digests as { data: unknown }).data)
      : []
  );
  const finished = states.filter(({ status }) => status === "finished").length;
  return [
    table(head, rows),
    ...finished < states.length
      ? [`${finished} of ${states.length} runs have finished`]
      : [],
    ...new Set(data).size > 1
      ? ["The runs have different data, so their scores may not be comparable"]
      : [],
    ...best
      ? [
        `Best ${metric!.name}, of ${folder}/${best.run}: train it alone with`,
        `  ${best.command}`,
      ]
      : [],
    ...metric ? wordsText(states, metric) : [],
    `The page is in ${folder}/sweep.html, the scores in ${folder}/sweep.json`,
  ].join("\n");
}
