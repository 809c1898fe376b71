/**
 * Trainable tensors, and the arenas that they lie in.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/buffer_pool.ts";
import type { Device } from "../gpu/device.ts";
import { type FlatGradients, inOneRow } from "../ops/flat_step.ts";
import {
  type GradSlot,
  numel,
  type Place,
  type Shape,
  Tensor,
} from "../tensor/tensor.ts";
import { RowGradient } from "./row_gradient.ts";

/** Elements of a block: parameters begin at multiples of it, which every adapter can bind. */
export const BLOCK = 64;

/** Rows from which on a table keeps the gradient of those only that a batch has. */
const MANY_ROWS = 1024;

/** How a {@linkcode Parameter} is made. */
export interface ParameterOptions {
  /**
   * Whether rows are looked up and not multiplied: a large one is kept apart then.
   *
   * @default false
   */
  isTable?: boolean;
}

/**
 * A tensor that training changes. Its memory is found when it is first needed,
 * or together with that of others by `flattenParameters`; its initial
 * values are computed at its first use, unless others were loaded before.
 */
export class Parameter extends Tensor {
  /** Whether rows are looked up and not multiplied. */
  readonly isTable: boolean;
  #flatBuffer: ParamAndGradBuffer | undefined;
  #rowGradient: RowGradient | undefined;
  #isInRows = false;
  #init: ((values: Float32Array) => void) | undefined;

  /** Describes a parameter. */
  constructor(
    device: Device,
    shape: Shape,
    init: (values: Float32Array) => void,
    options: ParameterOptions = {},
  ) {
    super(device, shape, { requiresGrad: true, storage: "later" });
    this.isTable = options.isTable ?? false;
    this.#init = init;
  }

  /** The arena that it lies in. */
  get flatBuffer(): ParamAndGradBuffer {
    return this.#flatBuffer ??= new ParamAndGradBuffer(this.device, [this]);
  }

  /** The buffer that holds the values; initial ones are written first. */
  override get storage(): StorageBuffer {
    this.#initialize();
    return super.storage;
  }

  /**
   * Replaces the values; before it has a place, those that it begins with.
   *
   * @param values The values, row-major; they are copied.
   * @throws {RangeError} If there are not as many as the shape has.
   */
  load(values: Float32Array<ArrayBuffer>): void {
    if (values.length !== this.size) {
      throw new RangeError(
        `Cannot load ${values.length} values into a parameter of shape [${this.shape}]`,
      );
    }
    if (!this.isPlaced) {
      const kept = values.slice();
      this.#init = (initial) => initial.set(kept);
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

  /** Moves it into an arena; called by the arena. */
  placeIn(arena: ParamAndGradBuffer, byteOffset: number): void {
    this.#flatBuffer = arena;
    this.settle(arena.storage, byteOffset);
  }

  /** Whether it has a place already. */
  get isPlaced(): boolean {
    return this.#flatBuffer !== undefined;
  }

  /**
   * Whether it is a table of many rows, which lies in an arena of its own and
   * keeps the gradient of those only that a batch has, until `grad` is read or
   * another op adds to it.
   */
  get isLargeTable(): boolean {
    if (!this.isTable) return false;
    const [rows = 0, columns = 0] = this.shape;
    return rows >= MANY_ROWS && columns % BLOCK === 0;
  }

  /** The gradient of the rows that have one, where it is kept so now. */
  get rowGradient(): FlatGradients | undefined {
    return this.#isInRows ? this.#rowGradient : undefined;
  }

  /** Whether it has a gradient. */
  override get hasGrad(): boolean {
    return this.#isInRows || super.hasGrad;
  }

  /** The gradient, of its shape; `undefined` before `backward()` and after `zeroGrad()`. */
  override get grad(): Tensor | undefined {
    if (this.#isInRows) {
      this.#isInRows = false;
      super.grad = super.gradSlot().tensor;
      this.#rowGradient!.spread(super.grad);
    }
    return super.grad;
  }

  /** Assigns a gradient, or clears it. */
  override set grad(grad: Tensor | undefined) {
    super.grad = grad;
    this.#isInRows = false;
  }

  /** The place of its gradient; that of a large table is made only if an op asks for it. */
  override gradSlot(): GradSlot {
    if (!this.isLargeTable || super.hasGrad) return super.gradSlot();
    const place = () => this.grad ?? super.gradSlot().tensor;
    return {
      get tensor() {
        return place();
      },
      accumulate: this.#isInRows,
      takeRows: (ids) => this.#takeRows(ids),
    };
  }

  #takeRows(ids: ArrayLike<number>): Tensor | undefined {
    const isAlone = this.flatBuffer.parameters.length === 1;
    if (!isAlone || this.hasGrad || ids.length >= this.shape[0]!) {
      return undefined;
    }
    this.#initialize();
    this.#rowGradient ??= new RowGradient(this);
    this.#rowGradient.take(ids);
    this.#isInRows = true;
    return this.#rowGradient.values;
  }

  /** Takes an arena of its own. */
  protected override findPlace(): Place {
    const { storage } = this.flatBuffer;
    return { storage, byteOffset: 0, generation: storage.generation };
  }

  /** Its place among the gradients of its arena. */
  protected override makeGradStorage(): Tensor {
    this.#initialize(); // what has a gradient is changed in its place
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
    void this.flatBuffer; // its place: they are loaded there now
    this.load(values);
  }
}

/** One buffer for many parameters, and one of the same layout for their gradients. */
export class ParamAndGradBuffer {
  /** The device. */
  readonly device: Device;
  /** Its parameters, in order, each at a multiple of {@linkcode BLOCK} elements. */
  readonly parameters: readonly Parameter[];
  /** The values. */
  readonly storage: StorageBuffer;
  #gradStorage: StorageBuffer | undefined;

  /** Places parameters side by side in a new buffer. */
  constructor(device: Device, parameters: readonly Parameter[]) {
    this.device = device;
    this.parameters = parameters;
    this.storage = device.allocate(bytesOf(parameters), "kept");
    clear(device, this.storage); // what lies between the parameters is 0
    let byteOffset = 0;
    for (const parameter of parameters) {
      parameter.placeIn(this, byteOffset);
      byteOffset += placed(parameter.shape);
    }
  }

  /** Elements of either buffer. */
  get size(): number {
    return this.storage.byteLength / 4;
  }

  /** The gradients as they are now: those of a large table perhaps in rows, all others as one. */
  get gradients(): FlatGradients {
    return this.parameters[0]!.rowGradient ??
      inOneRow(this.device, this.gradStorage, this.size);
  }

  /** The gradients, at the places of their parameters; made when first needed. */
  get gradStorage(): StorageBuffer {
    if (!this.#gradStorage) {
      this.#gradStorage = this.device.allocate(this.storage.byteLength, "kept");
      clear(this.device, this.#gradStorage);
    }
    return this.#gradStorage;
  }
}

function clear(device: Device, storage: StorageBuffer): void {
  device.clear({ storage, byteOffset: 0, byteLength: storage.byteLength });
}

/**
 * Counts what parameters take in an arena.
 *
 * @param parameters The parameters.
 * @returns The bytes.
 */
export function bytesOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + placed(shape), 0);
}

/** Bytes that a parameter takes in an arena. */
function placed(shape: Shape): number {
  return Math.ceil(numel(shape) / BLOCK) * BLOCK * 4;
}
