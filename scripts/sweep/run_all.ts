/**
 * The loop of a sweep: its runs, one after the other.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { writeFile } from "../../mod.ts";
import type { ClassifyOptions } from "../classify/flags.ts";
import { flagsText } from "../cli/command_text.ts";
import { adviseOnMemory } from "../cli/out_of_memory.ts";
import type { Run } from "../cli/run_main.ts";
import type { SweepOptions } from "./flags.ts";
import { type Ended, markEnded, prepare, readState } from "./folder.ts";
import { metricOfRun } from "./metric.ts";
import { sweepPage } from "./page.ts";
import { optionsOf, type SweepRun } from "./runs.ts";
import { reasonToStop, valuesByStep } from "./stopping.ts";
import { resultText, summarize, type Summary, sweepJson } from "./summary.ts";

/** A training run, as `train_classifier.ts` has it. */
export type Classify = (options: ClassifyOptions, run: Run) => Promise<void>;

/**
 * Runs a sweep, or a part of it: skips finished runs, goes on with interrupted ones,
 * and begins the others.
 *
 * @param sweep The sweep.
 * @param main Connection to the entry point.
 * @param classify A run; it must end after the current step when its signal is aborted.
 * @throws {Error} If runs failed, after the others; at once if none has begun.
 */
export async function runAll(
  sweep: SweepOptions,
  main: Run,
  classify: Classify,
): Promise<void> {
  const { folder, own, runs, stopWorst } = sweep;
  const failed: string[] = [];
  let summary: Summary | undefined;
  if (own.length < runs.length) {
    console.log(`${own.length} of the ${runs.length} runs are of this part`);
  }
  for (const [i, run] of own.entries()) {
    const { status } = await readState(folder, run);
    const isOver = status === "finished" || (status === "stopped" && stopWorst);
    const place = `Run ${i + 1} of ${own.length}:${flagsText(run.swept)}`;
    console.log(isOver ? `${place}: ${status}` : `\n${place}`);
    if (isOver) continue;
    const ended = await runOne(sweep, run, main, classify);
    if (main.signal.aborted) return;
    if (ended) {
      console.log(`${run.name} ${ended.status}: ${ended.reason}`);
      await markEnded(`${folder}/${run.name}`, ended);
    }
    if (ended?.status === "failed") failed.push(run.name);
    summary = await saveSummary(sweep);
  }
  summary ??= await saveSummary(sweep);
  console.log(`\n${resultText(folder, summary)}`);
  main.continueWith = undefined;
  if (failed.length === 0) return;
  throw new Error(
    `${failed.length} of ${own.length} runs failed, ${
      failed.join(", ")
    }: their reasons are in sweep.json; the same command tries them again: ${sweep.command}`,
  );
}

/** Runs one of the runs; returns its end, if it has no results. */
async function runOne(
  sweep: SweepOptions,
  run: SweepRun,
  main: Run,
  classify: Classify,
): Promise<Ended | undefined> {
  const path = `${sweep.folder}/${run.name}`;
  const stopping = new AbortController();
  const options = optionsOf(run.flags, path, prepare(path));
  const inner: Run = {
    communicator: main.communicator,
    startTime: main.startTime,
    allReduceSum: (values) => main.allReduceSum(values),
    signal: AbortSignal.any([main.signal, stopping.signal]),
    begin() {
      main.begin();
      main.continueWith = sweep.command;
    },
    async afterEvaluation() {
      const reason = sweep.stopWorst && await reasonOf(sweep, run);
      if (reason) stopping.abort(reason);
    },
  };
  try {
    await classify(options, inner);
  } catch (error) {
    if (main.signal.aborted || main.continueWith === undefined) throw error;
    const { message } = adviseOnMemory(error, options) as Error;
    return { status: "failed", reason: message };
  }
  if (!stopping.signal.aborted) return;
  return { status: "stopped", reason: stopping.signal.reason };
}

/** Reason to stop a run; undefined if it goes on. */
async function reasonOf(
  { folder, runs }: SweepOptions,
  run: SweepRun,
): Promise<string | undefined> {
  const { summary } = await readState(folder, run);
  if (!summary) return; // its lines could not be written
  const metric = metricOfRun(summary.config);
  const others: Map<number, number>[] = [];
  for (const other of runs.filter(({ name }) => name !== run.name)) {
    const { status, summary } = await readState(folder, other);
    if (!summary || status === "stopped" || status === "failed") continue;
    others.push(valuesByStep(summary.events, metric));
  }
  return reasonToStop(valuesByStep(summary.events, metric), others, metric);
}

/**
 * Writes `sweep.json` and `sweep.html` until they have what the folders of the runs
 * have: other processes may write them in between.
 */
async function saveSummary({ folder, runs, flags, part }: SweepOptions) {
  const read = async (): Promise<[Summary, text: string]> => {
    const states = await Promise.all(
      runs.map((run) => readState(folder, run)),
    );
    const summary = summarize(states);
    return [summary, sweepJson(flags, summary)];
  };
  for (let [summary, text] = await read();;) {
    await save(folder, "sweep.json", part, () => text);
    await save(folder, "sweep.html", part, () => sweepPage(summary, folder));
    const before = text;
    [summary, text] = await read();
    if (text === before) return summary;
  }
}

/** Writes a file, of this process alone until it is complete; the runs do not need it. */
async function save(
  folder: string,
  name: string,
  part: string,
  textOf: () => string | Promise<string>,
): Promise<void> {
  try {
    await writeFile(folder, `${name}.${part}`, await textOf());
    await Deno.rename(`${folder}/${name}.${part}`, `${folder}/${name}`);
  } catch (error) {
    console.warn(
      `Warning: ${folder}/${name} could not be saved: ${
        (error as Error).message
      }; the same command tries again`,
    );
  }
}
