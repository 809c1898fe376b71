/**
 * The folder of a training run: `config.json`, `metrics.jsonl`, `results.json`,
 * `predictions/`, checkpoints, and room for `model/`. Nothing is written before
 * the first step.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type Device,
  DeviceLostError,
  removeFolder,
  writeFile,
  writeFolder,
} from "../../mod.ts";
import { checkResumed, type RunConfig } from "./config.ts";
import { checkpointSteps } from "./checkpoints.ts";
import { EventFile } from "./event_file.ts";
import { exists, withoutSlash } from "./exists.ts";
import { megabytes } from "./figures.ts";

/** Settings that decide the folder of a run. */
export interface FolderOptions {
  /** The folder; undefined for `runs/` and the start time. */
  readonly outputDir: string | undefined;
  /** The folder of the run that goes on; undefined for a new run. */
  readonly resume: string | undefined;
}

/** A task that trains, with the name of its script. */
const SCRIPTS = { train: "train_mrpc", classify: "train_classifier" } as const;

/** A task that trains. */
export type Task = keyof typeof SCRIPTS;

/** The folder of a run, a new one or one that goes on. */
export class RunFolder {
  /** Path of the folder. */
  readonly path: string;
  /** Whether the run goes on in a folder that is there. */
  readonly isResumed: boolean;
  /** The events of the run. */
  readonly events: EventFile;
  readonly #task: Task;
  #config: object | undefined;
  readonly #said = new Set<string>();

  /**
   * Checks that the folder can be made, without making it, or opens that of the run
   * that goes on.
   *
   * @param options The folder.
   * @param task The task of the run.
   * @param start When the run started.
   * @throws {Error} If a new folder exists, or there is no permission to write and read it.
   */
  constructor(
    { outputDir, resume }: FolderOptions,
    task: Task = "train",
    start: Date = new Date(),
  ) {
    this.#task = task;
    this.isResumed = resume !== undefined;
    const startTime = start.toISOString().slice(0, 19).replaceAll(":", "-");
    this.path = withoutSlash(resume ?? outputDir ?? `runs/${startTime}`);
    this.#checkPermissions(outputDir);
    if (!this.isResumed && exists(this.path)) throw this.#existsError();
    this.events = new EventFile(
      `${this.path}/metrics.jsonl`,
      (error) => this.#say("metrics.jsonl", error),
    );
  }

  /** Step of the newest checkpoint of the run that goes on; 0 if there is none. */
  get resumedStep(): number {
    return this.isResumed ? checkpointSteps(this.path).at(-1) ?? 0 : 0;
  }

  /** The command that goes on with the run. */
  get command(): string {
    const isBelowRuns = /^(\.\/)?runs\/(?!.*\.\.)/.test(this.path);
    const start = isBelowRuns
      ? `./denow task ${this.#task}`
      : `deno run --allow-read --allow-write=${this.path} scripts/${
        SCRIPTS[this.#task]
      }.ts`;
    return `${start} --resume ${this.path}`;
  }

