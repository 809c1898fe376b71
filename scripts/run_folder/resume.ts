/**
 * The settings of a run that goes on: those that it began with.
 *
 * @module
 */
import { flagName, type Value } from "../cli/flag_help.ts";
import type { ParsedFlags } from "../cli/flag_table.ts";
import { mergeFlags } from "../train/checkpoint_flags.ts";
import { readConfig, type RunConfig, settingsOf } from "./config.ts";
import { exists, isSamePath, withoutSlash } from "./paths.ts";

/** Settings that change nothing that is computed, and may differ. */
export const FREE: readonly string[] = [
  "flags", // their settings are compared
  "outputDir",
  "loggingSteps",
  "saveStrategy",
  "saveSteps",
  "saveTotalLimit",
  "debugNan",
  "gradientCheckpointing",
  "retryOnDeviceLost",
];

/** Settings that are paths; `config.json` has the digests of their files. */
const PATHS = ["model", "data"];

/** Settings with the flags that they were made from. */
export interface Resumable {
  /** The flags that were given. */
  readonly flags: Readonly<Record<string, Value>>;
  /** The metric for the best model; undefined for the default. */
  readonly metricForBestModel: string | undefined;
}

/**
 * Makes the settings of a run, or completes those of one that goes on: the flags
 * beside `--resume` must agree with its own.
 *
 * @param parsed The parsed command line.
 * @param script Name of the script, to find its newest run.
 * @param toOptions Makes the settings of flags.
 * @returns The settings.
 * @throws {Error} If there is no such run, it has ended, or a flag differs from its setting.
 */
export function resumeOptions<Options extends Resumable>(
  parsed: ParsedFlags,
  script: string,
  toOptions: (parsed: ParsedFlags) => Options,
): Options {
  const { resume, ...given } = parsed.values;
  if (resume === undefined) return toOptions(parsed);
  const folder = resume === true
    ? newestRun(script)
    : withoutSlash(`${resume}`);
  const config = readConfig(folder);
  if (config.script !== script) {
    throw new Error(
      `--resume ${folder} is a run of ${config.script}.ts: go on with the same script`,
    );
  }
  if (exists(`${folder}/results.json`)) {
    throw new Error(
      `--resume ${folder} has ended, its results are in results.json: name another run, or start a new one`,
    );
  }
  const { outputDir } = given;
  if (outputDir !== undefined && !isSamePath(`${outputDir}`, folder)) {
    throw new RangeError(
      `--output-dir ${outputDir} differs from --resume ${folder}: leave it out, a run goes on in its own folder`,
    );
  }
  const values = mergeFlags(config.flags, given);
  const flags = toOptions({ ...parsed, values });
  const { metricForBestModel = savedMetric(folder, config) } = flags;
  const options = { ...flags, metricForBestModel };
  checkSettings(folder, config, settingsOf(options), given);
  return { ...options, outputDir: folder, resume: folder };
}

/** The metric for the best model that a run began with; undefined for a default that has not changed since. */
function savedMetric(folder: string, config: RunConfig): string | undefined {
  const { metricForBestModel: metric, script, task } = config;
  if (typeof metric === "string") return metric;
  if (script !== "train_classifier" || typeof task === "string") return;
  throw new Error(
    `--resume ${folder} cannot go on: its config.json does not name the metric for the best model, whose default was another when it began; write "metricForBestModel": "accuracy" there to go on with that one, or start a new run`,
  );
}

/** Throws if a setting differs that decides what is computed. */
function checkSettings(
  folder: string,
  config: RunConfig,
  settings: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, Value>>,
): void {
  const changed = Object.keys(settings)
    .filter((name) => !FREE.includes(name))
    .filter((name) => !isSame(name, settings[name], config[name]));
  const [name] = changed;
  if (name === undefined) return;
  const flag = Object.keys(given).find((name) => changed.includes(name));
  if (flag === undefined) {
    throw new RangeError(
      `--resume ${folder} cannot go on: its ${name} was ${
        textOf(config[name])
      } and would be ${
        textOf(settings[name])
      }; give the flags that it began with, or none`,
    );
  }
  const before = config.flags[flag] ?? config[flag] ?? undefined;
  throw new RangeError(
    `${usageOf(flag, given[flag]!)} ${
      before === undefined
        ? `is new since ${folder} began`
        : `differs from ${textOf(before)}, with which ${folder} began`
    }: leave it out`,
  );
}

function isSame(name: string, now: unknown, before: unknown): boolean {
  return textOf(now) === textOf(before) ||
    (PATHS.includes(name) && typeof now === "string" &&
      typeof before === "string" && isSamePath(now, before));
}

/** A flag as a user types it. */
function usageOf(setting: string, value: Value): string {
  const name = flagName(setting);
  if (typeof value === "boolean") return value ? `--${name}` : `--no-${name}`;
  return `--${name} ${value}`;
}

/** A setting as `config.json` has it. */
function textOf(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function newestRun(script: string): string {
  const names = exists("runs") ? [...Deno.readDirSync("runs")] : [];
  const runs = names.map(({ name }) => `runs/${name}`)
    .filter((path) =>
      exists(`${path}/config.json`) && !exists(`${path}/results.json`)
    )
    .filter((path) => {
      try {
        return readConfig(path).script === script;
      } catch {
        return false; // another kind of folder
      }
    })
    .map((path) => ({
      path,
      time: Deno.statSync(`${path}/config.json`).birthtime?.getTime() ??
        Deno.statSync(path).mtime!.getTime(),
    }))
    .sort((a, b) => a.time - b.time);
  const newest = runs.at(-1);
  if (newest) return newest.path;
  throw new Error(
    "--resume found no run below runs that did not end: name its folder, --resume DIR",
  );
}
