/**
 * The folder of a sweep, with that of each run, which is all that its processes know
 * of each other.
 *
 * @module
 */
import { writeFile } from "../../mod.ts";
import { readRun, type RunSummary } from "../report/run_summary.ts";
import { readConfig } from "../run_folder/config.ts";
import { exists } from "../run_folder/paths.ts";
import { FREE } from "../run_folder/resume.ts";
import { flagsText } from "../cli/command_text.ts";
import type { Value } from "../cli/flag_help.ts";
import { checkWritePermission } from "../cli/write_permission.ts";
import type { SweepRun } from "./runs.ts";

/** File of a run that the sweep ended. */
const ENDED = "sweep_status.json";

/** An end of a run without `results.json`. */
export interface Ended {
  /** Whether `--stop-worst` ended it, or an error. */
  readonly status: "stopped" | "failed";
  /** The reason. */
  readonly reason: string;
}

/** A run as its folder has it. */
export interface RunState {
  /** The run. */
  readonly run: SweepRun;
  /** `pending` has not begun; `unfinished` trains, or was interrupted. */
  readonly status: "pending" | "unfinished" | "finished" | Ended["status"];
  /** Reason of the end. */
  readonly reason?: string;
  /** Its files, if it has begun. */
  readonly summary?: RunSummary;
  /** Its scores on the test split, if it has finished and there is one. */
  readonly test?: Readonly<Record<string, number>>;
  /** The scores of words alone on the first validation split, if it has finished and there are any. */
  readonly words?: Readonly<Record<string, number>>;
}

/**
 * Checks the folder of a sweep: it can be written, and runs that are in it have the
 * same settings.
 *
 * @param folder The folder.
 * @param runs The runs.
 * @throws {Error} If there is no permission, or a run has other settings.
 */
export function checkFolder(folder: string, runs: readonly SweepRun[]): void {
  checkWritePermission({
    ...{ flag: "--output-dir", path: folder, task: "sweep" },
    remedy: "name a folder below runs",
  });
  if (exists(`${folder}/config.json`)) {
    throw new Error(
      `--output-dir ${folder} is a run, not a sweep: name another folder`,
    );
  }
  for (const { name, flags } of runs) {
    const path = `${folder}/${name}`;
    if (!exists(`${path}/config.json`)) continue;
    const { outputDir: _, ...before } = readConfig(path).flags;
    const other = [...Object.keys(flags), ...Object.keys(before)]
      .find((key) => !FREE.includes(key) && flags[key] !== before[key]);
    if (other === undefined) continue;
    throw new Error(
      `--output-dir ${folder} has the run ${name} ${
        describe(other, before[other])
      }, not ${
        describe(other, flags[other])
      }: give the same flags, or name another folder`,
    );
  }
}

function describe(name: string, value: Value | undefined): string {
  return value === undefined
    ? `without${flagsText({ [name]: true })}`
    : `with${flagsText({ [name]: value })}`;
}

/**
 * Reads a run.
 *
 * @param folder Folder of the sweep.
 * @param run The run.
 * @returns Its state.
 * @throws {Error} If a file of it cannot be read.
 */
export async function readState(
  folder: string,
  run: SweepRun,
): Promise<RunState> {
  const path = `${folder}/${run.name}`;
  const ended = exists(`${path}/${ENDED}`)
    ? JSON.parse(await Deno.readTextFile(`${path}/${ENDED}`)) as Ended
    : undefined;
  if (!exists(`${path}/metrics.jsonl`) || !exists(`${path}/config.json`)) {
    const hasBegun = exists(`${path}/config.json`);
    return { run, status: hasBegun ? "unfinished" : "pending", ...ended };
  }
  const summary = await readRun(path, run.name);
  if (!summary.isFinished) {
    return { run, status: "unfinished", ...ended, summary };
  }
  const { test, baselines } = JSON.parse(
    await Deno.readTextFile(`${path}/results.json`),
  );
  const words = baselines?.words;
  return {
    ...{ run, status: "finished", summary },
    ...test && { test },
    ...words && { words },
  };
}

/**
 * Marks a run as ended.
 *
 * @param path Its folder.
 * @param ended The end.
 */
export async function markEnded(path: string, ended: Ended): Promise<void> {
  await writeFile(path, ENDED, `${JSON.stringify(ended, null, 2)}\n`);
}

/**
 * Prepares a run that begins or goes on: removes the mark of its end, and what is
 * left of a folder in which no run has begun.
 *
 * @param path Its folder.
 * @returns Whether there is a run that goes on.
 */
export function prepare(path: string): boolean {
  const remove = (file: string) => {
    if (exists(file)) Deno.removeSync(file);
  };
  remove(`${path}/${ENDED}`);
  if (exists(`${path}/config.json`)) return true;
  remove(`${path}/config.json.partial`);
  remove(path); // throws if there is anything else in it
  return false;
}
