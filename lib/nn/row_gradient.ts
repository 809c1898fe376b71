/**
 * The gradient of a large table, of which a batch reads few rows.
 *
 * @module
 */
import type { FlatGradients } from "../ops/flat_step.ts";
import { pickRows } from "../ops/gather.ts";
import { Tensor, zeros } from "../tensor/tensor.ts";

/** Rows that are made at once. */
const STRIDE = 128;

/** The rows of a table that have a gradient, and where each of them is. */
export class RowGradient implements FlatGradients {
  /** For each row of the table, that of {@linkcode RowGradient.values}; 0 where it has no gradient: `[V]` u32. */
  readonly slots: Tensor;
  #values: Tensor;

  /**
   * Makes one without a gradient.
   *
   * @param table The table, `[V, H]`.
   */
  constructor({ device, shape }: Tensor) {
    const [rows = 0, columns = 0] = shape;
    const lifetime = "kept";
    this.slots = new Tensor(device, [rows], { dtype: "u32", lifetime });
    this.#values = zeros(device, [1, columns], { lifetime });
  }

  /** The gradients, `[rows, H]`: first one of zeros, those that were taken, perhaps more of zeros. */
  get values(): Tensor {
    return this.#values;
  }

  /**
   * Begins anew: `ids[i]` gets row `i + 1`.
   *
   * @param ids Numbers of the table's rows, each once.
   */
  take(ids: ArrayLike<number>): void {
    const { device, shape } = this.#values;
    const [capacity = 0, columns = 0] = shape;
    if (capacity <= ids.length) {
      this.#values.dispose();
      const room = STRIDE * Math.ceil((ids.length + 1) / STRIDE);
      const rows = Math.min(room, this.slots.size);
      this.#values = new Tensor(device, [rows, columns], { lifetime: "kept" });
    }
    device.clear(this.#values);
    const slots = new Uint32Array(this.slots.size);
    for (let i = 0; i < ids.length; i++) slots[ids[i]!] = i + 1;
    device.upload(this.slots, slots);
  }

  /**
   * Writes the gradient of all rows.
   *
   * @param whole Where to, `[V, H]`.
   */
  spread(whole: Tensor): void {
    pickRows(this.#values, this.slots, whole);
  }
}
