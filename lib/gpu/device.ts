/**
 * The WebGPU device: it owns the `GPUDevice`, allocates buffers, and runs
 * kernels.
 *
 * @module
 */
import { BufferPool, type MemoryUse } from "./buffer_pool.ts";
import type { Counters } from "./counters.ts";
import { DeviceErrors } from "./device_errors.ts";
import type { DeviceInfo } from "./device_info.ts";
import type { Kernel, Params } from "./kernel.ts";
import { type KernelRun, profileWork } from "./profiler.ts";
import { LeakWatch } from "./leak_watch.ts";
import { Recorder } from "./recorder.ts";
import { type MappedBytes, Readback } from "./readback.ts";
import { Scopes } from "./scopes.ts";
import { splitCopy, splitRange, splitUpload } from "./shards.ts";
import type { BufferBinding, StorageBuffer } from "./storage_buffer.ts";
import { Tuning } from "./tuning.ts";
import { WorkQueue } from "./work_queue.ts";

/** Submits between two sweeps that destroy idle free buffers. */
const SUBMITS_PER_SWEEP = 64;

/** A WebGPU device with its buffers, scopes and compiled kernels. */
export class Device {
  /** Name of the adapter, such as `NVIDIA H200`, with a warning if it is a software adapter. */
  readonly description: string;
  /** Whether the kernels for software adapters are used, which run on the CPU. */
  readonly isSoftware: boolean;
  /** Number of threads in a subgroup; 0 if kernels cannot use subgroup operations. */
  readonly subgroupSize: number;
  /** Whether WGSL with subgroup operations needs the directive `enable subgroups`. */
  readonly enablesSubgroups: boolean;
  /** Whether kernels can use f16: the adapter has `shader-f16`. */
  readonly hasFloat16: boolean;
  /** Tiles of products that were chosen on this device. */
  readonly tuning: Tuning;
  /** Largest number of workgroups along one axis of a dispatch. */
  readonly maxWorkgroups: number;
  readonly #gpu: GPUDevice;
  readonly #errors: DeviceErrors;
  readonly #queue: WorkQueue;
  readonly #pool: BufferPool;
  readonly #recorder: Recorder;
  readonly #readback: Readback;
  readonly #leaks = new LeakWatch();
  readonly #scopes = new Scopes();
  #sweptAt = 0;

