/**
 * Flat buffers of parameters, and the block tables that assign each block of them
 * its settings.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/storage_buffer.ts";
import type { Device } from "../gpu/device.ts";
import { BLOCK, Parameter } from "../nn/parameter.ts";
import { type FlatGradients, inOneRow } from "../ops/flat_step.ts";
import { fromArray, Tensor, zeros } from "../tensor/tensor.ts";

/** Parameters in one flat buffer, each at a multiple of a block of 64 elements. */
export interface FlatParameters {
  /** The device. */
  readonly device: Device;
  /** The parameters. */
  readonly parameters: readonly Tensor[];
  /** The buffer of the values. */
  readonly storage: StorageBuffer;
  /** Size of a row in bytes, if the buffer is split between rows. */
  readonly rowBytes: number;
  /** The gradients, dense or sparse. */
  readonly gradients: FlatGradients;
  /** Number of elements, a multiple of 4; padding between the parameters is 0. */
  readonly size: number;
}

const ofSingleTensors = new WeakMap<Tensor, FlatParameters>();

/**
 * Returns the flat buffer of a parameter. For a tensor that is not a
 * {@linkcode Parameter} it has this tensor alone.
 *
 * @param parameter A leaf that requires a gradient.
 * @returns The flat buffer.
 * @throws {TypeError} If the tensor is not a leaf or requires no gradient.
 */
export function flatParametersOf(parameter: Tensor): FlatParameters {
  if (parameter instanceof Parameter) return parameter.flatBuffer;
  if (parameter.gradFn || !parameter.requiresGrad) {
    throw new TypeError(
      `Cannot optimize a tensor of shape [${parameter.shape}]: it must be a Parameter, or a leaf made with requiresGrad: true`,
    );
  }
  let flatBuffer = ofSingleTensors.get(parameter);
  if (!flatBuffer) {
    const { device, storage, byteLength } = parameter;
    const gradient = parameter.gradSlot().tensor.storage;
    const size = 4 * Math.ceil(parameter.size / 4);
    // A reused buffer has old values in its padding: they must not count in a norm.
    device.clear({
      storage: gradient,
      byteOffset: byteLength,
      byteLength: 4 * size - byteLength,
    });
    const gradients = inOneRow(device, gradient, size);
    const parameters = [parameter];
    const rowBytes = 4; // a tensor that is no Parameter is not split
    flatBuffer = { device, parameters, storage, rowBytes, gradients, size };
    ofSingleTensors.set(parameter, flatBuffer);
  }
  return flatBuffer;
}

/**
 * Makes a view of the values of a flat buffer.
 *
 * @param flatBuffer The flat buffer.
 * @returns The view, `[size]`.
 */
export function valuesOf({ device, size, storage }: FlatParameters): Tensor {
  return new Tensor(device, [size], { storage });
}

/**
 * Makes zeros of the size of a flat buffer, split as it is.
 *
 * @param flatBuffer The flat buffer.
 * @returns The zeros, `[size]`.
 */
export function zerosLike({ device, size, rowBytes }: FlatParameters): Tensor {
  const storage = device.allocateRows(4 * size, rowBytes);
  return zeros(device, [size], { storage });
}

/**
 * Flag of a block, added to its index until its first gradient: the state of the
 * optimizer is all zeros there. Most rows of an embedding table stay so.
 */
export const ZERO_STATE = 0x80000000;

/** Index of a settings row for every block of a flat buffer, cached on the GPU. */
export class BlockTable {
  #signature = "";
  #table: Tensor | undefined;
  #flag: number;

  /**
   * Makes an empty table.
   *
   * @param flag Added to the indices of the first table: 0, or {@linkcode ZERO_STATE}.
   */
  constructor(flag = 0) {
    this.#flag = flag;
  }

  /** Discards the cached table; the next one has no flags. */
  invalidate(): void {
    this.#signature = "";
    this.#flag = 0;
  }

  /**
   * Updates the table.
   *
   * @param flatBuffer The flat buffer.
   * @param indexOf Returns the index of a parameter's settings row, from 1; 0 to skip the parameter.
   * @returns The table, `[blocks]` u32; `undefined` if all indices are 0.
   */
  update(
    flatBuffer: FlatParameters,
    indexOf: (parameter: Tensor) => number,
  ): Tensor | undefined {
    const indices = flatBuffer.parameters.map(indexOf);
    if (indices.every((index) => index === 0)) return undefined;
    const signature = indices.join();
    if (!this.#table || signature !== this.#signature) {
      this.#signature = signature;
      const blocks = new Uint32Array(Math.ceil(flatBuffer.size / BLOCK));
      flatBuffer.parameters.forEach(({ byteOffset, size }, i) => {
        const first = byteOffset / (4 * BLOCK);
        const index = indices[i]! && indices[i]! + this.#flag;
        blocks.fill(index, first, first + Math.ceil(size / BLOCK));
      });
      this.#flag = 0;
      this.#table?.dispose();
      this.#table = fromArray(flatBuffer.device, blocks, [blocks.length], {
        dtype: "u32",
        lifetime: "kept",
      });
    }
    return this.#table;
  }
}
