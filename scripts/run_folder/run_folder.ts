/**
 * The folder of a training run: `config.json`, `metrics.jsonl`, `results.json`,
 * `predictions/`, checkpoints, and room for `model/`. Nothing is written before
 * the first step.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type Communicator,
  type Device,
  SingleProcess,
  writeFile,
} from "../../mod.ts";
import { taskStart } from "../cli/command_text.ts";
import { quotePath } from "../cli/shell_quote.ts";
import { checkWritePermission } from "../cli/write_permission.ts";
import { checkResumed, type RunConfig } from "./config.ts";
import { checkpointSteps } from "./checkpoints.ts";
import { EventFile } from "./event_file.ts";
import { lockFolder } from "./folder_lock.ts";
import { exists, makeFolder, withoutSlash } from "./paths.ts";
import { megabytes } from "./figures.ts";
import type { ReportedRun } from "./reported_run.ts";
import { checkSameRun } from "./same_run.ts";
import { SaveAttempts } from "./save_attempts.ts";

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

/** Circumstances of a run. */
export interface RunStart {
  /**
   * When the run started.
   *
   * @default Now.
   */
  readonly startTime?: Date;
  /**
   * The processes of the run: the first one writes its files.
   *
   * @default A single process.
   */
  readonly communicator?: Communicator;
}

/** The folder of a run, a new one or one that goes on. */
export class RunFolder {
  /** Path of the folder. */
  readonly path: string;
  /** Whether the run goes on in a folder that is there. */
  readonly isResumed: boolean;
  /** The events of the run. */
  readonly events: EventFile;
  readonly #task: Task;
  readonly #communicator: Communicator;
  #config: object | undefined;
  #lock: Deno.FsFile | undefined;
  readonly #attempts = new SaveAttempts();

  /**
   * Checks that the folder can be made, without making it, or opens that of the run
   * that goes on.
   *
   * @param options The folder.
   * @param task The task of the run.
   * @param start Time and processes of the run.
   * @throws {Error} If a new folder exists, another process trains in that of the run, or there is no permission to write and read it.
   */
  constructor(
    { outputDir, resume }: FolderOptions,
    task: Task = "train",
    { startTime = new Date(), communicator = new SingleProcess() }: RunStart =
      {},
  ) {
    this.#task = task;
    this.#communicator = communicator;
    this.isResumed = resume !== undefined;
    const name = startTime.toISOString().slice(0, 19).replaceAll(":", "-");
    this.path = withoutSlash(resume ?? outputDir ?? `runs/${name}`);
    this.#checkPermissions();
    if (this.isWriter) {
      if (this.isResumed) this.#lock = lockFolder(this.path);
      else if (exists(this.path)) throw this.#existsError();
    }
    this.events = new EventFile(
      `${this.path}/metrics.jsonl`,
      (error) => this.#attempts.report("metrics.jsonl", error),
      this.isWriter,
    );
  }

  /** Lets other processes train in the folder. */
  [Symbol.dispose](): void {
    this.#lock?.close();
    this.#lock = undefined;
  }

  /** Whether this process writes the files: the first one does. */
  get isWriter(): boolean {
    return this.#communicator.rank === 0;
  }

  /** The run as a report shows it. */
  get reported(): Omit<ReportedRun, "step"> {
    const config = this.#config as RunConfig;
    return {
      name: this.path.split("/").at(-1)!,
      task: this.#task,
      events: this.events.events,
      config,
      flags: config.flags,
    };
  }

  /** Step of the newest checkpoint of the run that goes on; 0 if there is none. */
  get resumedStep(): number {
    return this.isResumed ? checkpointSteps(this.path).at(-1) ?? 0 : 0;
  }

  /** The command that goes on with the run. */
  get command(): string {
    const { size } = this.#communicator;
    const { task, script, permissions } = this.#program;
    const start = taskStart(task, script, this.path, permissions);
    const launcher = size > 1 ? `mpirun -n ${size} ` : "";
    return `${launcher}${start} --resume ${quotePath(this.path)}`;
  }

  /**
   * Makes the folder with `config.json` in it. That of a run that goes on must have
   * the same data and model.
   *
   * @param config The content of `config.json`.
   * @throws {Error} If the folder exists or cannot be made, model or data have changed, or a process of the run has others.
   */
  async create(config: RunConfig): Promise<void> {
    await checkSameRun(this.#communicator, config);
    const script = SCRIPTS[this.#task];
    if (this.isResumed) {
      this.#config = checkResumed(this.path, { ...config, script });
      return;
    }
    this.#config = { script, ...config };
    if (!this.isWriter) return;
    let isMade = false;
    try {
      // Not under another name first: the permission may be for this one alone.
      makeFolder(this.path);
      isMade = true;
      await this.#writeConfig();
      this.#lock = lockFolder(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw this.#existsError();
      if (isMade) Deno.removeSync(this.path, { recursive: true });
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
    if (!this.isWriter) return;
    const chunk = new Uint8Array(Math.min(bytes, 2 ** 20));
    const path = `${this.path}/space.partial`;
    let free = 0;
    try {
      using file = Deno.openSync(path, { write: true, create: true });
      while (free < bytes) {
        free += file.writeSync(chunk.subarray(0, Math.ceil(bytes - free)));
      }
    } catch (error) {
      // A failure to remove it is not the reason.
      if (!this.isResumed) {
        await Deno.remove(this.path, { recursive: true }).catch(() => {});
      }
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
   * Saves something without which the training can go on, as
   * {@linkcode SaveAttempts.attempt}.
   *
   * @param thing Name of what is saved.
   * @param save Saves it.
   * @param isWriter Whether this process saves it, by default the first one.
   * @returns Whether it was saved; true in the processes that do not save it.
   * @throws {DeviceLostError} If the GPU was lost, which ends the training.
   */
  async attempt(
    thing: string,
    save: () => Promise<void>,
    isWriter: boolean = this.isWriter,
  ): Promise<boolean> {
    return !isWriter || await this.#attempts.attempt(thing, save);
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

  async #writeConfig(): Promise<void> {
    await writeFile(this.path, "config.json", jsonText(this.#config!));
  }

  /** Its program: the task, the script, and permissions besides reading and writing. */
  get #program(): { task: string; script: string; permissions?: string[] } {
    const task = this.#task;
    return this.#communicator.size === 1 ? { task, script: SCRIPTS[task] } : {
      ...{ task: `${task}:mpi`, script: `${task}_mpi` },
      permissions: ["--allow-env", "--allow-ffi"],
    };
  }

  #checkPermissions(): void {
    const { path } = this;
    const flag = this.isResumed ? "--resume" : "--output-dir";
    checkWritePermission({
      ...{ flag, path, ...this.#program },
      remedy: "name a folder below runs",
    });
    const { state } = Deno.permissions.querySync({ name: "read", path });
    if (state !== "granted") {
      throw new Error(
        `${flag} ${path} cannot be read with the permissions given, and saving the model needs that: add ${path} to --allow-read`,
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
