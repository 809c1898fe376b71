/**
 * Trainable parameters and the flat buffers that they are views of.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { StorageBuffer } from "../gpu/storage_buffer.ts";
import type { Device } from "../gpu/device.ts";
import { BLOCK, type FlatGradients, inOneRow } from "../ops/flat_step.ts";
import {
  type Allocation,
  type GradSlot,
  numel,
  type Shape,
  Tensor,
} from "../tensor/tensor.ts";
import { checkDevice } from "./check_device.ts";
import { RowGradient, type SparseGradient } from "./row_gradient.ts";

export { BLOCK };

/** Embedding tables with at least this many rows get a sparse gradient. */
const LARGE_TABLE_ROWS = 1024;

/** Options of {@linkcode Parameter}. */
export interface ParameterOptions {
  /**
   * Whether it is an embedding table, which ops read by row: a large one gets its own
   * flat buffer and a sparse gradient.
   *
   * @default false
   */
  isTable?: boolean;
}

const OPTIONS: OptionNames<ParameterOptions> = {
  isTable: true,
};

/**
 * A trainable tensor. Its memory is allocated at its first use, or together with
 * other parameters by `flattenParameters`; its initial values are computed at its
 * first use, unless values are loaded before. Its gradient is in its property
 * `grad`.
 */
export class Parameter extends Tensor {
  /** Whether it is an embedding table. */
  readonly isTable: boolean;
  #flatBuffer: ParamAndGradBuffer | undefined;
  #rowGradient: RowGradient | undefined;
  #isSparse = false;
  readonly #initial: (values: Float32Array) => void;
  #init: ((values: Float32Array) => void) | undefined;

  /**
   * Makes a parameter; nothing is allocated yet.
   *
   * @param device The device.
   * @param shape The shape.
   * @param init Writes the initial values, row-major, to an array of zeros.
   * @param options Options.
   * @throws {TypeError} If `device` is not a device, or an option has an unknown name.
   */
  constructor(
    device: Device,
    shape: Shape,
    init: (values: Float32Array) => void,
    options: ParameterOptions = {},
  ) {
    checkDevice(
      "make a parameter",
      device,
      "the device first: await requestDevice()",
    );
    checkOptions("make a parameter", options, OPTIONS);
    super(device, shape, { requiresGrad: true, storage: "later" });
    this.isTable = options.isTable ?? false;
    this.#initial = init;
    this.#init = init;
  }

  /** The flat buffer that it is a view of. */
  get flatBuffer(): ParamAndGradBuffer {
    return this.#flatBuffer ??= new ParamAndGradBuffer(this.device, [this]);
  }

  /** The buffer that holds the values; the initial values are written first. */
  override get storage(): StorageBuffer {
    this.#initialize();
    return super.storage;
  }

  /**
   * Replaces the values, or the initial values if it is not allocated yet.
   *
   * @param values The values, row-major; they are copied.
   * @throws {RangeError} If the number of values differs from the number of elements.
   */
  load(values: Float32Array<ArrayBuffer>): void {
    if (values.length !== this.size) {
      throw new RangeError(
        `Cannot load ${values.length} values into a parameter of shape [${this.shape}]`,
      );
    }
    if (!this.isAllocated) {
      const copy = values.slice();
      this.#init = (initial) => initial.set(copy);
      return;
    }
    this.#init = undefined;
    this.device.upload(
      {
        storage: this.flatBuffer.storage,
        byteOffset: this.byteOffset,
        byteLength: this.byteLength,
      },
      values,
    );
  }

  /** Replaces the values by the initial ones; they are computed at the next use. */
  reinitialise(): void {
    this.#init = this.#initial;
  }

  /** Makes it a view of a flat buffer; called by the constructor of the buffer. */
  allocateIn(flatBuffer: ParamAndGradBuffer, byteOffset: number): void {
    this.#flatBuffer = flatBuffer;
    this.setStorage(flatBuffer.storage, byteOffset);
  }

  /** Whether its memory is allocated. */
  get isAllocated(): boolean {
    return this.#flatBuffer !== undefined;
  }

  /**
   * Whether it is an embedding table with at least 1024 rows and a multiple of 64
   * columns. Such a table gets its own flat buffer and a sparse gradient, of the rows
   * in the batch only, which becomes dense when `grad` is read or another op adds to it.
   */
  get isLargeTable(): boolean {
    if (!this.isTable) return false;
    const [rows = 0, columns = 0] = this.shape;
    return rows >= LARGE_TABLE_ROWS && columns % BLOCK === 0;
  }

  /** The sparse gradient; `undefined` if there is no gradient or it is dense. */
  get rowGradient(): SparseGradient | undefined {
    return this.#isSparse ? this.#rowGradient : undefined;
  }

  /** Whether it has a gradient, dense or sparse. */
  override get hasGrad(): boolean {
    return this.#isSparse || super.hasGrad;
  }

