/**
 * Loss curve of `pretrain.ts`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type { Device, ProgressBar, Tensor } from "../../mod.ts";

/** Steps averaged in one line. */
const STEPS_PER_LINE = 250;

/** Collects the losses of the steps, and prints their means. */
export class LossCurve {
  readonly #device: Device;
  readonly #progress: ProgressBar;
  #steps: number;
  #maskedLmLosses: Promise<number>[] = [];
  #nextSentenceLosses: Promise<number>[] = [];

  /**
   * Makes a curve.
   *
   * @param device The device of the losses.
   * @param progress The progress bar that the lines interrupt.
   * @param steps Steps that were done before.
   */
  constructor(device: Device, progress: ProgressBar, steps: number) {
    this.#steps = steps;
    this.#device = device;
    this.#progress = progress;
  }

  /**
   * Adds the losses of a step; waits for the GPU only to print a line.
   *
   * @param maskedLmLoss Loss of the masked words, a scalar.
   * @param nextSentenceLoss Loss of next-sentence prediction, a scalar.
   * @throws {Error} If a loss was not finite, or the GPU failed.
   */
  async add(maskedLmLoss: Tensor, nextSentenceLoss: Tensor): Promise<void> {
    this.#maskedLmLosses.push(this.#device.readLater(maskedLmLoss));
    this.#nextSentenceLosses.push(this.#device.readLater(nextSentenceLoss));
    this.#steps++;
    if (this.#maskedLmLosses.length === STEPS_PER_LINE) await this.print();
  }

  /**
   * Waits for the losses that are still on the GPU.
   *
   * @returns Their means, of masked words and of next-sentence prediction.
   * @throws {Error} If a loss was not finite, or the GPU failed.
   */
  async means(): Promise<[number, number]> {
    await this.#device.flushReads();
    const maskedLm = mean(await Promise.all(this.#maskedLmLosses));
    const nextSentence = mean(await Promise.all(this.#nextSentenceLosses));
    const isEmpty = this.#maskedLmLosses.length === 0;
    if (!isEmpty && !Number.isFinite(maskedLm + nextSentence)) {
      throw new Error(
        `The loss of step ${this.#steps} or shortly before is not finite: try another --seed`,
      );
    }
    return [maskedLm, nextSentence];
  }

  /**
   * Prints the mean losses since the last line.
   *
   * @throws {Error} If a loss was not finite, or the GPU failed.
   */
  async print(): Promise<void> {
    if (this.#maskedLmLosses.length === 0) return;
    const [maskedLm, nextSentence] = await this.means();
    [this.#maskedLmLosses, this.#nextSentenceLosses] = [[], []];
    this.#progress.pause();
    console.log(
      `step ${this.#steps}  masked-word loss ${
        maskedLm.toFixed(4)
      }  next-sentence loss ${nextSentence.toFixed(4)}`,
    );
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
