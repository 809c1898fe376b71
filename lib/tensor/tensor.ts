/**
 * An n-dimensional array on the GPU.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/buffer_pool.ts";
import type { Device } from "../gpu/device.ts";
import type { BufferBinding } from "../gpu/buffer_pool.ts";
import { backward } from "./autograd.ts";

/** Sizes of a tensor's dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** What a tensor's 4-byte elements are. */
export type Dtype = "f32" | "i32" | "u32";

/** Where an op may put the gradient of an input. */
export interface GradSlot {
  /** A tensor of the input's shape. */
  readonly tensor: Tensor;
  /** Whether to add to what it holds, rather than to overwrite it. */
  readonly accumulate: boolean;
  /**
   * Takes the gradient of a few rows instead, where the input is a table
   * `[V, H]` that can keep it so: the others have none then.
   *
   * @param ids Their numbers, each once.
   * @returns Zeros `[more than ids.length, H]`: row i + 1 is for the gradient of row `ids[i]`, row 0
   * stays as it is. The op returns `undefined` for this input. `undefined` if the rows are too many.
   */
  readonly takeRows?: (ids: ArrayLike<number>) => Tensor | undefined;
}

/** How a tensor was made: what {@linkcode Tensor.backward} needs to go back through it. */
export interface GradFn {
  /** The op's name, for error messages. */
  readonly name: string;
  /** The tensors the op read. */
  readonly inputs: readonly Tensor[];
  /**
   * Maps the gradient of the output to one gradient per input, in order;
   * `undefined` where none is needed, or it has written the rows that it took.
   * An op that has written an input's gradient into its slot returns the slot's
   * tensor.
   */
  readonly backward: (
    dOut: Tensor,
    slots: readonly (GradSlot | undefined)[],
  ) => readonly (Tensor | undefined)[];
}

/** How to make a tensor. */
export interface TensorOptions {
  /**
   * What the elements are.
   *
   * @default "f32"
   */
  dtype?: Dtype;
  /**
   * Whether `backward()` should compute a gradient for it.
   *
   * @default false
   */
  requiresGrad?: boolean;
  /** An existing buffer to look into, instead of a new one; `"later"` leaves it open. */
  storage?: StorageBuffer | "later";
  /**
   * Where in `storage` the tensor begins, in bytes.
   *
   * @default 0
   */
  byteOffset?: number;
  /**
   * How long a new buffer lives: until the innermost scope ends, until it is
   * disposed, or as long as another buffer.
   *
   * @default "scope"
   */
  lifetime?: "scope" | "kept" | StorageBuffer;
  /**
   * Whether the host is about to write the values.
   *
   * @default false
   */
  forUpload?: boolean;
}

/** Where a tensor's data lies. */
export interface Place {
  /** The buffer. */
  readonly storage: StorageBuffer;
  /** Where in the buffer, in bytes. */
  readonly byteOffset: number;
  /** The buffer's generation when the tensor was made. */
  readonly generation: number;
}

/** A dense, row-major array of 4-byte elements in a GPU buffer. */
export class Tensor implements BufferBinding {
  /** The device that holds the data. */
  readonly device: Device;
  /** Sizes of the dimensions. */
  readonly shape: Shape;
  /** What the elements are. */
  readonly dtype: Dtype;
  /** Whether `backward()` should compute a gradient for this tensor. */
  requiresGrad: boolean;
  /** How this tensor was made; `undefined` for a leaf. */
  gradFn: GradFn | undefined;
  #place: Place | undefined;
  readonly #ownsStorage: boolean;
  #grad: Tensor | undefined;
  #gradStorage: Tensor | undefined;

  /** Makes a tensor with undefined content; see {@linkcode fromArray} for one with values. */
  constructor(device: Device, shape: Shape, options: TensorOptions = {}) {
    this.device = device;
    this.shape = shape;
    this.dtype = options.dtype ?? "f32";
    this.requiresGrad = options.requiresGrad ?? false;
    this.#ownsStorage = options.storage === undefined;
    if (options.storage !== "later") {
      this.settle(
        options.storage ??
          device.allocate(
            4 * numel(shape),
            options.lifetime,
            options.forUpload,
          ),
        options.byteOffset ?? 0,
      );
    }
  }

  /** How many elements it has. */
  get size(): number {
    return numel(this.shape);
  }

  /** Its length in bytes. */
  get byteLength(): number {
    return 4 * this.size;
  }

  /**
   * The buffer that holds the data.
   *
   * @throws {ReferenceError} If the tensor was disposed or its scope has ended.
   */
  get storage(): StorageBuffer {
    const { storage, generation } = this.#place ?? this.findPlace();
    if (storage.generation !== generation) {
      throw new ReferenceError(
        `Cannot use a tensor of shape [${this.shape}]: it was disposed, or the scope that it was made in has ended; make it outside the scope to keep it`,
      );
    }
    return storage;
  }

  /** Where in {@linkcode Tensor.storage} the data begins, in bytes. */
  get byteOffset(): number {
    return (this.#place ?? this.findPlace()).byteOffset;
  }

  /** Says where the data lies. */
  protected settle(storage: StorageBuffer, byteOffset: number): Place {
    return this.#place = {
      storage,
      byteOffset,
      generation: storage.generation,
    };
  }

  /** Finds a place for data that was left for later. */
  protected findPlace(): Place {
    return this.settle(this.device.allocate(this.byteLength, "kept"), 0);
  }

