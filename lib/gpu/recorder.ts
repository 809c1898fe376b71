/**
 * Records dispatches and copies, to submit them together once the pipelines of
 * all of them are made.
 *
 * @module
 */
import { BindGroups } from "./bind_groups.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { Counters } from "./counters.ts";
import type { DeviceErrors } from "./device_errors.ts";
import { type Command, encode, type EncoderCommand } from "./encode.ts";
import type { DeviceClass, Kernel, Params } from "./kernel.ts";
import { Pipelines } from "./pipelines.ts";
import { TextureCache } from "./texture_cache.ts";
import type { Profiler } from "./profiler.ts";
import type { BufferBinding, StorageBuffer } from "./storage_buffer.ts";
import type { WorkQueue } from "./work_queue.ts";

/**
 * Bytes of `Params` that one submit can have: 2048 dispatches. Under Dawn, lavapipe of
 * Mesa 25 maps memory 16 times per dispatch of a submit, and crashes with 65530 mappings.
 */
const PARAMS_CAPACITY = 1 << 19;

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
  /** Whether commands are dropped in place of being submitted. */
  isDry = false;
  readonly #gpu: GPUDevice;
  readonly #pool: BufferPool;
  readonly #textures: TextureCache;
  readonly #queue: WorkQueue;
  readonly #pipelines: Pipelines;
  readonly #bindGroups: BindGroups;
  readonly #uniform: GPUBuffer;
  readonly #params = new DataView(new ArrayBuffer(PARAMS_CAPACITY));
  readonly #paramsAlignment: number;
  #paramsLength = 0;
  #commands: Command[] = [];
  /** Those that copy into the texture. */
  #textureCopies: EncoderCommand[] = [];
  /** Kernels of the recording whose pipelines are not made. */
  #unmade = new Set<Kernel>();
  #isInPass = false;

  /**
   * Makes a recorder for one device.
   *
   * @param gpu The device.
   * @param pool Tracks the memory of the texture.
   * @param queue Takes the recordings.
   * @param errors Keeps the errors of kernels that do not compile.
   * @param deviceClass Properties that the constants of kernels may depend on.
   */
  constructor(
    gpu: GPUDevice,
    pool: BufferPool,
    queue: WorkQueue,
    errors: DeviceErrors,
    deviceClass: DeviceClass,
  ) {
    this.#gpu = gpu;
    this.#pool = pool;
    this.#queue = queue;
    this.#textures = new TextureCache(gpu, queue, errors);
    this.#pipelines = new Pipelines(gpu, deviceClass, errors, this.counters);
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

  /** Resolves once all that was submitted is on its way to the GPU; `undefined` if it is. */
  get waiting(): Promise<void> | undefined {
    return this.#queue.waiting;
  }

  /** Makes the pipelines of kernels, see {@linkcode Pipelines.make}. */
  compile(kernels: Iterable<Kernel>): Promise<boolean> | undefined {
    return this.#pipelines.make(kernels);
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
    const { profiler } = this;
    if (profiler?.submitsEach) this.#pipelines.makeNow(kernel);
    const compiled = this.#pipelines.of(kernel);
    const timedPass = profiler?.next({
      kernel: kernel.label,
      params,
      workgroups,
      bytes: operands.reduce((sum, { byteLength }) => sum + byteLength, 0),
    });
    const allParams = this.#copyToTexture(kernel, operands, params);
    const bindGroup = this.#bindGroups.get(kernel, compiled.layout, operands);
    const paramsOffset = this.#pushParams(kernel, allParams);
    const repeats = profiler?.repeats ?? 1;
    const beginsPass = timedPass !== undefined || !this.#isInPass;
    this.#commands.push({
      compiled,
      bindGroup,
      paramsOffset,
      workgroups,
      repeats,
      beginsPass,
      timedPass,
    });
    if (!compiled.pipeline) this.#unmade.add(kernel);
    this.#isInPass = true;
    if (beginsPass) this.counters.passes++;
    this.counters.dispatches += repeats;
    operands.forEach(({ storage }, i) => {
      storage.lastUse = this.serial;
      if (kernel.bindings[i] === "read_write") storage.version++;
    });
  }

  /** Records a copy of all bytes of `source` to the start of `target`. */
  copy(source: BufferBinding, target: BufferBinding): void {
    this.#markWritten(target.storage);
    this.copyOut(source, target.storage.gpu, target.byteOffset);
  }

  /** Records a copy of all bytes of `source` to `offset` of a buffer, such as one that the host can map. */
  copyOut(source: BufferBinding, target: GPUBuffer, offset = 0): void {
    const { storage, byteOffset, byteLength } = source;
    const { gpu } = storage;
    storage.lastUse = this.serial;
    this.#record((encoder) =>
      encoder.copyBufferToBuffer(gpu, byteOffset, target, offset, byteLength)
    );
  }

  /** Records a clear of a range of a buffer to zeros. */
  clear({ storage, byteOffset, byteLength }: BufferBinding): void {
    this.#markWritten(storage);
    const { gpu } = storage;
    this.#record((encoder) => encoder.clearBuffer(gpu, byteOffset, byteLength));
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
    if (storage.lastUse === this.serial) this.submit();
    storage.version++;
    this.#queue.write(storage.gpu, byteOffset, bytes);
  }

  /**
   * Submits everything recorded, once its pipelines are made; does nothing if
   * nothing is recorded.
   */
  submit(): void {
    if (this.#commands.length === 0) return;
    const copies = this.#textureCopies;
    // Later recordings count on the copies of one that is dropped.
    const commands = this.isDry ? copies : this.#commands;
    const made = this.#unmade.size > 0 && !this.isDry
      ? this.#pipelines.make(this.#unmade)
      : undefined;
    if (this.#paramsLength > 0) {
      const bytes = new Uint8Array(this.#params.buffer, 0, this.#paramsLength);
      this.#queue.write(this.#uniform, 0, bytes);
    }
    this.#queue.submit(
      () => encode(this.#gpu, commands),
      made,
      () => encode(this.#gpu, copies),
    );
    this.#commands = [];
    this.#textureCopies = [];
    this.#unmade.clear();
    this.#isInPass = false;
    this.#paramsLength = 0;
    this.serial++;
    this.counters.submits++;
  }

  /** Evicts the bind groups of destroyed buffers, given by their ids. */
  evictBindGroups(ids: ReadonlySet<number>): void {
    this.#bindGroups.evict(ids);
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
    const offsets = this.#textures.cache(read, (copy) => {
      this.#record(copy);
      this.#textureCopies.push(copy);
    });
    const allParams: Record<string, number> = { ...params };
    [...textures.values()].forEach((field, i) => {
      allParams[field] = params[field]! + offsets[i]!;
    });
    return allParams;
  }

  /**
   * Appends `Params` to those of the earlier dispatches; returns where they start,
   * in bytes, or `undefined` if the kernel has none.
   */
  #pushParams(kernel: Kernel, params: Params): number | undefined {
    if (kernel.paramsByteLength === 0) return undefined;
    if (this.#paramsLength + kernel.paramsByteLength > PARAMS_CAPACITY) {
      this.submit();
    }
    const offset = this.#paramsLength;
    kernel.packParams(params, this.#params, offset);
    this.#paramsLength =
      Math.ceil((offset + kernel.paramsByteLength) / this.#paramsAlignment) *
      this.#paramsAlignment;
    return offset;
  }

  #markWritten(storage: StorageBuffer): void {
    storage.lastUse = this.serial;
    storage.version++;
  }

  #record(command: EncoderCommand): void {
    this.#commands.push(command);
    this.#isInPass = false;
  }
}
