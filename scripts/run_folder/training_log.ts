/**
 * Losses of a run, from the GPU to the progress bar, to `metrics.jsonl` and to
 * the mean of an epoch, without a step that waits for them.
 *
 * @module
 */
import type { Device, ProgressBar, Tensor } from "../../mod.ts";

/** Time between two requests for losses that are still on the GPU, in ms. */
const FLUSH_MS = 1000;

/** A line of `metrics.jsonl`. */
export type LogEvent = { event: string } & Record<string, unknown>;

/** Destination of the lines. */
export interface EventLog {
  /** Appends a line. */
  log(event: LogEvent): void;
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
  #parts: Promise<number>[] = [];
  #arrivals: Promise<void> = Promise.resolve();
  #flushedAt = performance.now();
  #epochLosses: number[] = [];
  #lastStep = 0;
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
   */
  add(part: Tensor): void {
    this.#parts.push(this.#device.readLater(part));
  }

  /**
   * Ends the current step.
   *
   * @param step The step.
   * @throws {Error} If the loss of an earlier step was not finite, or the GPU failed.
   */
  step({ gradNorm, ...step }: Step): void {
    const parts = Promise.all(this.#parts);
    const norm = gradNorm && this.#device.readLater(gradNorm);
    this.#parts = [];
    this.#lastStep = step.step;
    this.#arrivals = Promise.all([this.#arrivals, parts, norm]).then((
      [, losses, gradNorm],
    ) =>
      this.#arrive(
        step,
        losses.reduce((sum, loss) => sum + loss, 0),
        gradNorm,
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
   * @returns The mean loss of the steps since the last call.
   * @throws {Error} If a loss was not finite, or the GPU failed.
   */
  async meanLoss(): Promise<number> {
    await this.#device.flushReads();
    await this.#arrivals;
    if (this.#failure) throw this.#failure;
    const losses = this.#epochLosses;
    this.#epochLosses = [];
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  }

  /**
   * Logs an evaluation.
   *
   * @param where The epoch, and the split if there are several.
   * @param scores The scores, with the mean loss.
   * @throws {Error} If the loss is not finite.
   */
  evaluation(
    where: { readonly epoch: number; readonly split?: string },
    scores: EvaluationScores,
  ): void {
    const { loss } = scores;
    if (!Number.isFinite(loss)) {
      throw new Error(
        `The evaluation loss after step ${this.#lastStep} is ${loss}: use a lower --learning-rate, or --max-grad-norm 1`,
      );
    }
    this.#events.log({ event: "eval", ...where, ...scores });
  }

  #arrive(
    step: Omit<Step, "gradNorm">,
    loss: number,
    gradNorm: number | undefined,
  ): void {
    if (this.#failure) return; // no line after one that is missing
    if (!Number.isFinite(loss)) {
      throw new Error(
        `The loss of step ${step.step} is ${loss}: use a lower --learning-rate, or --max-grad-norm 1`,
      );
    }
    this.#epochLosses.push(loss);
    this.#progress.show({ loss });
    if (step.step % this.#loggingSteps === 0) {
      const { step: number, epoch, learningRate } = step;
      this.#events.log({
        event: "step",
        step: number,
        epoch,
        loss,
        learningRate,
        ...gradNorm === undefined ? {} : { gradNorm },
      });
    }
  }
}
