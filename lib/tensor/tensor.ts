/**
 * An n-dimensional array on the GPU.
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import { INSPECT } from "../inspect.ts";
import type { StorageBuffer } from "../gpu/storage_buffer.ts";
import type { Device } from "../gpu/device.ts";
import type { BufferBinding } from "../gpu/storage_buffer.ts";
import { backward } from "./autograd.ts";
import { HalfStorage } from "./half_storage.ts";
import {
  type Dtype,
  TENSOR_OPTIONS,
  type TensorOptions,
} from "./tensor_options.ts";

export type { Dtype, TensorOptions };

/** Sizes of a tensor's dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Memory that an op may write the gradient of an input to. */
export interface GradSlot {
  /** The gradient, of the input's shape. */
  readonly tensor: Tensor;
  /** Whether to add to the tensor's values instead of overwriting them. */
  readonly accumulate: boolean;
  /**
   * Allocates a sparse gradient, if the input is an embedding table `[V, H]` that
   * supports it: only the rows in `ids` have a gradient then.
   *
   * @param ids Row indices of the embedding table, each once.
   * @returns Zeros, `[R, H]` with R > `ids.length`: the op writes the gradient of row `ids[i]` to
   * row i + 1, leaves row 0, and returns `undefined` for this input. `undefined` if there are too
   * many rows, or the table has a gradient already.
   */
  readonly takeRows?: (ids: ArrayLike<number>) => Tensor | undefined;
}

/** Record of the op that computed a tensor, for {@linkcode Tensor.backward}. */
export interface GradFn {
  /** Name of the op, for error messages. */
  readonly name: string;
  /** The tensors that the op read. */
  readonly inputs: readonly Tensor[];
  /** Other large tensors that `backward` reads, and no other op. */
  readonly saved?: readonly Tensor[];
  /**
   * Maps the gradient of the output to one gradient per input, in order:
   * `undefined` if the input needs none, or its sparse gradient was written to the
   * rows of `takeRows`; the slot's tensor if the gradient was written to the slot.
   */
  readonly backward: (
    dOut: Tensor,
    slots: readonly (GradSlot | undefined)[],
  ) => readonly (Tensor | undefined)[];
}

/** Record of a `checkpoint`: the backward pass computes its output again, and differentiates that. */
export interface CheckpointGradFn
  extends Pick<GradFn, "name" | "inputs" | "saved"> {
  /** Computes the output again; its ops are recorded. */
  readonly recompute: () => Tensor;
}

/** Memory of a tensor's data. */
export interface Allocation {
  /** The buffer. */
  readonly storage: StorageBuffer;
  /** Start of the data in the buffer, in bytes. */
  readonly byteOffset: number;
  /** Generation of the buffer when it was allocated; a released buffer has another one. */
  readonly generation: number;
}

/**
 * A dense, row-major array of 4-byte elements in a GPU buffer. The gradient of a
 * leaf is in its property `grad`: `undefined` before `backward()` and after
 * `zeroGrad()`, and assignable.
 */
