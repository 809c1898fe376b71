/**
 * Records dispatches and copies into one command encoder, to submit them
 * together.
 *
 * @module
 */
import { BindGroups } from "./bind_groups.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { Counters } from "./counters.ts";
import type { DeviceClass, Kernel, Params } from "./kernel.ts";
import { TextureCache } from "./texture_cache.ts";
import type { Profiler } from "./profiler.ts";
import type { BufferBinding, StorageBuffer } from "./storage_buffer.ts";

/** Bytes of `Params` that one submit can have: thousands of dispatches. */
const PARAMS_CAPACITY = 1 << 20;

type Compiled = ReturnType<Kernel["compile"]>;

/** Records commands until {@linkcode Recorder.submit} runs them. */
export class Recorder {
  /** Counters of recorded and submitted commands. */
  readonly counters: Counters = {
    dispatches: 0,
    submits: 0,
    passes: 0,
    waits: 0,
    pipelines: 0,
    bindGroups: 0,
  };
  /** Serial number of the current recording; each submit starts a new one. */
  serial = 0;
  /** Times every dispatch while it is set. */
  profiler: Profiler | undefined;
  readonly #gpu: GPUDevice;
  readonly #pool: BufferPool;
  readonly #textures: TextureCache;
  readonly #deviceClass: DeviceClass;
  readonly #kernels = new Map<Kernel, Compiled>();
  readonly #bindGroups: BindGroups;
  readonly #uniform: GPUBuffer;
  readonly #params = new DataView(new ArrayBuffer(PARAMS_CAPACITY));
  readonly #paramsAlignment: number;
  #paramsLength = 0;
  // In Deno 2.9 a list of offsets takes four times as long, and an empty array panics.
  readonly #offset = new Uint32Array(1);
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;