  /**
   * Makes the folder with `config.json` in it. That of a run that goes on must have
   * the same data and model.
   *
   * @param config The content of `config.json`.
   * @throws {Error} If the folder exists or cannot be made, or model or data have changed.
   */
  async create(config: RunConfig): Promise<void> {
    const script = SCRIPTS[this.#task];
    if (this.isResumed) {
      this.#config = checkResumed(this.path, { ...config, script });
      return;
    }
    this.#config = { script, ...config };
    try {
      await writeFolder(
        this.path,
        (partial) => writeFile(partial, "config.json", jsonText(this.#config!)),
      );
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw this.#existsError();
      throw new Error(
        `--output-dir ${this.path} cannot be made (${
          (error as Error).message
        }): name another folder`,
      );
    }
  }

  /**
   * Checks that the disk has room, by filling it for a moment: no permission of the
   * task tells the free space. A new folder is removed if it has not.
   *
   * @param bytes Number of bytes.
   * @param purpose What they are for.
   * @throws {Error} If there is less room.
   */
  async checkSpace(bytes: number, purpose: string): Promise<void> {
    const chunk = new Uint8Array(Math.min(bytes, 2 ** 20));
    const path = `${this.path}/space.partial`;
    let free = 0;
    try {
      using file = Deno.openSync(path, { write: true, create: true });
      while (free < bytes) {
        free += file.writeSync(chunk.subarray(0, bytes - free));
      }
    } catch (error) {
      // A failure to remove it is not the reason.
      if (!this.isResumed) await removeFolder(this.path).catch(() => {});
      throw new Error(
        `--output-dir ${this.path} has room for ${
          megabytes(free)
        }, and ${purpose} needs ${
          megabytes(bytes)
        }: free space, name another folder, or use --save-strategy no (${
          (error as Error).message
        })`,
      );
    } finally {
      if (exists(path)) Deno.removeSync(path);
    }
  }

  /**
   * Adds the tiles that were chosen for the adapter to `config.json`, if any.
   *
   * @param device The device of the run.
   */
  async recordTuning({ tuning: { table, spentMs } }: Device): Promise<void> {
    if (table.size === 0) return;
    this.#config = {
      ...this.#config,
      tuning: Object.fromEntries(table),
      tuningSeconds: spentMs / 1000,
    };
    await this.attempt("config.json", () => this.#writeConfig());
  }

  /** Makes the folder again if it was removed while the run went on. */
  async restore(): Promise<void> {
    if (exists(`${this.path}/config.json`)) return;
    await this.#writeConfig();
    this.events.sync();
  }

  /**
   * Saves something without which the training can go on. A failure is reported
   * once for each thing; it is tried again at the next occasion.
   *
   * @param thing Name of what is saved.
   * @param save Saves it.
   * @returns Whether it was saved.
   * @throws {DeviceLostError} If the GPU was lost, which ends the training.
   */
  async attempt(thing: string, save: () => Promise<void>): Promise<boolean> {
    try {
      await save().catch(() => save()); // a disk may be full for a moment only
      return true;
    } catch (error) {
      if (error instanceof DeviceLostError) throw error;
      this.#say(thing, error);
      return false;
    }
  }

  /**
   * Writes `results.json`, which ends the run.
   *
   * @param results Scores and figures of the run.
   */
  async writeResults(results: object): Promise<void> {
    this.events.sync(); // the last chance of lines that wait
    const isWritten = await this.attempt(
      "results.json",
      async () => {
        await this.restore();
        await writeFile(this.path, "results.json", jsonText(results));
      },
    );
    if (!isWritten) console.log(jsonText(results));
  }

  /**
   * Writes a file into `predictions/`.
   *
   * @param name The name of the file.
   * @param text Its text.
   */
  async writePredictions(name: string, text: string): Promise<void> {
    await this.attempt(
      `predictions/${name}`,
      () => writeFile(`${this.path}/predictions`, name, text),
    );
  }

  #say(thing: string, error: unknown): void {
    if (this.#said.has(thing)) return;
    this.#said.add(thing);
    console.warn(
      `Warning: ${thing} could not be saved, and the run goes on: ${
        (error as Error).message
      }`,
    );
  }

  async #writeConfig(): Promise<void> {
    await writeFile(this.path, "config.json", jsonText(this.#config!));
  }

  #checkPermissions(outputDir: string | undefined): void {
    const { path } = this;
    const folder = this.isResumed ? path : outputDir ?? "runs";
    const flag = this.isResumed ? "--resume" : "--output-dir";
    const stateOf = (name: "read" | "write") =>
      Deno.permissions.querySync({ name, path }).state;
    if (stateOf("write") !== "granted") {
      throw new Error(
        `${flag} ${path} cannot be written with the permissions given, which for the ${this.#task} task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=${folder} scripts/${
          SCRIPTS[this.#task]
        }.ts …`,
      );
    }
    if (stateOf("read") !== "granted") {
      throw new Error(
        `${flag} ${path} cannot be read with the permissions given, and saving the model needs that: add ${folder} to --allow-read`,
      );
    }
  }

  #existsError(): Error {
    return new Error(
      `--output-dir ${this.path} already exists: a run never overwrites one, so name another folder or remove it; --resume ${this.path} goes on with a run`,
    );
  }
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
