/**
 * A pretraining run that can be interrupted at any step. Its checkpoints lie in the
 * folder of the model.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type { StateObjects } from "../../mod.ts";
import type { Value } from "../cli/flag_help.ts";
import type { Run } from "../cli/run_main.ts";
import { quotePath } from "../cli/shell_quote.ts";
import { lockFolder } from "../run_folder/folder_lock.ts";
import { Checkpoints, checkpointSteps } from "../run_folder/checkpoints.ts";
import { SaveAttempts } from "../run_folder/save_attempts.ts";
import type { CheckpointOptions } from "../train/checkpoint_flags.ts";

/** Settings that decide where and when to save. */
export interface PretrainRunOptions
  extends
    Pick<CheckpointOptions, "saveStrategy" | "saveSteps" | "saveTotalLimit"> {
  /** Folder of the result. */
  readonly outputDir: string;
  /** Whether the run goes on in its folder. */
  readonly isResumed: boolean;
  /** The flags that were given, by the name of their setting. */
  readonly flags: Readonly<Record<string, Value>>;
}

/** State of a {@linkcode PretrainRun}. */
interface PretrainRunState {
  /** Steps so far, over all stages. */
  readonly step: number;
  /** Whether the settings ask for no checkpoint at the step: the run was interrupted. */
  readonly isTemporary: boolean;
  /** The flags of the run. */
  readonly flags: Readonly<Record<string, Value>>;
}

/** Steps and checkpoints of a pretraining run, stage by stage. */
export class PretrainRun {
  readonly #options: PretrainRunOptions;
  readonly #run: Run;
  readonly #resumedStep: number;
  readonly #attempts = new SaveAttempts();
  #checkpoints: Checkpoints | undefined;
  #step = 0;
  #stageEnd = 0;
  #isTemporary = false;

  /**
   * Makes a run at its first step, or where it was interrupted.
   *
   * @param options Where and when to save.
   * @param run Signal of an interruption.
   * @throws {Error} If a new run finds the checkpoints of another one.
   */
  constructor(options: PretrainRunOptions, run: Run) {
    const { outputDir, isResumed } = options;
    this.#options = options;
    this.#run = run;
    const newest = checkpointSteps(outputDir).at(-1);
    if (!isResumed && newest !== undefined) {
      throw new Error(
        `--output-dir ${outputDir} has checkpoint-${newest} of another run: go on with it by --resume ${outputDir}, or remove its checkpoints`,
      );
    }
    this.#resumedStep = newest ?? 0;
    if (isResumed) lockFolder(outputDir); // until the process ends
  }

  /** Steps that were done before, by an interrupted run. */
  get resumedStep(): number {
    return this.#resumedStep;
  }

  /** Whether the stage or the run ends with the last step, or a checkpoint is due. */
  get isDue(): boolean {
    return this.#isSaveDue || this.#run.signal.aborted;
  }

  /**
   * Begins a stage.
   *
   * @param steps Its steps.
   * @returns Whether an interrupted run had left it behind already.
   */
  skips(steps: number): boolean {
    this.#stageEnd += steps;
    const isDone = this.#stageEnd < this.#resumedStep;
    if (isDone) this.#step = this.#stageEnd;
    return isDone;
  }

  /**
   * Restores the checkpoint of the run, if it is one of the stage.
   *
   * @param objects Everything that a checkpoint of the stage holds.
   * @throws {Error} If the newest one is damaged, and the others are of earlier stages.
   */
  async start(objects: StateObjects): Promise<void> {
    const { outputDir } = this.#options;
    this.#checkpoints = new Checkpoints(outputDir, { ...objects, run: this });
    if (this.#step >= this.#resumedStep) return;
    const stageStart = this.#step;
    await this.#checkpoints.removePartial();
    const step = await this.#checkpoints.load();
    if (stageStart > 0 && (step ?? 0) <= stageStart) {
      throw new Error(
        `The checkpoints of this stage were damaged: repeat ${this.#command}, which goes on from an earlier one`,
      );
    }
    if (step === undefined) return;
    this.#run.continueWith = this.#command;
    await this.#removeOld();
    console.log(`Going on after step ${step}, from checkpoint-${step}`);
  }

  /** Ends a step. */
  endStep(): void {
    this.#step++;
  }

  /** Saves a checkpoint, where one is due, and after an interruption. */
  async checkpoint(): Promise<void> {
    if (!this.isDue || this.#options.saveStrategy === "no") return;
    const before = this.#isTemporary;
    this.#isTemporary = !this.#isSaveDue;
    const isSaved = await this.#attempts.attempt(
      "a checkpoint",
      () => this.#checkpoints!.save(this.#step),
    );
    if (!isSaved) {
      this.#isTemporary = before;
      return;
    }
    this.#run.continueWith = this.#command;
    await this.#attempts.attempt(
      "the removal of checkpoints",
      () => this.#removeOld(),
    );
  }

  /** Returns the state to save. */
  stateDict(): PretrainRunState {
    const { flags: { outputDir: _, ...flags } } = this.#options;
    return { step: this.#step, isTemporary: this.#isTemporary, flags };
  }

  /** Restores a saved state. */
  loadStateDict({ step, isTemporary }: PretrainRunState): void {
    this.#step = step;
    this.#isTemporary = isTemporary;
  }

  get #isSaveDue(): boolean {
    const { saveStrategy, saveSteps } = this.#options;
    if (saveStrategy === "no") return false;
    return this.#step === this.#stageEnd ||
      saveStrategy === "steps" && this.#step % saveSteps === 0;
  }

  get #command(): string {
    return `./denow task pretrain --resume ${
      quotePath(this.#options.outputDir)
    }`;
  }

  async #removeOld(): Promise<void> {
    const { saveTotalLimit: limit } = this.#options;
    const step = this.#step;
    await this.#checkpoints!.removeOld({ step, best: undefined, limit });
  }
}

/**
 * Reads the flags of a run that goes on.
 *
 * @param folder The folder of its checkpoints.
 * @returns The flags that were given when it began.
 * @throws {Error} If it has no checkpoint.
 */
export function readFlagsOf(
  folder: string,
): Readonly<Record<string, Value>> {
  for (const step of checkpointSteps(folder).reverse()) {
    const path = `${folder}/checkpoint-${step}/trainer_state.json`;
    try {
      return JSON.parse(Deno.readTextFileSync(path)).run.flags;
    } catch {
      // A damaged one is reported where it is loaded.
    }
  }
  throw new Error(
    `--resume ${folder} has no checkpoint: name the folder of an interrupted run, or start a new one`,
  );
}
