/**
 * The one place that talks to WebGPU: it owns the `GPUDevice`, hands out
 * buffers, and runs kernels.
 *
 * @module
 */
import {
  type BufferBinding,
  BufferPool,
  type MemoryUse,
  type StorageBuffer,
} from "./buffer_pool.ts";
import type { Counters } from "./counters.ts";
import { DeviceLostError, toError } from "./errors.ts";
import type { Kernel, Params } from "./kernel.ts";
import {
  ClockProfiler,
  type KernelRun,
  TimestampProfiler,
} from "./profiler.ts";
import { Recorder } from "./recorder.ts";
import { Readback } from "./readback.ts";

/** Submits between two looks at which free buffers are idle. */
const SUBMITS_PER_COLLECTION = 64;

/** What a device says of itself. */
export interface DeviceInfo {
  /** For people: `NVIDIA H200 (Vulkan)`. */
  readonly description: string;
  /** Whether it runs on the processor. */
  readonly isSoftware: boolean;
  /** Threads of a subgroup, where the device was requested with them; 0 for none. */
  readonly subgroupSize: number;
}

/** A WebGPU device with its buffer scopes and compiled kernels. */
export class Device {
  /** For people: `NVIDIA H200`, or the software adapter with a warning. */
  readonly description: string;
  /** Whether the adapter runs on the processor; kernels are tuned by it. */
  readonly isSoftware: boolean;
  /** Threads whose values a kernel may exchange by subgroup operations; 0 for none. */
  readonly subgroupSize: number;
  /** Workgroups that one axis of a dispatch may have. */
  readonly maxWorkgroups: number;
  readonly #gpu: GPUDevice;
  readonly #pool: BufferPool;
  readonly #recorder: Recorder;
  readonly #readback: Readback;
  #scopes: StorageBuffer[][] = [];
  #error: Error | undefined;
  #destroyed = false;
  #collectedAt = 0;

