/**
 * Losses of a run, from the GPU to the progress bar, to `metrics.jsonl` and to
 * the mean of an epoch, without a step that waits for them.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type { Device, ProgressBar, Tensor } from "../../mod.ts";
import type { LogEvent } from "./event_file.ts";
import { LossSpikes, type LossSpikesState } from "./loss_spikes.ts";
import {
  describeStep,
  notFiniteError,
  type StepDetails,
} from "./step_details.ts";

/** Time between two requests for losses that are still on the GPU, in ms. */
const FLUSH_MS = 1000;

/** Destination of the lines. */
export interface EventLog {
  /** Number of lines so far. */
  readonly lineCount: number;
  /** Appends a line. */
  log(event: LogEvent): void;
  /** Drops the lines after the first ones; false if there are fewer. */
  cutBack(lineCount: number): boolean;
}

/** State of a {@linkcode TrainingLog}. */
export interface TrainingLogState {
  /** Sum of the losses of the steps since the last evaluation. */
  readonly lossSum: number;
  /** Number of these steps. */
  readonly lossCount: number;
  /** Number of lines of `metrics.jsonl`. */
  readonly lineCount: number;
  /** State of the search for spikes. */
  readonly spikes: LossSpikesState;
}

/** A micro-batch of the current step. */
export interface MicroBatchLoss {
  /** Its loss, multiplied by its share of the step. */
  readonly loss: number;
  /** Its rows: indices in the training rows. */
  readonly rows: readonly number[];
}

/** An optimizer step, as known when it is submitted. */
export interface Step {
  /** Number of the step, from 1. */
  step: number;
  /** Number of the epoch, from 0. */
  epoch: number;
  /** Its learning rate. */
  learningRate: number;
  /** Its rows. */
  samples: number;
  /** Norm of its gradients before clipping. */
  gradNorm?: Tensor | undefined;
}

/** The place of an evaluation in a run. */
export interface EvaluationPlace {
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** Number of steps so far. */
  readonly step: number;
  /** The split, if there are several. */
  readonly split?: string;
  /** Seconds of training so far, without evaluation. */
  readonly trainSeconds: number;
}

/** The scores of an evaluation, with its mean loss. */
export type EvaluationScores = { readonly loss: number } & {
  readonly [name: string]: number;
};

/** Logs each step once its loss has arrived from the GPU, in order, and each evaluation. */
export class TrainingLog {
  readonly #device: Device;
  readonly #events: EventLog;
  readonly #progress: ProgressBar;
  readonly #loggingSteps: number;
  readonly #spikes = new LossSpikes();
  #parts: { loss: Promise<number>; rows: readonly number[] }[] = [];
  #arrivals: Promise<void> = Promise.resolve();
  #flushedAt = performance.now();
  #lossSum = 0;
  #lossCount = 0;
  /** The first error of a step, which the next call throws. */
  #failure: unknown;

  /**
   * Makes a log.
   *
   * @param device The device of the losses.
   * @param events Destination of the lines.
   * @param progress Shows the newest loss.
   * @param loggingSteps Steps between two lines.
   */
  constructor(
    device: Device,
    events: EventLog,
    progress: ProgressBar,
    loggingSteps: number,
  ) {
    this.#device = device;
    this.#events = events;
    this.#progress = progress;
    this.#loggingSteps = loggingSteps;
  }

  /**
   * Adds the loss of a micro-batch to the current step.
   *
   * @param part The loss, multiplied by the micro-batch's share of the step: the parts of a step add up to its mean loss.
   * @param rows The rows of the micro-batch: indices in the training rows.
   */
  add(part: Tensor, rows: readonly number[]): void {
    this.#parts.push({ loss: this.#device.readLater(part), rows });
  }

  /**
   * Waits for the losses of the current step, and of those before it.
   *
   * @returns Its micro-batches so far.
   * @throws {Error} If the GPU failed.
   */
  async microBatches(): Promise<MicroBatchLoss[]> {
    await this.#device.flushReads();
    await this.#arrivals;
    return await Promise.all(
      this.#parts.map(async ({ loss, rows }) => ({ loss: await loss, rows })),
    );
  }

