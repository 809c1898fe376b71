/**
 * Collects dispatches and copies into one command encoder until they are
 * submitted together.
 *
 * @module
 */
import { BindGroups } from "./bind_groups.ts";
import type {
  BufferBinding,
  BufferPool,
  StorageBuffer,
} from "./buffer_pool.ts";
import type { Counters } from "./counters.ts";
import type { DeviceClass, Kernel, Params } from "./kernel.ts";
import { TextureCache } from "./texture_cache.ts";
import type { Profiler } from "./profiler.ts";

/** Bytes of `Params` that one submit can hold: thousands of dispatches. */
const PARAMS_CAPACITY = 1 << 20;

type Compiled = ReturnType<Kernel["compile"]>;

/** Records commands; {@linkcode Recorder.submit} runs what was recorded. */
export class Recorder {
  /** What was recorded and submitted so far. */
  readonly counters: Counters = {
    dispatches: 0,
    submits: 0,
    passes: 0,
    waits: 0,
    pipelines: 0,
    bindGroups: 0,
  };
  /** The number of the recording that commands go into now. */
  serial = 0;
  /** Times every kernel that is dispatched, while there is one. */
  profiler: Profiler | undefined;
  readonly #gpu: GPUDevice;
  readonly #pool: BufferPool;
  readonly #mirrors: TextureCache;
  readonly #deviceClass: DeviceClass;
  readonly #kernels = new Map<Kernel, Compiled>();
  readonly #bindGroups: BindGroups;
  readonly #uniform: GPUBuffer;
  readonly #params = new DataView(new ArrayBuffer(PARAMS_CAPACITY));
  readonly #paramsAlignment: number;
  #paramsLength = 0;
  // In Deno 2.9 a list would cost four times as much, and an empty array panics.
  readonly #offset = new Uint32Array(1);
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;

  /** Makes a recorder for one device. */
  constructor(gpu: GPUDevice, pool: BufferPool, deviceClass: DeviceClass) {
    this.#gpu = gpu;
    this.#pool = pool;
    this.#mirrors = new TextureCache(gpu);
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
      this.#mirrors,
      this.#uniform,
      this.counters,
    );
  }

  /**
   * Records one run of a kernel.
   *
   * @param kernel The kernel.
   * @param operands Its bindings, in order.
   * @param params Its `Params`.
   * @param workgroups How many workgroups, in x, y and z.
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
    const mirrored = this.#mirror(kernel, operands, params);
    const bindGroup = this.#bindGroups.get(kernel, compiled.layout, operands);
    const offsetCount = this.#pushParams(kernel, mirrored);
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

  /** Records a copy of `source` to the start of `target`'s part. */
  copy(source: BufferBinding, target: BufferBinding): void {
    this.#use(target);
    source.storage.lastUse = this.serial;
    this.#endPass().copyBufferToBuffer(
      source.storage.gpu,
      source.byteOffset,
      target.storage.gpu,
      target.byteOffset,
      source.byteLength,
    );
  }

  /** Records a copy of `source` into a buffer that the host can map. */
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

  /** Records zeros over a part of a buffer. */
  clear({ storage, byteOffset, byteLength }: BufferBinding): void {
    this.#use({ storage });
    this.#endPass().clearBuffer(storage.gpu, byteOffset, byteLength);
  }

  /**
   * Copies host values into a buffer, after everything recorded before.
   *
   * @param target Where to.
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

  /** Hands everything recorded to the GPU; does nothing if there is nothing. */
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

  /** Forgets the bind groups of buffers that were destroyed, by their ids. */
  forgetBindGroups(ids: ReadonlySet<number>): void {
    this.#bindGroups.forget(ids);
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
   * Copies what a kernel reads as a texture into that, and adds to its `Params`
   * where it lies there. A copy cannot lie inside a pass, so it ends it.
   */
  #mirror(
    { textures }: Kernel,
    operands: readonly BufferBinding[],
    params: Params,
  ): Params {
    if (textures.size === 0) return params;
    const read = operands.filter((_, i) => textures.has(i));
    if (!this.#mirrors.hasRoom(read)) {
      this.submit();
      this.#pool.count(-this.#mirrors.byteLength);
      this.#mirrors.grow(read);
      this.#pool.count(this.#mirrors.byteLength);
      this.#bindGroups.forgetTextures();
    }
    const starts = this.#mirrors.place(read, () => this.#endPass());
    const mirrored: Record<string, number> = { ...params };
    [...textures.values()].forEach((field, i) => {
      mirrored[field] = params[field]! + starts[i]!;
    });
    return mirrored;
  }

  /** Writes `Params` behind those of the earlier dispatches; returns how many dynamic offsets lead there. */
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

  #use({ storage }: { storage: StorageBuffer }): void {
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
