/**
 * Trainable tensors, and the arenas that they lie in.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/buffer_pool.ts";
import type { Device } from "../gpu/device.ts";
import { numel, type Place, type Shape, Tensor } from "../tensor/tensor.ts";

/** Elements of a block: parameters begin at multiples of it, which every adapter can bind. */
export const BLOCK = 64;

/** How a {@linkcode Parameter} is made. */
export interface ParameterOptions {
  /**
   * Whether rows are looked up and not multiplied, so that it is kept apart.
   *
   * @default false
   */
  isTable?: boolean;
}

/**
 * A tensor that training changes. Its memory is found when it is first needed,
 * or together with that of others by {@linkcode placeParameters}; its initial
 * values are computed at its first use, unless others were loaded before.
 */
export class Parameter extends Tensor {
  /** Whether rows are looked up and not multiplied. */
  readonly isTable: boolean;
  #arena: ParameterArena | undefined;
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
  get arena(): ParameterArena {
    return this.#arena ??= new ParameterArena(this.device, [this]);
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
        storage: this.arena.storage,
        byteOffset: this.byteOffset,
        byteLength: this.byteLength,
      },
      values,
    );
  }

  /** Moves it into an arena; called by the arena. */
  placeIn(arena: ParameterArena, byteOffset: number): void {
    this.#arena = arena;
    this.settle(arena.storage, byteOffset);
  }

  /** Whether it has a place already. */
  get isPlaced(): boolean {
    return this.#arena !== undefined;
  }

  /** Takes an arena of its own. */
  protected override findPlace(): Place {
    const { storage } = this.arena;
    return { storage, byteOffset: 0, generation: storage.generation };
  }

  /** Its place among the gradients of its arena. */
  protected override makeGradStorage(): Tensor {
    this.#initialize(); // what has a gradient is changed in its place
    return new Tensor(this.device, this.shape, {
      storage: this.arena.gradStorage,
      byteOffset: this.byteOffset,
    });
  }

  #initialize(): void {
    const init = this.#init;
    if (!init) return;
    const values = new Float32Array(this.size);
    init(values);
    void this.arena; // its place: they are loaded there now
    this.load(values);
  }
}

/** One buffer for many parameters, and one of the same layout for their gradients. */
export class ParameterArena {
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
 * Places parameters that have no place yet: lookup tables, matrices and vectors
 * in arenas of their own, so that an optimizer runs over a few buffers instead
 * of hundreds of tensors. The parameters of one layer stay side by side.
 *
 * @param parameters The parameters, with their names in a model.
 */
export function placeParameters(
  parameters: Iterable<readonly [name: string, parameter: Parameter]>,
): void {
  const kinds = new Map<string, { layers: Parameter[][]; last: string }>();
  for (const [name, parameter] of parameters) {
    if (parameter.isPlaced) continue;
    const kind = parameter.isTable
      ? "table"
      : parameter.shape.length > 1
      ? "matrix"
      : "vector";
    const layer = name.split(".").slice(0, -2).join(".");
    const group = kinds.get(kind) ?? { layers: [[]], last: layer };
    kinds.set(kind, group);
    if (layer !== group.last) group.layers.push([]);
    group.last = layer;
    group.layers.at(-1)!.push(parameter);
  }
  for (const { layers } of kinds.values()) placeLayers(layers);
}

/**
 * Fills one arena after the other, up to what a device can bind; only a layer
 * that is larger than that is divided.
 */
function placeLayers(layers: readonly (readonly Parameter[])[]): void {
  let next: Parameter[] = [];
  const close = () => {
    if (next.length > 0) new ParameterArena(next[0]!.device, next);
    next = [];
  };
  const fits = (parameters: readonly Parameter[]) =>
    bytesOf(parameters) <= parameters[0]!.device.maxBindingBytes;
  for (
    const part of layers.flatMap((layer) =>
      fits(layer) ? [layer] : layer.map((parameter) => [parameter])
    )
  ) {
    if (!fits([...next, ...part])) close();
    next.push(...part);
  }
  close();
}

/** Bytes that parameters take in an arena. */
function bytesOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + placed(shape), 0);
}

/** Bytes that a parameter takes in an arena. */
function placed(shape: Shape): number {
  return Math.ceil(numel(shape) / BLOCK) * BLOCK * 4;
}
