/**
 * Sparse gradient of a large embedding table.
 *
 * @module
 */
import type { FlatGradients } from "../ops/flat_step.ts";
import { pickRows } from "../ops/gather.ts";
import { rowsFrom, shardsOf } from "../tensor/shards.ts";
import { Tensor, zeros } from "../tensor/tensor.ts";

/** Rows are allocated in multiples of this number. */
const STRIDE = 128;

/** The sparse gradient of a parameter. */
export interface SparseGradient extends FlatGradients {
  /** Row indices of the embedding table that have a gradient, each once. */
  readonly ids: ArrayLike<number>;
}

/**
 * Gradient of the rows of an embedding table that are in the batch, as `torch.nn.Embedding`
 * with `sparse=True`; all other rows have the gradient 0.
 */
export class RowGradient implements SparseGradient {
  /**
   * Index into {@linkcode RowGradient.values} for each row of the embedding
   * table; 0 if it has no gradient: `[V]` u32.
   */
  readonly slots: Tensor;
  #ids: ArrayLike<number> = [];
  /** Memory of the values, for as many rows as any batch so far. */
  #memory: Tensor;
  #values: Tensor;

  /**
   * Makes a sparse gradient without rows.
   *
   * @param table The embedding table, `[V, H]`.
   */
  constructor({ device, shape }: Tensor) {
    const [rows = 0, columns = 0] = shape;
    const lifetime = "kept";
    this.slots = new Tensor(device, [rows], { dtype: "u32", lifetime });
    this.#memory = zeros(device, [1, columns], { lifetime });
    this.#values = this.#memory;
  }

  /** Row indices of the embedding table that have a gradient, each once. */
  get ids(): ArrayLike<number> {
    return this.#ids;
  }

  /**
   * The gradients, `[R, H]`: row 0 is zeros, then one row per id, then unused rows of
   * zeros. R depends on the ids alone: the bits of a norm would differ in a run that
   * was resumed if it depended on earlier batches.
   */
  get values(): Tensor {
    return this.#values;
  }

  /**
   * Clears the gradient and assigns row `i + 1` of {@linkcode RowGradient.values}
   * to row `ids[i]` of the embedding table.
   *
   * @param ids Row indices of the embedding table, each once.
   */
  reset(ids: ArrayLike<number>): void {
    const { device, shape: [capacity = 0, columns = 0] } = this.#memory;
    const needed = STRIDE * Math.ceil((ids.length + 1) / STRIDE);
    const rows = Math.min(needed, this.slots.size);
    if (capacity < rows) {
      this.#memory.dispose();
      this.#memory = new Tensor(device, [rows, columns], { lifetime: "kept" });
    }
    const { storage } = this.#memory;
    this.#values = new Tensor(device, [rows, columns], { storage });
    device.clear(this.#values);
    this.#ids = ids;
    const slots = new Uint32Array(this.slots.size);
    for (let i = 0; i < ids.length; i++) slots[ids[i]!] = i + 1;
    device.upload(this.slots, slots);
  }

  /**
   * Scatters the rows into a dense gradient; all other rows become 0.
   *
   * @param dense The dense gradient to overwrite, `[V, H]`.
   */
  scatterTo(dense: Tensor): void {
    for (const { rows, first } of shardsOf(dense)) {
      const slots = rowsFrom(this.slots, first, rows.shape[0]!);
      pickRows(this.#values, slots, rows);
    }
  }
}
