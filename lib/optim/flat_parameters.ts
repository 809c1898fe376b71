/**
 * How optimizers see parameters: as buffers with a table that says, block by
 * block, what is to be done.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/buffer_pool.ts";
import type { Device } from "../gpu/device.ts";
import { BLOCK, Parameter } from "../nn/parameter.ts";
import { type FlatGradients, inOneRow } from "../ops/flat_step.ts";
import { fromArray, Tensor } from "../tensor/tensor.ts";

/** Tensors side by side in one buffer, each from a multiple of a block on. */
export interface FlatParameters {
  /** The device. */
  readonly device: Device;
  /** The tensors. */
  readonly parameters: readonly Tensor[];
  /** Their values. */
  readonly storage: StorageBuffer;
  /** Their gradients. */
  readonly gradients: FlatGradients;
  /** Elements of either that belong to it, a multiple of 4; those between the tensors are 0. */
  readonly size: number;
}

const single = new WeakMap<Tensor, FlatParameters>();

/**
 * The arena of a parameter; a tensor that was made by itself is one of its own.
 *
 * @param parameter A leaf that requires a gradient.
 * @returns Its arena.
 * @throws {TypeError} If it is no leaf, or requires no gradient.
 */
export function flatParametersOf(parameter: Tensor): FlatParameters {
  if (parameter instanceof Parameter) return parameter.flatBuffer;
  if (parameter.gradFn || !parameter.requiresGrad) {
    throw new TypeError(
      `Cannot optimize a tensor of shape [${parameter.shape}]: it must be a parameter, or made with requiresGrad`,
    );
  }
  let arena = single.get(parameter);
  if (!arena) {
    const { device, storage, byteLength } = parameter;
    const gradient = parameter.gradSlot().tensor.storage;
    const size = 4 * Math.ceil(parameter.size / 4);
    // A buffer of a scope held other values before: they must not count in a norm.
    device.clear({
      storage: gradient,
      byteOffset: byteLength,
      byteLength: 4 * size - byteLength,
    });
    const gradients = inOneRow(device, gradient, size);
    arena = { device, parameters: [parameter], storage, gradients, size };
    single.set(parameter, arena);
  }
  return arena;
}

/**
 * The values of an arena.
 *
 * @param arena The arena.
 * @returns A view of them, `[size]`.
 */
export function valuesOf({ device, size, storage }: FlatParameters): Tensor {
  return new Tensor(device, [size], { storage });
}

/**
 * Added to a block's row until its first gradient: the optimizer's state is
 * all zeros there. Most rows of a vocabulary never get further.
 */
export const ZERO_STATE = 0x80000000;

/** A row number for every block of an arena, kept on the GPU until it changes. */
export class BlockTable {
  #signature = "";
  #table: Tensor | undefined;
  #mark: number;

  /**
   * Makes a table, empty at first.
   *
   * @param mark Added to the rows until the table changes: 0, or {@linkcode ZERO_STATE}.
   */
  constructor(mark = 0) {
    this.#mark = mark;
  }

  /** Makes the next table anew, without the mark. */
  forget(): void {
    this.#signature = "";
    this.#mark = 0;
  }

  /**
   * Brings the table up to date.
   *
   * @param arena The arena.
   * @param rowOf The row of each of its tensors, from 1; 0 leaves the tensor alone.
   * @returns The table, `[blocks]` u32; `undefined` if all rows are 0.
   */
  update(
    arena: FlatParameters,
    rowOf: (parameter: Tensor) => number,
  ): Tensor | undefined {
    const rows = arena.parameters.map(rowOf);
    if (rows.every((row) => row === 0)) return undefined;
    const signature = rows.join();
    if (!this.#table || signature !== this.#signature) {
      this.#signature = signature;
      const blocks = new Uint32Array(Math.ceil(arena.size / BLOCK));
      arena.parameters.forEach(({ byteOffset, size }, i) => {
        const first = byteOffset / (4 * BLOCK);
        const row = rows[i]! && rows[i]! + this.#mark;
        blocks.fill(row, first, first + Math.ceil(size / BLOCK));
      });
      this.#mark = 0;
      this.#table?.dispose();
      this.#table = fromArray(arena.device, blocks, [blocks.length], {
        dtype: "u32",
        lifetime: "kept",
      });
    }
    return this.#table;
  }
}
