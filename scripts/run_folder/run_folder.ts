/**
 * The folder of a training run: `config.json`, `metrics.jsonl`, `results.json`,
 * `predictions/`, and room for `model/`. Nothing is written before the first step.
 *
 * @module
 */
import project from "../../deno.json" with { type: "json" };
import type { Device, ProgressBar } from "../../mod.ts";
import type { Options } from "../train/options.ts";
import { type LogEvent, TrainingLog } from "./training_log.ts";

/** Files of a model or a data set that decide what a run computes. */
const DIGESTED =
  /^((config|tokenizer|tokenizer_config)\.json|model(-\d+-of-\d+)?\.safetensors|(train|validation|test)(_\w+)?(-\d+-of-\d+)?\.(arrow|parquet|tsv|csv|jsonl))$/;

/** Figures of a finished run. */
export interface RunFigures {
  /** Description of the adapter. */
  readonly adapter: string;
  /** Optimizer steps. */
  readonly steps: number;
  /** Training rows, each counted as often as it was used. */
  readonly samples: number;
  /** Seconds of training, without evaluation. */
  readonly seconds: number;
}

/** A new folder for a run. */
export class RunFolder {
  /** Path of the folder. */
  readonly path: string;
  #config: object = {};

  /**
   * Checks that the folder can be made, without making it.
   *
   * @param path The path; undefined for `runs/` and the start time.
   * @param start When the run started.
   * @param script The script of the run.
   * @throws {Error} If the folder exists, or there is no permission to write and read it.
   */
  constructor(
    path: string | undefined,
    start: Date = new Date(),
    script: "train_mrpc" | "train_glue" = "train_mrpc",
  ) {
    this.path = path ??
      `runs/${start.toISOString().slice(0, 19).replaceAll(":", "-")}`;
    const { state } = Deno.permissions.querySync({
      name: "write",
      path: this.path,
    });
    if (state !== "granted") {
      const folder = path ?? "runs";
      const task = script === "train_glue" ? "glue" : "train";
      throw new Error(
        `--output-dir ${this.path} cannot be written with the permissions given, which for the ${task} task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=${folder} scripts/${script}.ts …`,
      );
    }
    const read = Deno.permissions.querySync({ name: "read", path: this.path });
    if (read.state !== "granted") {
      throw new Error(
        `--output-dir ${this.path} cannot be read with the permissions given, and saving the model needs that: add ${
          path ?? "runs"
        } to --allow-read`,
      );
    }
    if (exists(this.path)) throw this.#existsError();
  }

  /**
   * Makes the folder and writes `config.json`.
   *
   * @param config Its content.
   * @throws {Error} If the folder exists or cannot be made.
   */
  create(config: object): void {
    try {
      makeFolder(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw this.#existsError();
      throw new Error(
        `--output-dir ${this.path} cannot be made (${
          (error as Error).message
        }): name another folder`,
      );
    }
    this.#config = config;
    this.#write("config.json", config);
  }

  /**
   * Adds the tiles that were chosen for the adapter to `config.json`, if any.
   *
   * @param device The device of the run.
   */
  recordTuning({ tuning: { table, spentMs } }: Device): void {
    if (table.size === 0) return;
    // A copy is renamed, so that a run that is killed leaves a whole file.
    this.#write("config.json.part", {
      ...this.#config,
      tuning: Object.fromEntries(table),
      tuningSeconds: spentMs / 1000,
    });
    Deno.renameSync(
      `${this.path}/config.json.part`,
      `${this.path}/config.json`,
    );
  }

  /**
   * Starts the log of the steps and evaluations.
   *
   * @param device The device of the losses.
   * @param progress Shows the newest loss.
   * @param loggingSteps Steps between two lines of `metrics.jsonl`.
   * @returns The log.
   */
  startLog(
    device: Device,
    progress: ProgressBar,
    loggingSteps: number,
  ): TrainingLog {
    return new TrainingLog(device, this, progress, loggingSteps);
  }

  /**
   * Appends a line to `metrics.jsonl`, complete when this returns.
   *
   * @param event The event.
   */
  log(event: LogEvent): void {
    Deno.writeTextFileSync(
      `${this.path}/metrics.jsonl`,
      JSON.stringify(event) + "\n",
      { append: true },
    );
  }

  /**
   * Writes `results.json`.
   *
   * @param results Scores and figures of the run.
   */
  writeResults(results: object): void {
    this.#write("results.json", results);
  }

  /**
   * Writes a file into `predictions/`.
   *
   * @param name The name of the file.
   * @param text Its text.
   */
  writePredictions(name: string, text: string): void {
    Deno.mkdirSync(`${this.path}/predictions`, { recursive: true });
    Deno.writeTextFileSync(`${this.path}/predictions/${name}`, text);
  }

  #write(name: string, value: object): void {
    Deno.writeTextFileSync(
      `${this.path}/${name}`,
      JSON.stringify(value, null, 2) + "\n",
    );
  }

  #existsError(): Error {
    return new Error(
      `--output-dir ${this.path} already exists: a run never overwrites one, so name another folder or remove it`,
    );
  }
}

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
  options: Options,
  device: Device,
  model: string,
  data: string,
): Promise<object> {
  const settings = Object.entries(options)
    .map(([name, value]) => [name, value ?? null]); // JSON has no undefined
  return {
    ...Object.fromEntries(settings),
    versions: { gradloop: project.version, ...Deno.version },
    adapter: device.description,
    digests: { model: await digests(model), data: await digests(data) },
  };
}

/**
 * Hashes the files of a model or a data set with SHA-256.
 *
 * @param folder The folder, or a data set's only file.
 * @returns Hexadecimal digests by file name, sorted by name.
 */
export async function digests(
  folder: string | URL,
): Promise<Record<string, string>> {
  const path = folder instanceof URL
    ? decodeURIComponent(folder.pathname).replace(/\/+$/, "")
    : folder;
  if ((await Deno.stat(path)).isFile) {
    return { [path.slice(path.lastIndexOf("/") + 1)]: await digestOf(path) };
  }
  const names = await listDigested(path, "");
  // A data set of the Hub may have its only configuration in a folder below.
  if (names.length === 0) {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (isDirectory) names.push(...await listDigested(path, `${name}/`));
    }
  }
  const result: Record<string, string> = {};
  for (const name of names.sort()) {
    result[name] = await digestOf(`${path}/${name}`);
  }
  return result;
}

async function digestOf(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex();
}

async function listDigested(path: string, inner: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${path}/${inner}`)) {
    if (DIGESTED.test(name)) names.push(`${inner}${name}`);
  }
  return names;
}

/** Makes a folder and its parents; an existing folder is an error. */
function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(path, { recursive: true });
  }
}

/**
 * Checks whether a path exists.
 *
 * @param path The path.
 * @returns Whether it is a file, a folder or a link.
 */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