  /** Wraps a `GPUDevice` that was requested elsewhere; most callers want {@linkcode requestDevice}. */
  constructor(gpu: GPUDevice, info: DeviceInfo) {
    this.#gpu = gpu;
    this.description = info.description;
    this.isSoftware = info.isSoftware;
    this.subgroupSize = info.subgroupSize;
    this.enablesSubgroups = info.enablesSubgroups ?? false;
    this.hasFloat16 = info.hasFloat16 ?? false;
    this.tuning = new Tuning(info.isSoftware ? "none" : info.tuning ?? "none");
    this.maxWorkgroups = gpu.limits.maxComputeWorkgroupsPerDimension;
    this.#errors = new DeviceErrors(gpu);
    this.#queue = new WorkQueue(gpu, this.#errors);
    this.#pool = new BufferPool(gpu, this.#queue);
    this.#recorder = new Recorder(
      gpu,
      this.#pool,
      this.#queue,
      this.#errors,
      this,
    );
    this.#readback = new Readback(gpu, this.#recorder, this.#errors);
  }

  /** Current and peak memory use, in bytes. */
  get memory(): MemoryUse {
    return this.#pool.memory;
  }

  /** Destroys free buffers, now and before others are made, while more bytes are allocated. */
  keepWithin(bytes: number): void {
    this.#pool.keepWithin(bytes, this.#recorder.serial);
  }

  /** Counters of dispatches, submits, waits and so on, with the buffers created and in use. */
  get counters(): Counters & { buffers: number; liveBuffers: number } {
    return {
      ...this.#recorder.counters,
      buffers: this.#pool.buffersMade,
      liveBuffers: this.#pool.liveBuffers,
    };
  }

  /** Number of buffer allocations so far. */
  get allocations(): number {
    return this.#pool.allocations;
  }

  /** Largest size of a binding, and so of a tensor that is no parameter, in bytes. */
  get maxBindingBytes(): number {
    return this.#pool.maxBytes;
  }

  /**
   * Allocates a storage buffer with undefined content.
   *
   * @param byteLength Size, in bytes.
   * @param lifetime `"scope"`: released when the innermost open scope ends;
   * `"kept"`: lives until {@linkcode Device.release}; a buffer: as long as that buffer.
   * @param purpose `"upload"`: the host is about to write to it; `"save"`: it saves memory,
   * so that it is hardly larger than needed.
   * @returns The buffer.
   * @throws {OutOfMemoryError} If the device cannot bind a buffer that large.
   * @throws {DeviceLostError} If the device was lost or destroyed.
   */
  allocate(
    byteLength: number,
    lifetime: "scope" | "kept" | StorageBuffer = "scope",
    purpose?: "upload" | "save",
  ): StorageBuffer {
    this.#errors.throwIfGone();
    const owner = lifetime === "scope"
      ? this.#scopes.innermost
      : lifetime === "kept"
      ? undefined
      : lifetime.owner;
    const buffer = this.#pool.allocate(byteLength, this.#recorder.serial, {
      exact: owner === undefined,
      unused: purpose === "upload",
      ...purpose === "save" && { largest: 1.25 },
    });
    buffer.owner = owner;
    owner?.push(buffer);
    if (lifetime === "scope" && !owner) this.#leaks.allocated(buffer);
    return buffer;
  }

  /**
   * Allocates a storage buffer for rows that lives until {@linkcode Device.release},
   * with undefined content. If it is larger than a binding, it is split into shards of whole rows.
   *
   * @param byteLength Size, in bytes.
   * @param rowBytes Size of a row, in bytes.
   * @returns The buffer.
   * @throws {RangeError} If the device cannot bind a shard of even a few rows.
   * @throws {DeviceLostError} If the device was lost or destroyed.
   */
  allocateRows(byteLength: number, rowBytes: number): StorageBuffer {
    this.#errors.throwIfGone();
    const { serial } = this.#recorder;
    return this.#pool.allocateRows(byteLength, rowBytes, serial);
  }

  /** Releases a buffer before its scope ends. */
  release(buffer: StorageBuffer): void {
    const { owner } = buffer;
    if (owner) owner.splice(owner.lastIndexOf(buffer), 1);
    else this.#leaks.released(buffer);
    this.#pool.release(buffer);
  }

  /** Moves a buffer from the innermost scope to the one around it, if it is there. */
  moveToOuterScope(buffer: StorageBuffer): void {
    const { innermost, outer } = this.#scopes;
    if (!innermost || buffer.owner !== innermost) return;
    innermost.splice(innermost.lastIndexOf(buffer), 1);
    buffer.owner = outer;
    outer?.push(buffer);
  }

  /** Counts a training step, to warn of a loop without scopes; called by `backward()`. */
  countStep(): void {
    this.#leaks.step(this.#scopes.depth);
  }

  /**
   * Opens a scope: tensors made in it are freed when it ends. One training step
   * is one scope; the end of the outermost scope submits the recorded commands.
   *
   * @returns A handle that ends the scope, for `using`.
   *
   * @example
   * ```ts ignore
   * using _step = device.scope();
   * ```
   */
  scope(): Disposable {
    return this.#scopes.open((buffers) => {
      if (this.#scopes.depth === 0) this.submit();
      while (buffers.length > 0) this.#pool.release(buffers.pop()!);
    });
  }

  /**
   * Records a dispatch of a kernel.
   *
   * @param kernel The kernel.
   * @param operands The buffers to bind, in `@binding` order.
   * @param params The fields of its `Params`.
   * @param x Number of workgroups along x.
   * @param y Number of workgroups along y.
   * @param z Number of workgroups along z.
   * @throws {RangeError} If an axis has more workgroups than {@linkcode Device.maxWorkgroups},
   * an operand is not aligned, or one buffer is both read and written.
   * @throws {TypeError} If the number of operands is wrong or a parameter has no value.
   * @throws {DeviceLostError} If the device was lost or destroyed.
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
        `Cannot dispatch "${kernel.label}" over ${x} x ${y} x ${z} workgroups: an axis has at most ${this.maxWorkgroups}`,
      );
    }
    this.#errors.throwIfGone();
    if (x * y * z > 0) {
      this.#recorder.dispatch(kernel, operands, params, [x, y, z]);
    }
  }

  /**
   * Compiles kernels, all at once, so that their first dispatch need not wait.
   *
   * @param kernels The kernels; those that are compiled cost nothing.
   * @throws {Error} If one does not compile; the next read throws the error again.
   * @throws {DeviceLostError} If the device was lost or destroyed.
   */
  async compile(kernels: readonly Kernel[]): Promise<void> {
    this.#errors.throwIfGone();
    if (await this.#recorder.compile(kernels) === false) this.#errors.check();
  }

  /** Records a copy of all bytes of `source` to the start of `target`; they may overlap. */
  copy(source: BufferBinding, target: BufferBinding): void {
    const { byteLength } = source;
    if (byteLength === 0) return;
    if (source.storage !== target.storage) {
      for (const [from, to] of splitCopy(source, target)) {
        this.#recorder.copy(from, to);
      }
      return;
    }
    // WebGPU cannot copy within one buffer.
    const storage = this.allocate(byteLength);
    const temporary = { storage, byteOffset: 0, byteLength };
    this.#recorder.copy(source, temporary);
    this.#recorder.copy(temporary, target);
    this.release(storage);
  }

  /** Records a clear of `target` to zeros. */
  clear(target: BufferBinding): void {
    if (target.byteLength === 0) return;
    for (const part of splitRange(target)) this.#recorder.clear(part);
  }

  /** Copies host values to the start of `target`, after everything recorded so far. */
  upload(target: BufferBinding, values: ArrayBufferView<ArrayBuffer>): void {
    this.#errors.throwIfGone();
    if (values.byteLength === 0) return; // Deno's writeBuffer panics
    for (const [part, bytes] of splitUpload(target, values)) {
      this.#recorder.upload(part, bytes);
    }
  }

  /**
   * Submits everything recorded so far, without waiting for the GPU. Where kernels of
   * it have no pipeline yet, these are made at once, and it runs when they are.
   */
  submit(): void {
    this.#recorder.submit();
    this.#readback.afterSubmit();
    const { submits } = this.#recorder.counters;
    if (submits - this.#sweptAt >= SUBMITS_PER_SWEEP) {
      this.#sweptAt = submits;
      this.#recorder.evictBindGroups(this.#pool.destroyIdle());
    }
  }

  /**
   * Copies a range of a buffer to the host; submits and waits for the GPU.
   *
   * @param source The range to read.
   * @returns Its bytes.
   * @throws {Error} If a shader failed to compile or a dispatch was invalid since the last read.
   * @throws {OutOfMemoryError} If the device ran out of memory.
   * @throws {DeviceLostError} If the device was lost or destroyed.
   */
  async read(source: BufferBinding): Promise<ArrayBuffer> {
    this.#errors.throwIfGone();
    return await this.#readback.read(source, () => this.submit());
  }

  /**
   * Maps ranges of buffers for the host, faster than {@linkcode Device.read} where reads
   * of that size repeat. Submits the commands that they depend on: those recorded after the
   * last write to a range wait for the next submit.
   *
   * @param sources The ranges to read, each in one shard.
   * @returns The bytes of each, to be unmapped after their use.
   * @throws {Error} As {@linkcode Device.read}.
   */
  map(sources: readonly BufferBinding[]): Promise<MappedBytes>[] {
    this.#errors.throwIfGone();
    return this.#readback.map(sources);
  }

  /**
   * Queues a read of an f32 scalar, as of this point of the recorded commands,
   * without waiting. Queued scalars are read back together, by
   * {@linkcode Device.flushReads} or once 32 are queued.
   *
   * @param scalar The scalar, 4 bytes.
   * @returns Its value, once it was read back. The promise rejects as {@linkcode Device.read} does.
   */
  readLater(scalar: BufferBinding): Promise<number> {
    return this.#readback.push(scalar);
  }

  /**
   * Reads back all scalars queued by {@linkcode Device.readLater}; submits and
   * waits for the GPU.
   *
   * @returns A promise that resolves once their values are available.
   * @throws {Error} As {@linkcode Device.read}.
   */
  async flushReads(): Promise<void> {
    const flushed = this.#readback.flush();
    this.submit();
    await flushed;
    this.#errors.throwFirst();
  }

  /**
   * Times every kernel that `work` dispatches. Each dispatch gets its own compute
   * pass, or its own submit if the device has no timestamps, so that the total
   * is longer than the time of the work without profiling.
   *
   * @param work A function that dispatches kernels.
   * @param repeats Number of times that each dispatch runs, one after the other, for
   * kernels that are shorter than the clock can tell. A kernel that adds to its
   * result adds that often.
   * @returns The dispatches with the times of one run in ms, in order.
   * @throws {RangeError} If `repeats` is not a positive integer.
   * @throws {Error} As {@linkcode Device.read}, which throws it again.
   */
  async profile(work: () => void, repeats = 1): Promise<KernelRun[]> {
    return await profileWork(work, repeats, {
      gpu: this.#gpu,
      errors: this.#errors,
      recorder: this.#recorder,
      submit: () => this.submit(),
      whenIdle: (then) => this.#queue.whenIdle(then),
    });
  }

  /**
   * Records commands and drops them: what they need is allocated, nothing runs. Buffers that
   * are made and kept are zeros, the others do not change. No tiles are measured for it.
   *
   * @param work A function that records commands.
   * @throws {Error} As {@linkcode Device.read}.
   */
  async dryRun(work: () => void): Promise<void> {
    this.submit();
    this.#recorder.isDry = this.tuning.isPaused = true;
    try {
      work();
      this.submit();
    } finally {
      this.#recorder.isDry = this.tuning.isPaused = false;
    }
    using _scope = this.scope();
    const storage = this.allocate(4); // a buffer that was not made is an event before a read
    await this.read({ storage, byteOffset: 0, byteLength: 4 });
  }

  /** Destroys the device and frees all its memory. */
  destroy(): void {
    this.#errors.destroy();
    this.#queue.close();
    this.#gpu.destroy();
  }

  /** Calls {@linkcode Device.destroy}, for `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }
}
