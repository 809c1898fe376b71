/**
 * A running mean of losses that are still on the GPU.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { Tensor } from "../tensor/tensor.ts";

/**
 * `Σ weight · value / Σ weight`, for example the loss of a data set: the mean
 * loss of each batch, weighted by its rows. Adding never waits for the GPU.
 *
 * @example
 * ```ts ignore
 * const evalLoss = new WeightedMean();
 * evalLoss.add(loss, batch.inputIds.shape[0]);
 * console.log(await evalLoss.value());
 * ```
 */
export class WeightedMean {
  readonly #terms: Promise<number>[] = [];
  readonly #devices = new Set<Device>();
  #weight = 0;

  /**
   * Adds a value.
   *
   * @param value A number, or a scalar tensor, read as it is at this point.
   * @param weight Its weight.
   */
  add(value: number | Tensor, weight: number): void {
    this.#weight += weight;
    if (value instanceof Tensor) {
      this.#devices.add(value.device);
      const term = value.device.readLater(value).then((v) => weight * v);
      term.catch(() => {}); // thrown by value()
      this.#terms.push(term);
    } else this.#terms.push(Promise.resolve(weight * value));
  }

  /**
   * Waits for the values that are under way.
   *
   * @returns The mean; NaN if nothing was added.
   * @throws {Error} If the GPU failed since the last read.
   */
  async value(): Promise<number> {
    for (const device of this.#devices) await device.flushReads();
    const terms = await Promise.all(this.#terms);
    return terms.reduce((sum, term) => sum + term, 0) / this.#weight;
  }
}