  /**
   * Gradient, of its shape; `undefined` before `backward()` and after `zeroGrad()`.
   * Reading a sparse gradient makes it dense. Assign a tensor to replace the
   * gradient, or `undefined` to clear it.
   *
   * @throws {RangeError} If a tensor of another shape is assigned.
   */
  override get grad(): Tensor | undefined {
    if (this.#isSparse) {
      this.#isSparse = false;
      super.grad = super.gradSlot().tensor;
      this.#rowGradient!.scatterTo(super.grad);
    }
    return super.grad;
  }

  /** Sets or clears the gradient. */
  override set grad(grad: Tensor | undefined) {
    super.grad = grad;
    this.#isSparse = false;
  }

  /**
   * Returns the memory of its gradient; the dense one of a large embedding
   * table is allocated only if an op reads `tensor`.
   */
  override gradSlot(): GradSlot {
    if (!this.isLargeTable || super.hasGrad) return super.gradSlot();
    const denseGradient = () => this.grad ?? super.gradSlot().tensor;
    return {
      get tensor() {
        return denseGradient();
      },
      accumulate: this.#isSparse,
      takeRows: (ids) => this.#allocateRows(ids),
    };
  }

  #allocateRows(ids: ArrayLike<number>): Tensor | undefined {
    const isAlone = this.flatBuffer.parameters.length === 1;
    if (!isAlone || this.hasGrad || ids.length >= this.shape[0]!) {
      return undefined;
    }
    this.#initialize();
    this.#rowGradient ??= new RowGradient(this);
    this.#rowGradient.reset(ids);
    this.#isSparse = true;
    return this.#rowGradient.values;
  }

  /** Allocates its own flat buffer. */
  protected override allocateStorage(): Allocation {
    const { storage } = this.flatBuffer;
    return { storage, byteOffset: 0, generation: storage.generation };
  }

  /** Makes a view of the gradients of its flat buffer. */
  protected override makeGradStorage(): Tensor {
    this.#initialize(); // an optimizer updates the flat buffer directly
    return new Tensor(this.device, this.shape, {
      storage: this.flatBuffer.gradStorage,
      byteOffset: this.byteOffset,
    });
  }

  #initialize(): void {
    const init = this.#init;
    if (!init) return;
    const values = new Float32Array(this.size);
    init(values);
    void this.flatBuffer; // allocates it, so that load() uploads the values
    this.load(values);
  }
}

/**
 * A flat buffer for the values of many parameters, and one of the same layout for
 * their gradients. Both are split alike if one parameter is larger than a binding.
 */
export class ParamAndGradBuffer {
  /** The device. */
  readonly device: Device;
  /** The parameters, in order, each at a multiple of 64 elements. */
  readonly parameters: readonly Parameter[];
  /** The buffer of the values; padding between parameters is 0. */
  readonly storage: StorageBuffer;
  /** Size of a row of the first parameter, in bytes: a large parameter is split between rows. */
  readonly rowBytes: number;
  #gradStorage: StorageBuffer | undefined;

  /** Allocates a buffer and makes the parameters adjacent views of it. */
  constructor(device: Device, parameters: readonly Parameter[]) {
    this.device = device;
    this.parameters = parameters;
    this.rowBytes = 4 * numel(parameters[0]!.shape.slice(1));
    this.storage = device.allocateRows(bytesOf(parameters), this.rowBytes);
    clear(device, this.storage); // the padding between parameters stays 0
    let byteOffset = 0;
    for (const parameter of parameters) {
      parameter.allocateIn(this, byteOffset);
      byteOffset += paddedBytes(parameter.shape);
    }
  }

  /** Number of elements of each of the two buffers, padding included. */
  get size(): number {
    return this.storage.byteLength / 4;
  }

  /**
   * The gradients: sparse if the buffer is a large embedding table with a
   * sparse gradient, else dense.
   */
  get gradients(): FlatGradients {
    return this.parameters[0]!.rowGradient ??
      inOneRow(this.device, this.gradStorage, this.size);
  }

  /** Whether the dense gradients are allocated. */
  get hasGradStorage(): boolean {
    return this.#gradStorage !== undefined;
  }

  /**
   * The buffer of the dense gradients, at the offsets of their parameters;
   * allocated at the first use.
   */
  get gradStorage(): StorageBuffer {
    if (!this.#gradStorage) {
      const { device, storage: { byteLength }, rowBytes } = this;
      this.#gradStorage = device.allocateRows(byteLength, rowBytes);
      clear(this.device, this.#gradStorage);
    }
    return this.#gradStorage;
  }
}

function clear(device: Device, storage: StorageBuffer): void {
  device.clear({ storage, byteOffset: 0, byteLength: storage.byteLength });
}

/**
 * Computes the size of a flat buffer.
 *
 * @param parameters The parameters.
 * @returns The size in bytes, padding included.
 */
export function bytesOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + paddedBytes(shape), 0);
}

/** Size of a parameter in a flat buffer, in bytes, padded to whole blocks. */
function paddedBytes(shape: Shape): number {
  return Math.ceil(numel(shape) / BLOCK) * BLOCK * 4;
}
