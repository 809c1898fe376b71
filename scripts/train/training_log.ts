/**
 * Losses on their way from the GPU to the bar, to `metrics.jsonl` and to the
 * mean of an epoch. No step waits for them.
 *
 * @module
 */
import type { Device, ProgressBar, Tensor } from "../../mod.ts";
import type { RunFolder } from "./run_folder.ts";

/** Milliseconds after which the losses that are under way are asked for. */
const COLLECT_MS = 1000;

/** What is known of a step when it is submitted. */
export interface Step {
  /** Which optimizer step, from 1. */
  step: number;
  /** Which epoch, from 0. */
  epoch: number;
  /** The learning rate that it used. */
  learningRate: number;
  /** Its rows. */
  samples: number;
  /** The norm of its gradients before clipping. */
  gradNorm?: Tensor | undefined;
}

/** Takes the losses of steps and writes each down once it has arrived. */
export class TrainingLog {
  readonly #device: Device;
  readonly #folder: RunFolder;
  readonly #progress: ProgressBar;
  readonly #loggingSteps: number;
  #parts: Promise<number>[] = [];
  #arrivals: Promise<void> = Promise.resolve();
  #collectedAt = performance.now();
  #epochLosses: number[] = [];
  #failure: unknown;

  /** Starts a log. */
  constructor(
    device: Device,
    folder: RunFolder,
    progress: ProgressBar,
    loggingSteps: number,
  ) {
    this.#device = device;
    this.#folder = folder;
    this.#progress = progress;
    this.#loggingSteps = loggingSteps;
  }

  /**
   * Takes a batch's part of its step's loss.
   *
   * @param part The loss, divided so that a step's parts add up to its mean.
   */
  add(part: Tensor): void {
    this.#parts.push(this.#device.readLater(part));
  }

  /**
   * Takes the step that the parts since the last one belong to.
   *
   * @param step What is known of it.
   * @throws {Error} If the loss of an earlier step was not finite, or the GPU failed.
   */
  step({ gradNorm, ...step }: Step): void {
    const parts = Promise.all(this.#parts);
    const norm = gradNorm && this.#device.readLater(gradNorm);
    this.#parts = [];
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
    if (performance.now() - this.#collectedAt > COLLECT_MS) {
      this.#collectedAt = performance.now();
      this.#device.flushReads().catch((error) =>
        void (this.#failure ??= error)
      );
    }
    if (this.#failure) throw this.#failure;
  }

  /**
   * Waits for what is under way.
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

  #arrive(
    step: Omit<Step, "gradNorm">,
    loss: number,
    gradNorm: number | undefined,
  ): void {
    if (this.#failure) return; // its line is missing: none may follow
    if (!Number.isFinite(loss)) {
      throw new Error(
        `The loss of step ${step.step} is ${loss}: use a lower --learning-rate, or --max-grad-norm 1`,
      );
    }
    this.#epochLosses.push(loss);
    this.#progress.show({ loss });
    if (step.step % this.#loggingSteps === 0) {
      const { step: number, epoch, learningRate } = step;
      this.#folder.log({
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
