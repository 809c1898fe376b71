/**
 * The loss curve of `pretrain.ts`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type { Device, ProgressBar, Tensor } from "../../mod.ts";

/** Steps that one line of the curve is the mean of. */
const STEPS_PER_LINE = 250;

/** Takes the losses of steps, and prints their means once they have arrived. */
export class LossCurve {
  readonly #device: Device;
  readonly #progress: ProgressBar;
  #steps = 0;
  #words: Promise<number>[] = [];
  #pairs: Promise<number>[] = [];

  /** Starts a curve. */
  constructor(device: Device, progress: ProgressBar) {
    this.#device = device;
    this.#progress = progress;
  }

  /**
   * Takes the losses of a step; waits for the GPU only where a line is full.
   *
   * @param words The loss of the masked words.
   * @param pairs The loss of the pairs.
   * @throws {Error} If a loss was not finite, or the GPU failed.
   */
  async add(words: Tensor, pairs: Tensor): Promise<void> {
    this.#words.push(this.#device.readLater(words));
    this.#pairs.push(this.#device.readLater(pairs));
    this.#steps++;
    if (this.#words.length === STEPS_PER_LINE) await this.print();
  }

  /**
   * Prints the means since the last line.
   *
   * @throws {Error} If a loss was not finite, or the GPU failed.
   */
  async print(): Promise<void> {
    if (this.#words.length === 0) return;
    await this.#device.flushReads();
    const [words, pairs] = [
      mean(await Promise.all(this.#words)),
      mean(await Promise.all(this.#pairs)),
    ];
    [this.#words, this.#pairs] = [[], []];
    if (!Number.isFinite(words + pairs)) {
      throw new Error(
        `The loss of step ${this.#steps} or shortly before is not finite: try another --seed`,
      );
    }
    this.#progress.pause();
    console.log(
      `step ${this.#steps}  loss of words ${words.toFixed(4)}  of pairs ${
        pairs.toFixed(4)
      }`,
    );
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