  /** Whether it was disposed or its scope has ended. */
  get isDisposed(): boolean {
    return this.#place !== undefined &&
      this.#place.storage.generation !== this.#place.generation;
  }

  /** The gradient of a leaf, of its shape; `undefined` before `backward()` and after `zeroGrad()`. */
  get grad(): Tensor | undefined {
    return this.#grad;
  }

  /** Assigns a gradient, or clears it. */
  set grad(grad: Tensor | undefined) {
    if (grad && !sameShape(grad.shape, this.shape)) {
      throw new RangeError(
        `Cannot assign a gradient of shape [${grad.shape}] to a tensor of shape [${this.shape}]`,
      );
    }
    this.#grad = grad;
  }

  /** Whether it has a gradient; asking this makes nothing, as reading `grad` may. */
  get hasGrad(): boolean {
    return this.#grad !== undefined;
  }

  /**
   * The place where this leaf's gradient is kept; it lives as long as the leaf.
   * A gradient that was assigned is copied there first.
   *
   * @returns The place, and whether it holds a gradient to add to.
   */
  gradSlot(): GradSlot {
    const tensor = this.#gradStorage ??= this.makeGradStorage();
    const accumulate = this.#grad !== undefined;
    if (this.#grad && this.#grad !== tensor) {
      this.device.copy(this.#grad, tensor);
      this.#grad = tensor;
    }
    return { tensor, accumulate };
  }

  /** Makes the tensor that holds this leaf's gradient. */
  protected makeGradStorage(): Tensor {
    return new Tensor(this.device, this.shape, { lifetime: this.storage });
  }

  /**
   * Computes the gradient of this scalar for every leaf that it depends on,
   * and adds it to the leaf's `grad`.
   *
   * @param dOut Gradient of the loss with respect to this tensor; needed where
   * it is no scalar.
   * @throws {RangeError} If the tensor has more than one element and `dOut` is not given.
   * @throws {Error} If nothing that it was made from requires a gradient.
   */
  backward(dOut?: Tensor): void {
    if (!dOut && this.size !== 1) {
      throw new RangeError(
        `Cannot go back from a tensor of shape [${this.shape}] without its gradient: only a scalar has one by itself`,
      );
    }
    const gradient = dOut ?? fromArray(this.device, [1], this.shape);
    backward(this, gradient);
    if (!dOut) gradient.dispose();
  }

  /** Makes a tensor of this shape with undefined content. */
  emptyLike(): Tensor {
    return new Tensor(this.device, this.shape);
  }

  /**
   * Reads the value of a one-element tensor; waits for the GPU.
   *
   * @returns The value.
   * @throws {RangeError} If it has more than one element.
   */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new RangeError(
        `Cannot take the item of a tensor of shape [${this.shape}]: it has ${this.size} elements`,
      );
    }
    return view(this.dtype, await this.device.read(this))[0]!;
  }

  /**
   * Copies the values to the host; waits for the GPU.
   *
   * @returns The values, flat and row-major.
   */
  async toArray(): Promise<Float32Array<ArrayBuffer>> {
    const values = view(this.dtype, await this.device.read(this));
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }

  /**
   * Frees the data before the scope ends, or that of a tensor made outside any
   * scope; a leaf's gradient goes with it. A view of another tensor's data
   * leaves that alone.
   */
  dispose(): void {
    if (this.#ownsStorage && this.#place && !this.isDisposed) {
      this.#gradStorage?.dispose();
      this.device.release(this.#place.storage);
    }
  }
}

/**
 * Counts the elements of a shape.
 *
 * @param shape The shape.
 * @returns The product of its sizes; 1 for a scalar.
 */
export function numel(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Compares two shapes.
 *
 * @param a One.
 * @param b The other.
 * @returns Whether they have the same sizes.
 */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/**
 * Uploads host values. Made outside a scope, the tensor lives until it is
 * disposed.
 *
 * @param device Where to put them.
 * @param values The values, row-major.
 * @param shape The shape.
 * @param options Element type, and whether the tensor is a leaf that needs a gradient.
 * @returns The tensor.
 * @throws {RangeError} If `values` does not have as many elements as `shape`.
 */
export function fromArray(
  device: Device,
  values: ArrayLike<number>,
  shape: Shape,
  options: TensorOptions = {},
): Tensor {
  if (values.length !== numel(shape)) {
    throw new RangeError(
      `Cannot make a tensor of shape [${shape}] from ${values.length} values: it holds ${
        numel(shape)
      }`,
    );
  }
  const tensor = new Tensor(device, shape, { ...options, forUpload: true });
  const Values = ARRAYS[tensor.dtype];
  device.upload(
    tensor,
    values instanceof Values && values.buffer instanceof ArrayBuffer
      ? values as Float32Array<ArrayBuffer>
      : Values.from(values),
  );
  return tensor;
}

/**
 * Makes a tensor of zeros.
 *
 * @param device Where.
 * @param shape The shape.
 * @param options Element type, and whether it needs a gradient.
 * @returns The tensor.
 */
export function zeros(
  device: Device,
  shape: Shape,
  options: TensorOptions = {},
): Tensor {
  const tensor = new Tensor(device, shape, options);
  device.clear(tensor);
  return tensor;
}

const ARRAYS = { f32: Float32Array, i32: Int32Array, u32: Uint32Array };

function view(
  dtype: Dtype,
  bytes: ArrayBuffer,
): Float32Array<ArrayBuffer> | Int32Array | Uint32Array {
  return new ARRAYS[dtype](bytes);
}
