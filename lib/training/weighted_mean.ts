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
 * evalLoss.add(loss, batch.inputIds.shape[0]!);
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
   * @throws {RangeError} If a tensor is not a scalar.
   */
  add(value: number | Tensor, weight: number): void {
    if (value instanceof Tensor) {
      if (value.size !== 1) {
        throw new RangeError(
          `Cannot add a tensor of shape [${value.shape}] to a mean: it must be a scalar; reduce it with mean() or sum()`,
        );
      }
      const term = value.device.readLater(value).then((v) => weight * v);
      term.catch(() => {}); // thrown by value()
      this.#devices.add(value.device);
      this.#terms.push(term);
    } else this.#terms.push(Promise.resolve(weight * value));
    this.#weight += weight;
  }

  /**
   * Waits for the values that are not read back yet.
   *
   * @returns The mean of the values added before the call; NaN if there are none.
   * @throws {Error} If the GPU failed since the last read.
   */
  async value(): Promise<number> {
    // Of this moment: others may be added while it waits.
    const [terms, weight] = [[...this.#terms], this.#weight];
    const flushed = [...this.#devices].map((device) => device.flushReads());
    await Promise.all(flushed);
    const values = await Promise.all(terms);
    return values.reduce((sum, value) => sum + value, 0) / weight;
  }
}