  /** Makes a recorder for one device. */
  constructor(gpu: GPUDevice, pool: BufferPool, deviceClass: DeviceClass) {
    this.#gpu = gpu;
    this.#pool = pool;
    this.#textures = new TextureCache(gpu);
    this.#deviceClass = deviceClass;
    this.#paramsAlignment = Math.max(
      gpu.limits.minUniformBufferOffsetAlignment,
      gpu.limits.minStorageBufferOffsetAlignment,
    );
    this.#uniform = gpu.createBuffer({
      label: "params",
      size: PARAMS_CAPACITY,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.STORAGE |
        GPUBufferUsage.COPY_DST,
    });
    this.#bindGroups = new BindGroups(
      gpu,
      this.#textures,
      this.#uniform,
      this.counters,
    );
  }

  /**
   * Records a dispatch of a kernel.
   *
   * @param kernel The kernel.
   * @param operands The buffers to bind, in `@binding` order.
   * @param params The fields of its `Params`.
   * @param workgroups Number of workgroups along x, y and z.
   */
  dispatch(
    kernel: Kernel,
    operands: readonly BufferBinding[],
    params: Params,
    workgroups: readonly [number, number, number],
  ): void {
    const compiled = this.#compile(kernel);
    const timedPass = this.profiler?.next({
      kernel: kernel.label,
      params,
      workgroups,
      bytes: operands.reduce((sum, { byteLength }) => sum + byteLength, 0),
    });
    if (timedPass) this.#endPass();
    const allParams = this.#copyToTexture(kernel, operands, params);
    const bindGroup = this.#bindGroups.get(kernel, compiled.layout, operands);
    const offsetCount = this.#pushParams(kernel, allParams);
    if (!this.#pass) {
      this.#pass = this.#open().beginComputePass(timedPass);
      this.counters.passes++;
    }
    this.#pass.setPipeline(compiled.pipeline);
    this.#pass.setBindGroup(0, bindGroup, this.#offset, 0, offsetCount);
    this.#pass.dispatchWorkgroups(...workgroups);
    this.counters.dispatches++;
    operands.forEach(({ storage }, i) => {
      storage.lastUse = this.serial;
      if (kernel.bindings[i] === "read_write") storage.version++;
    });
  }

  /** Records a copy of all bytes of `source` to the start of `target`. */
  copy(source: BufferBinding, target: BufferBinding): void {
    this.#markWritten(target.storage);
    source.storage.lastUse = this.serial;
    this.#endPass().copyBufferToBuffer(
      source.storage.gpu,
      source.byteOffset,
      target.storage.gpu,
      target.byteOffset,
      source.byteLength,
    );
  }

  /** Records a copy of `source` to `byteOffset` of a buffer that the host can map. */
  copyOut(source: BufferBinding, staging: GPUBuffer, byteOffset = 0): void {
    source.storage.lastUse = this.serial;
    this.#endPass().copyBufferToBuffer(
      source.storage.gpu,
      source.byteOffset,
      staging,
      byteOffset,
      source.byteLength,
    );
  }

  /** Records a clear of a range of a buffer to zeros. */
  clear({ storage, byteOffset, byteLength }: BufferBinding): void {
    this.#markWritten(storage);
    this.#endPass().clearBuffer(storage.gpu, byteOffset, byteLength);
  }

  /**
   * Copies host values into a buffer, after everything recorded so far.
   *
   * @param target The destination.
   * @param bytes The values, a multiple of 4 bytes.
   */
  upload(
    { storage, byteOffset }: BufferBinding,
    bytes: Uint8Array<ArrayBuffer>,
  ): void {
    if (storage.lastUse === this.serial && this.#encoder) this.submit();
    storage.version++;
    this.#gpu.queue.writeBuffer(storage.gpu, byteOffset, bytes);
  }

  /** Submits everything recorded; does nothing if nothing is. */
  submit(): void {
    if (!this.#encoder) return;
    if (this.#paramsLength > 0) {
      this.#gpu.queue.writeBuffer(
        this.#uniform,
        0,
        this.#params.buffer,
        0,
        this.#paramsLength,
      );
    }
    const encoder = this.#endPass();
    this.#gpu.queue.submit([encoder.finish()]);
    this.#encoder = undefined;
    this.#paramsLength = 0;
    this.serial++;
    this.counters.submits++;
  }

  /** Evicts the bind groups of destroyed buffers, given by their ids. */
  evictBindGroups(ids: ReadonlySet<number>): void {
    this.#bindGroups.evict(ids);
  }

  #compile(kernel: Kernel): Compiled {
    let compiled = this.#kernels.get(kernel);
    if (!compiled) {
      compiled = kernel.compile(this.#gpu, this.#deviceClass);
      this.#kernels.set(kernel, compiled);
      this.counters.pipelines++;
    }
    return compiled;
  }

  /**
   * Copies the operands that a kernel reads from a texture into the texture cache,
   * and adds their offsets there to its `Params`. A copy ends the compute pass.
   */
  #copyToTexture(
    { textures }: Kernel,
    operands: readonly BufferBinding[],
    params: Params,
  ): Params {
    if (textures.size === 0) return params;
    const read = operands.filter((_, i) => textures.has(i));
    for (const { storage } of read) void storage.gpu; // throws if it is split
    if (!this.#textures.fits(read)) {
      this.submit();
      this.#pool.trackExternal(-this.#textures.byteLength);
      this.#textures.grow(read);
      this.#pool.trackExternal(this.#textures.byteLength);
      this.#bindGroups.evictTextures();
    }
    const offsets = this.#textures.cache(read, () => this.#endPass());
    const allParams: Record<string, number> = { ...params };
    [...textures.values()].forEach((field, i) => {
      allParams[field] = params[field]! + offsets[i]!;
    });
    return allParams;
  }

  /**
   * Appends `Params` to those of the earlier dispatches; returns the number of
   * dynamic offsets, 0 or 1.
   */
  #pushParams(kernel: Kernel, params: Params): number {
    if (kernel.paramsByteLength === 0) return 0;
    if (this.#paramsLength + kernel.paramsByteLength > PARAMS_CAPACITY) {
      this.submit();
    }
    const offset = this.#paramsLength;
    kernel.packParams(params, this.#params, offset);
    this.#paramsLength =
      Math.ceil((offset + kernel.paramsByteLength) / this.#paramsAlignment) *
      this.#paramsAlignment;
    this.#offset[0] = offset;
    return 1;
  }

  #markWritten(storage: StorageBuffer): void {
    storage.lastUse = this.serial;
    storage.version++;
  }

  #open(): GPUCommandEncoder {
    return this.#encoder ??= this.#gpu.createCommandEncoder();
  }

  #endPass(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = undefined;
    return this.#open();
  }
}
