/**
 * Place of a run between two steps, and what is due there.
 *
 * @module
 */
import type { DataLoaderState } from "../../mod.ts";
import type { CheckpointOptions } from "../train/checkpoint_flags.ts";

/** State of {@linkcode RunProgress}. */
export interface RunProgressState {
  readonly step: number;
  readonly epoch: number;
  readonly samples: number;
  /** Step of the best evaluation. */
  readonly bestStep: number | null;
  /** Whether the evaluation of the step is missing: the run was interrupted in it. */
  readonly evaluationDue: boolean;
  /** Whether the settings ask for a checkpoint after that evaluation. */
  readonly saveDue: boolean;
  /** Whether the settings ask for no checkpoint at the step: the run was interrupted. */
  readonly isTemporary: boolean;
}

/** Steps so far. */
export class RunProgress {
  /** Optimizer steps. */
  step = 0;
  /** Epoch of the last step, from 0. */
  epoch = 0;
  /** Rows of all steps. */
  samples = 0;
  /** Step of the best evaluation. */
  bestStep: number | undefined;
  /** Whether an evaluation is due after the last step. */
  evaluationDue = false;
  /** Whether a checkpoint is due after the last step. */
  saveDue = false;
  /** Step of the checkpoint of an interruption, which the next one replaces. */
  temporary: number | undefined;

  /**
   * Counts a step.
   *
   * @param rows Its rows.
   * @param loader Position of the loader, and its batches per epoch.
   * @param options When to evaluate and when to save.
   * @param numTrainingSteps Optimizer steps of the run; the last one is always evaluated and saved.
   */
  endStep(
    rows: number,
    loader: { readonly state: DataLoaderState; readonly length: number },
    options: CheckpointOptions,
    numTrainingSteps: number,
  ): void {
    const { epoch, batch } = loader.state;
    const step = ++this.step;
    this.epoch = epoch;
    this.samples += rows;
    const isLast = step === numTrainingSteps;
    const isDue = (strategy: string, steps: number) =>
      strategy !== "no" && (isLast ||
        (strategy === "steps" ? step % steps === 0 : batch === loader.length));
    this.evaluationDue = isDue(options.evalStrategy, options.evalSteps);
    this.saveDue = isDue(options.saveStrategy, options.saveSteps);
  }

  /** Returns the state to save. */
  stateDict(): RunProgressState {
    return {
      step: this.step,
      epoch: this.epoch,
      samples: this.samples,
      bestStep: this.bestStep ?? null,
      evaluationDue: this.evaluationDue,
      saveDue: this.saveDue,
      isTemporary: this.temporary === this.step,
    };
  }

  /** Restores a saved state. */
  loadStateDict(state: RunProgressState): void {
    this.step = state.step;
    this.epoch = state.epoch;
    this.samples = state.samples;
    this.bestStep = state.bestStep ?? undefined;
    this.evaluationDue = state.evaluationDue;
    this.saveDue = state.saveDue;
    this.temporary = state.isTemporary ? state.step : undefined;
  }
}