export class Tensor implements BufferBinding {
  /** The device that holds the data. */
  readonly device: Device;
  /** Sizes of the dimensions. */
  readonly shape: Shape;
  /** Type of the elements. */
  readonly dtype: Dtype;
  /** Whether `backward()` should compute a gradient for this tensor. */
  requiresGrad: boolean;
  /** Record of the op that computed this tensor; `undefined` for a leaf. */
  gradFn: GradFn | CheckpointGradFn | undefined;
  #allocation: Allocation | undefined;
  #half: HalfStorage | undefined;
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
      this.setStorage(
        options.storage ??
          device.allocate(
            4 * numel(shape),
            options.lifetime,
            options.forUpload ? "upload" : undefined,
          ),
        options.byteOffset ?? 0,
      );
    }
  }

  /** Number of elements. */
  get size(): number {
    return numel(this.shape);
  }

  /** Size in bytes. */
  get byteLength(): number {
    return 4 * this.size;
  }

  /**
   * The buffer that holds the data.
   *
   * @throws {ReferenceError} If the tensor was disposed or its scope has ended.
   */
  get storage(): StorageBuffer {
    const { storage, generation } = this.#allocation ?? this.allocateStorage();
    if (storage.generation !== generation) {
      if (this.#half?.isAlive) {
        return this.setStorage(this.#half.full(), 0).storage;
      }
      throw new ReferenceError(
        `Cannot use a tensor of shape [${this.shape}]: it was disposed, or the scope that it was made in has ended; make it outside the scope to keep it`,
      );
    }
    return storage;
  }

  /** Start of the data in {@linkcode Tensor.storage}, in bytes. */
  get byteOffset(): number {
    return (this.#allocation ?? this.allocateStorage()).byteOffset;
  }

  /** Sets the buffer and offset of the data; a gradient beside those before is cleared. */
  protected setStorage(storage: StorageBuffer, byteOffset: number): Allocation {
    if (this.#allocation) this.#grad = this.#gradStorage = undefined;
    return this.#allocation = {
      storage,
      byteOffset,
      generation: storage.generation,
    };
  }

  /** Allocates the buffer of a tensor that was made without one. */
  protected allocateStorage(): Allocation {
    return this.setStorage(this.device.allocate(this.byteLength, "kept"), 0);
  }

  /** Whether the tensor was disposed or its scope has ended. */
  get isDisposed(): boolean {
    if (this.#half?.isAlive) return false;
    return this.#allocation !== undefined &&
      this.#allocation.storage.generation !== this.#allocation.generation;
  }

  /**
   * Keeps the data in f16 from now on. Where it is used, it is converted to f32,
   * until {@linkcode Tensor.releaseFull} or the end of the innermost scope.
   */
  keepHalf(): void {
    if (this.#half || !this.#ownsStorage || this.isDisposed) return;
    this.#half = new HalfStorage(this.device, this);
  }

  /** Releases the copy in f32 of data that is kept in f16, if there is one. */
  releaseFull(): void {
    if (this.#half?.isAlive) this.#half.releaseFull();
  }

  /**
   * Gradient of a leaf, of its shape; `undefined` before `backward()` and after
   * `zeroGrad()`. Assign a tensor to replace it, or `undefined` to clear it.
   *
   * @throws {RangeError} If a tensor of another shape is assigned.
   */
  get grad(): Tensor | undefined {
    return this.#grad;
  }

  /** Sets or clears the gradient. */
  set grad(grad: Tensor | undefined) {
    if (grad && !sameShape(grad.shape, this.shape)) {
      throw new RangeError(
        `Cannot assign a gradient of shape [${grad.shape}] to a tensor of shape [${this.shape}]`,
      );
    }
    this.#grad = grad;
  }

  /** Whether there is a gradient; unlike a read of `grad`, this never allocates memory. */
  get hasGrad(): boolean {
    return this.#grad !== undefined;
  }

  /**
   * Returns the memory of this leaf's gradient, which lives as long as the leaf.
   * An assigned gradient is copied to it first.
   *
   * @returns The slot, with `accumulate` set if the leaf has a gradient.
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

  /** Makes the tensor for this leaf's gradient. */
  protected makeGradStorage(): Tensor {
    return new Tensor(this.device, this.shape, { lifetime: this.storage });
  }

  /**
   * Computes the gradient of this tensor with respect to every leaf that it
   * depends on, and adds it to the leaf's `grad`. A second call through the same
   * graph adds it again: it does not throw, as PyTorch does.
   *
   * @param dOut Gradient of the loss with respect to this tensor, of its shape;
   * required unless it has one element.
   * @throws {RangeError} If the tensor has not exactly one element and `dOut` is not given.
   * @throws {Error} If no tensor that it was computed from requires a gradient, or gradients are off.
   */
  backward(dOut?: Tensor): void {
    if (!dOut && this.size !== 1) {
      throw new RangeError(
        `Cannot differentiate a tensor of shape [${this.shape}] without dOut: only a scalar has the default gradient 1; pass its gradient, or reduce it with sum() or mean()`,
      );
    }
    const gradient = dOut ?? fromArray(this.device, [1], this.shape);
    this.device.countStep();
    backward(this, gradient);
    if (!dOut) gradient.dispose();
  }

  /** Shape, type and origin, for `console.log`; nothing is read. */
  [INSPECT](): string {
    const { constructor: { name }, dtype, gradFn } = this;
    const parts = [`${name} [${this.shape.join(", ")}] ${dtype}`];
    if (this.requiresGrad) parts.push("requires grad");
    if (gradFn) parts.push(`from ${gradFn.name}`);
    if (this.isDisposed) parts.push("disposed");
    return parts.join(", ");
  }

  /** Makes a tensor of this shape with undefined content. */
  emptyLike(): Tensor {
    return new Tensor(this.device, this.shape);
  }

  /**
   * Reads the value of a one-element tensor; waits for the GPU.
   *
   * @returns The value.
   * @throws {RangeError} If it has not exactly one element.
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
   * @returns The values, row-major; integers are converted to floats.
   */
  async toArray(): Promise<Float32Array<ArrayBuffer>> {
    const values = view(this.dtype, await this.device.read(this));
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }

  /**
   * Frees the data and the gradient before the scope ends, or those of a tensor
   * made outside of any scope. Disposing a view does not free the data.
   */
  dispose(): void {
    if (this.#ownsStorage && this.#allocation && !this.isDisposed) {
      this.#gradStorage?.dispose();
      if (this.#half) this.#half.dispose();
      else this.device.release(this.#allocation.storage);
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
 * @param a A shape.
 * @param b Another shape.
 * @returns Whether they have the same number of dimensions and the same sizes.
 */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/**
 * Makes a tensor from host values. Outside of any scope, it lives until it is
 * disposed.
 *
 * @param device The device.
 * @param values The values, row-major.
 * @param shape The shape.
 * @param options Element type, and whether the tensor requires a gradient.
 * @returns The tensor.
 * @throws {RangeError} If the number of values differs from the number of elements of `shape`.
 * @throws {TypeError} If an option has an unknown name.
 */
export function fromArray(
  device: Device,
  values: ArrayLike<number>,
  shape: Shape,
  options: TensorOptions = {},
): Tensor {
  checkOptions("make a tensor", options, TENSOR_OPTIONS);
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
 * @param device The device.
 * @param shape The shape.
 * @param options Element type, and whether the tensor requires a gradient.
 * @returns The tensor.
 */
export function zeros(
  device: Device,
  shape: Shape,
  options: TensorOptions = {},
): Tensor {
  checkOptions("make a tensor", options, TENSOR_OPTIONS);
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