  /** Wraps a device that was already requested; most callers want {@linkcode requestDevice}. */
  constructor(gpu: GPUDevice, info: DeviceInfo) {
    this.#gpu = gpu;
    this.description = info.description;
    this.isSoftware = info.isSoftware;
    this.subgroupSize = info.subgroupSize;
    this.maxWorkgroups = gpu.limits.maxComputeWorkgroupsPerDimension;
    this.#pool = new BufferPool(gpu);
    this.#recorder = new Recorder(gpu, this.#pool, this);
    this.#readback = new Readback(gpu, this.#recorder, () => this.#error);
    // WebGPU reports a bad shader or binding only here, and runs on with
    // zeros: keep the first such error and throw it at the next read.
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#error ??= toError((event as GPUUncapturedErrorEvent).error);
    });
    gpu.lost.then(({ message, reason }) => {
      if (this.#destroyed) return;
      this.#error ??= new DeviceLostError(
        `Cannot go on: the GPU device was lost (${
          message || reason
        }); restart the run, with a smaller batch if memory ran out`,
      );
    });
  }

  /** What buffers and textures hold now, and held at most. */
  get memory(): MemoryUse {
    return this.#pool.memory;
  }

  /** What the device has done: dispatches, submits, waits, live buffers and the like. */
  get counters(): Counters & { buffers: number; liveBuffers: number } {
    return {
      ...this.#recorder.counters,
      buffers: this.#pool.buffersMade,
      liveBuffers: this.#pool.liveBuffers,
    };
  }

  /** How many times a buffer was handed out. */
  get allocations(): number {
    return this.#pool.allocations;
  }

  /** The most bytes that one binding, and so one tensor, may have. */
  get maxBindingBytes(): number {
    return this.#pool.maxBytes;
  }

  /**
   * Allocates a storage buffer with undefined content.
   *
   * @param byteLength Its size.
   * @param lifetime `"scope"`: given back when the innermost open scope ends;
   * `"kept"`: lives until {@linkcode Device.release}; a buffer: as long as that one.
   * @param forUpload Whether the host is about to write to it.
   * @returns The buffer.
   * @throws {OutOfMemoryError} If the device allows no buffer that large.
   */
  allocate(
    byteLength: number,
    lifetime: "scope" | "kept" | StorageBuffer = "scope",
    forUpload = false,
  ): StorageBuffer {
    this.#throwIfGone();
    const owner = lifetime === "scope"
      ? this.#scopes.at(-1)
      : lifetime === "kept"
      ? undefined
      : lifetime.owner;
    const buffer = this.#pool.allocate(byteLength, this.#recorder.serial, {
      exact: owner === undefined,
      unused: forUpload,
    });
    buffer.owner = owner;
    owner?.push(buffer);
    return buffer;
  }

  /** Gives a buffer back before its scope ends. */
  release(buffer: StorageBuffer): void {
    const { owner } = buffer;
    if (owner) owner.splice(owner.lastIndexOf(buffer), 1);
    this.#pool.release(buffer);
  }

  /**
   * Opens a scope: every tensor made until it closes is freed with it. One
   * training step is one scope, and the end of the outermost scope submits
   * what the step recorded.
   *
   * @returns A handle for `using`.
   *
   * @example
   * ```ts ignore
   * using _step = device.scope();
   * ```
   */
  scope(): Disposable {
    const buffers: StorageBuffer[] = [];
    this.#scopes.push(buffers);
    return {
      [Symbol.dispose]: () => {
        const i = this.#scopes.lastIndexOf(buffers);
        if (i < 0) return; // disposed before
        this.#scopes.splice(i, 1);
        if (this.#scopes.length === 0) this.submit();
        while (buffers.length > 0) this.#pool.release(buffers.pop()!);
      },
    };
  }

  /**
   * Records one run of a kernel.
   *
   * @param kernel The kernel.
   * @param operands What its bindings show, in `@binding` order.
   * @param params The fields of its `Params`.
   * @param x Workgroups along x.
   * @param y Workgroups along y.
   * @param z Workgroups along z.
   * @throws {RangeError} If an axis has more workgroups than the device allows.
   */
  dispatch(
    kernel: Kernel,
    operands: readonly BufferBinding[],
    params: Params,
    x: number,
    y = 1,
    z = 1,
  ): void {
    if (Math.max(x, y, z) > this.maxWorkgroups) {
      throw new RangeError(
        `Cannot dispatch "${kernel.label}" over ${x} x ${y} x ${z} workgroups: an axis holds at most ${this.maxWorkgroups}`,
      );
    }
    this.#throwIfGone();
    if (x * y * z > 0) {
      this.#recorder.dispatch(kernel, operands, params, [x, y, z]);
    }
  }

  /** Records a copy of `source` to the start of `target`. */
  copy(source: BufferBinding, target: BufferBinding): void {
    const { byteLength } = source;
    if (byteLength === 0) return;
    if (source.storage !== target.storage) {
      return this.#recorder.copy(source, target);
    }
    // WebGPU copies from one buffer to another only.
    const storage = this.allocate(byteLength);
    const between = { storage, byteOffset: 0, byteLength };
    this.#recorder.copy(source, between);
    this.#recorder.copy(between, target);
    this.release(storage);
  }

  /** Records zeros over `target`. */
  clear(target: BufferBinding): void {
    if (target.byteLength > 0) this.#recorder.clear(target);
  }

  /** Copies host values into `target`. */
  upload(target: BufferBinding, values: ArrayBufferView<ArrayBuffer>): void {
    this.#throwIfGone();
    if (values.byteLength === 0) return; // Deno's writeBuffer panics
    this.#recorder.upload(
      target,
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  }

  /** Hands everything recorded so far to the GPU, without waiting for it. */
  submit(): void {
    this.#recorder.submit();
    this.#readback.afterSubmit();
    const { submits } = this.#recorder.counters;
    if (submits - this.#collectedAt >= SUBMITS_PER_COLLECTION) {
      this.#collectedAt = submits;
      this.#recorder.forgetBindGroups(this.#pool.collect());
    }
  }

  /**
   * Copies a part of a buffer to the host; submits and waits for the GPU.
   *
   * @param source What to read.
   * @returns Its bytes.
   * @throws {Error} If a shader did not compile or a dispatch was not valid since the last read.
   * @throws {OutOfMemoryError} If the device ran out of memory.
   * @throws {DeviceLostError} If the device was lost or destroyed.
   */
  async read(source: BufferBinding): Promise<ArrayBuffer> {
    this.#throwIfGone();
    const staging = this.#gpu.createBuffer({
      label: "read",
      size: Math.max(4, source.byteLength),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    if (source.byteLength > 0) this.#recorder.copyOut(source, staging);
    this.submit();
    this.#recorder.counters.waits++;
    try {
      await staging.mapAsync(GPUMapMode.READ);
    } catch (cause) {
      this.#throwError();
      throw new DeviceLostError("Cannot read from the GPU", { cause });
    }
    this.#throwError();
    const bytes = staging.getMappedRange().slice(0, source.byteLength);
    staging.destroy();
    return bytes;
  }

  /**
   * Reads an f32 scalar as it is at this point of the recorded work, without
   * waiting: the value arrives with others after {@linkcode Device.flushReads},
   * which runs by itself every few dozen scalars.
   *
   * @param scalar The scalar.
   * @returns Its value, later.
   */
  readLater(scalar: BufferBinding): Promise<number> {
    return this.#readback.push(scalar);
  }

  /**
   * Asks for the scalars of {@linkcode Device.readLater} that are still on the
   * GPU.
   *
   * @returns When all of them have arrived.
   * @throws {Error} As {@linkcode Device.read}.
   */
  async flushReads(): Promise<void> {
    const arrived = this.#readback.flush();
    this.submit();
    await arrived;
    this.#throwError();
  }

  /**
   * Times every kernel that `work` runs. Each gets a pass of its own, or where
   * the device has no timestamps a submit of its own: this shows where time
   * goes, and takes longer than the work alone.
   *
   * @param work Records the work.
   * @returns The runs, in order.
   */
  async profile(work: () => void): Promise<KernelRun[]> {
    this.submit();
    const Profiler = this.#gpu.features.has("timestamp-query")
      ? TimestampProfiler
      : ClockProfiler;
    const profiler = new Profiler(this.#gpu, () => this.submit());
    this.#recorder.profiler = profiler;
    try {
      work();
    } finally {
      this.#recorder.profiler = undefined;
    }
    const runs = await profiler.finish();
    this.#throwError();
    return runs;
  }

  /** Frees the device and everything on it. */
  destroy(): void {
    this.#destroyed = true;
    this.#gpu.destroy();
  }

  /** As {@linkcode Device.destroy}, for `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  #throwIfGone(): void {
    if (this.#destroyed) {
      throw new DeviceLostError("Cannot use a device that was destroyed");
    }
    if (this.#error instanceof DeviceLostError) throw this.#error;
  }

  #throwError(): void {
    const error = this.#error;
    if (!(error instanceof DeviceLostError)) this.#error = undefined;
    if (error) throw error;
  }
}
