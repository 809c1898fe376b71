/**
 * Time of training, over all processes of a run.
 *
 * @module
 */
import type { ProgressBar } from "../../mod.ts";
import type { LogEvent } from "./event_file.ts";

/** Measures training without evaluation, and without what precedes the first step. */
export class TrainingClock {
  readonly #progress: Pick<ProgressBar, "seconds">;
  /** Samples and seconds of the processes that were interrupted. */
  #before = { samples: 0, seconds: 0 };
  /** Seconds of the bar at the first step of this process. */
  #start = 0;

  /**
   * Takes the progress bar, whose time stops in its pauses.
   *
   * @param progress The bar.
   */
  constructor(progress: Pick<ProgressBar, "seconds">) {
    this.#progress = progress;
  }

  /** Begins with the first step of this process. */
  start(): void {
    this.#start = this.#progress.seconds;
  }

  /**
   * Adds the processes that were interrupted.
   *
   * @param samples Their samples.
   * @param events The events so far, which have the seconds.
   */
  resume(samples: number, events: readonly LogEvent[]): void {
    const seconds = events.map(({ trainSeconds }) => Number(trainSeconds ?? 0))
      .findLast((value) => value > 0);
    this.#before = { samples, seconds: seconds ?? 0 };
  }

  /** Seconds so far. */
  get seconds(): number {
    return this.#before.seconds + this.#ownSeconds;
  }

  /**
   * Computes the rate of this process if it trained, since an interrupted one leaves
   * not all its seconds; else that of all of them.
   *
   * @param samples Samples of all processes.
   * @returns Samples per second.
   */
  samplesPerSecond(samples: number): number {
    const own = samples - this.#before.samples;
    return own > 0 ? own / this.#ownSeconds : samples / this.seconds;
  }

  get #ownSeconds(): number {
    return this.#progress.seconds - this.#start;
  }
}
