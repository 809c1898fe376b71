/**
 * The uniform buffer with the `Params` of the recorded dispatches.
 *
 * @module
 */
import type { Kernel, Params } from "./kernel.ts";

/**
 * Bytes of `Params` that one submit can have: 2048 dispatches. Under Dawn, lavapipe of
 * Mesa 25 maps memory 16 times per dispatch of a submit, and crashes with 65530 mappings.
 */
const CAPACITY = 1 << 19;

/** `Params`, one after the other, and the buffer that they are written to. */
export class ParamsBuffer {
  /** The buffer. */
  readonly gpu: GPUBuffer;
  readonly #alignment: number;
  readonly #view = new DataView(new ArrayBuffer(CAPACITY));
  #length = 0;

  /** Allocates the buffer. */
  constructor(gpu: GPUDevice) {
    const { limits } = gpu;
    this.#alignment = Math.max(
      limits.minUniformBufferOffsetAlignment,
      limits.minStorageBufferOffsetAlignment,
    );
    this.gpu = gpu.createBuffer({
      label: "params",
      size: CAPACITY,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.STORAGE |
        GPUBufferUsage.COPY_DST,
    });
  }

  /** Those of the recorded dispatches. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#view.buffer, 0, this.#length);
  }

  /** Whether there is space for those of one more dispatch. */
  fits({ paramsByteLength }: Kernel): boolean {
    return this.#length + paramsByteLength <= CAPACITY;
  }

  /** Adds those of a dispatch; returns where they start, in bytes, or `undefined` if the kernel has none. */
  push(kernel: Kernel, params: Params): number | undefined {
    if (kernel.paramsByteLength === 0) return undefined;
    const offset = this.#length;
    kernel.packParams(params, this.#view, offset);
    const end = offset + kernel.paramsByteLength;
    this.#length = Math.ceil(end / this.#alignment) * this.#alignment;
    return offset;
  }

  /** Removes all. */
  clear(): void {
    this.#length = 0;
  }
}