  /**
   * Replaces the losses of the current step, which are read already: by their sums
   * over all processes.
   *
   * @param sum Computes the new ones.
   * @throws {Error} If the GPU failed.
   */
  async replaceLosses(
    sum: (losses: readonly number[]) => Promise<readonly number[]>,
  ): Promise<void> {
    const parts = this.#parts;
    const losses = await sum(await Promise.all(parts.map(({ loss }) => loss)));
    this.#parts = parts.map(({ rows }, i) => ({
      loss: Promise.resolve(losses[i]!),
      rows,
    }));
  }

  /**
   * Ends the current step.
   *
   * @param step The step.
   * @throws {Error} If the loss of an earlier step was not finite, or the GPU failed.
   */
  step({ gradNorm, ...step }: Step): void {
    const parts = Promise.all(this.#parts.map(({ loss }) => loss));
    const rows = this.#parts.flatMap(({ rows }) => rows);
    const norm = gradNorm && this.#device.readLater(gradNorm);
    this.#parts = [];
    this.#arrivals = Promise.all([this.#arrivals, parts, norm]).then((
      [, losses, gradNorm],
    ) =>
      this.#arrive(
        step,
        losses.reduce((sum, loss) => sum + loss, 0),
        { rows, gradNorm },
      )
    ).catch((error) => void (this.#failure ??= error));
    const { samples, learningRate } = step;
    this.#progress.update(1, { samples, learningRate });
    if (performance.now() - this.#flushedAt > FLUSH_MS) {
      this.#flushedAt = performance.now();
      this.#device.flushReads().catch((error) =>
        void (this.#failure ??= error)
      );
    }
    if (this.#failure) throw this.#failure;
  }

  /**
   * Waits for the losses that are still on the GPU.
   *
   * @returns The mean loss of the steps since the last evaluation.
   * @throws {Error} If a loss was not finite, or the GPU failed.
   */
  async meanLoss(): Promise<number> {
    await this.#device.flushReads();
    await this.#arrivals;
    if (this.#failure) throw this.#failure;
    return this.#lossSum / this.#lossCount;
  }

  /**
   * Logs an evaluation, and starts a new mean of the losses.
   *
   * @param where Epoch and step, the split if there are several, and the seconds of training so far.
   * @param scores The scores, with the mean loss.
   * @throws {Error} If the loss is not finite.
   */
  evaluation(
    { trainSeconds, ...where }: EvaluationPlace,
    scores: EvaluationScores,
  ): void {
    const { loss } = scores;
    if (!Number.isFinite(loss)) {
      throw notFiniteError(
        `evaluation loss after step ${where.step} is ${loss}`,
        undefined, // the step's rows are not those of the evaluation
      );
    }
    this.#events.log({ event: "eval", ...where, ...scores, trainSeconds });
    [this.#lossSum, this.#lossCount] = [0, 0];
  }

  /**
   * Returns the state to save; {@linkcode TrainingLog.meanLoss} must have been awaited.
   *
   * @returns Plain numbers, for JSON.
   */
  stateDict(): TrainingLogState {
    return {
      lossSum: this.#lossSum,
      lossCount: this.#lossCount,
      lineCount: this.#events.lineCount,
      spikes: this.#spikes.stateDict(),
    };
  }

  /**
   * Restores a saved state, and drops the lines after it.
   *
   * @param state A state returned by {@linkcode TrainingLog.stateDict}.
   */
  loadStateDict(
    { lossSum, lossCount, lineCount, spikes }: TrainingLogState,
  ): void {
    this.#lossSum = lossSum;
    this.#lossCount = lossCount;
    this.#spikes.loadStateDict(spikes);
    if (this.#events.cutBack(lineCount)) return;
    console.warn(
      "Warning: metrics.jsonl lacks lines from before the checkpoint; it goes on with those that are there",
    );
  }

  #arrive(
    { step, epoch, learningRate, samples }: Omit<Step, "gradNorm">,
    loss: number,
    details: StepDetails,
  ): void {
    if (this.#failure) return; // no line after one that is missing
    if (!Number.isFinite(loss)) {
      throw notFiniteError(`loss of step ${step} is ${loss}`, details);
    }
    this.#lossSum += loss;
    this.#lossCount++;
    this.#progress.show({ loss });
    const { mean } = this.#spikes;
    if (this.#spikes.add(loss, samples)) {
      this.#progress.pause();
      console.warn(
        `Warning: the loss of step ${step} is ${
          loss.toFixed(4)
        }, after a mean of ${mean.toFixed(4)}: ${describeStep(details)}`,
      );
    }
    if (step % this.#loggingSteps === 0) {
      const { gradNorm } = details;
      this.#events.log({
        event: "step",
        step,
        epoch,
        loss,
        learningRate,
        ...gradNorm === undefined ? {} : { gradNorm },
      });
    }
  }
}
