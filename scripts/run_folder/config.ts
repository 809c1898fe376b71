/**
 * `config.json` of a run: its settings, and what decides what it computes.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import project from "../../deno.json" with { type: "json" };
import type { Device } from "../../mod.ts";
import type { Value } from "../cli/flag_help.ts";
import { digests } from "./digests.ts";

/** The content of `config.json`, which has the name of the script too. */
export interface RunConfig extends Readonly<Record<string, unknown>> {
  /** The flags that were given, by the name of their setting. */
  readonly flags: Readonly<Record<string, Value>>;
  /** Versions of gradloop and Deno. */
  readonly versions: Readonly<Record<string, string>>;
  /** Description of the adapter. */
  readonly adapter: string;
  /** SHA-256 of each file of the model and of the data. */
  readonly digests: Readonly<
    Record<"model" | "data", Readonly<Record<string, string>>>
  >;
}

/** Settings of the command, which are not of the run. */
const OF_COMMAND = ["resume"];

/** Parts of `config.json` without which a run cannot go on. */
const REQUIRED = ["flags", "versions", "digests.model", "digests.data"];

/**
 * Collects the content of `config.json`.
 *
 * @param options The settings of the run.
 * @param device The device of the run.
 * @param model Folder of the pretrained model.
 * @param data Folder of the data set.
 * @returns Every setting, the versions, the adapter and the digests.
 */
export async function runConfig(
  options: object & { readonly flags: Readonly<Record<string, Value>> },
  device: Device,
  model: string,
  data: string,
): Promise<RunConfig> {
  return {
    ...settingsOf(options),
    flags: options.flags,
    versions: { gradloop: project.version, ...Deno.version },
    adapter: device.description,
    digests: { model: await digests(model), data: await digests(data) },
  };
}

/**
 * The settings of a run as JSON has them.
 *
 * @param options The settings.
 * @returns Each setting by name; null where it has no value.
 */
export function settingsOf(options: object): Record<string, unknown> {
  const settings = Object.entries(options)
    .filter(([name]) => !OF_COMMAND.includes(name))
    .map(([name, value]) => [name, value ?? null]); // JSON has no undefined
  return Object.fromEntries(settings);
}

/**
 * Reads the `config.json` of a run.
 *
 * @param folder The folder of the run.
 * @returns Its content.
 * @throws {Error} If there is none, or it is not that of a run.
 */
export function readConfig(folder: string): RunConfig {
  const path = `${folder}/config.json`;
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    throw new Error(
      `--resume ${folder} ${
        isMissing
          ? "is no run: it has no config.json"
          : `cannot be read (${(error as Error).message})`
      }; name the folder of a run, such as runs/2026-01-31T12-00-00`,
    );
  }
  const config = parseObject(text);
  const missing = REQUIRED.find((part) =>
    !isObject(
      part.split(".").reduce(
        (value: unknown, key) => isObject(value) ? value[key] : undefined,
        config,
      ),
    )
  );
  if (missing === undefined) return config as RunConfig;
  const run = /^(.+)\/checkpoint-\d+$/.exec(folder)?.[1];
  const remedy = run !== undefined
    ? `it is a checkpoint; name the folder of the run, ${run}`
    : `its config.json has no ${missing}; start it again`;
  throw new Error(`--resume ${folder} is no run that can go on: ${remedy}`);
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported as parts that are missing
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/**
 * Checks that a run goes on with the model and the data that it began with, and
 * says if the adapter or a version is another.
 *
 * @param folder The folder of the run.
 * @param config What the run has now.
 * @returns The content of its `config.json`.
 * @throws {Error} If a file of the model or of the data has changed.
 */
export function checkResumed(
  folder: string,
  config: RunConfig,
): RunConfig {
  const saved = readConfig(folder);
  for (const kind of ["model", "data"] as const) {
    const [before, now] = [saved.digests[kind], config.digests[kind]];
    const names = new Set([...Object.keys(before), ...Object.keys(now)]);
    for (const name of names) {
      if (before[name] === now[name]) continue;
      throw new Error(
        `--resume ${folder} cannot go on: ${name} of its ${kind} ${
          now[name] === undefined
            ? "is gone"
            : before[name] === undefined
            ? "is new"
            : "has changed"
        } since it began; restore the file, or start a new run`,
      );
    }
  }
  if (saved.adapter !== config.adapter) {
    console.warn(
      `Note: the run began on ${saved.adapter} and goes on on ${config.adapter}: its numbers will differ a little from those of an uninterrupted run`,
    );
  }
  for (const [name, version] of Object.entries(config.versions)) {
    if (saved.versions[name] === version) continue;
    console.warn(
      `Note: the run began with ${name} ${
        saved.versions[name]
      } and goes on with ${version}`,
    );
  }
  return saved;
}
