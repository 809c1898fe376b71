/**
 * Records dispatches and copies, to submit them together once the pipelines of
 * all of them are made.
 *
 * @module
 */
import { BindGroups, bufferBinding } from "./bind_groups.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { Counters } from "./counters.ts";
import type { DeviceErrors } from "./device_errors.ts";
import { type Command, encode, type EncoderCommand } from "./encode.ts";
import type { DeviceClass, Kernel, Params } from "./kernel.ts";
import { ParamsBuffer } from "./params_buffer.ts";
import { Pipelines } from "./pipelines.ts";
import { TextureCache } from "./texture_cache.ts";
import type { Profiler } from "./profiler.ts";
import { RecordedWrites } from "./recorded_writes.ts";
import type { BufferBinding, StorageBuffer } from "./storage_buffer.ts";
import type { WorkQueue } from "./work_queue.ts";

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
  readonly #params: ParamsBuffer;
  #commands: Command[] = [];
  readonly #writes = new RecordedWrites();
  /** Those that copy into the texture. */
  #textureCopies: EncoderCommand[] = [];
  /** Kernels of the recording whose pipelines are not made. */
  #unmade = new Set<Kernel>();

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
    this.#params = new ParamsBuffer(gpu);
    this.#bindGroups = new BindGroups(
      gpu,
      this.#textures,
      this.#params.gpu,
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
    if (!this.#params.fits(kernel)) this.submit();
    const paramsOffset = this.#params.push(kernel, allParams);
    const repeats = profiler?.repeats ?? 1;
    this.#commands.push({
      compiled,
      bindGroup,
      paramsOffset,
      workgroups,
      repeats,
      timedPass,
    });
    if (!compiled.pipeline) this.#unmade.add(kernel);
    this.counters.dispatches += repeats;
    operands.forEach((operand, i) => {
      operand.storage.lastUse = this.serial;
      if (kernel.bindings[i] === "read_write") {
        this.#markWritten(operand.storage, bufferBinding(operand));
      }
    });
  }

  /** Records a copy of all bytes of `source` to the start of `target`. */
  copy(source: BufferBinding, target: BufferBinding): void {
    const { storage, byteOffset: offset } = target;
    const { gpu: buffer } = storage;
    this.copyOut(source, buffer, offset);
    this.#markWritten(storage, { buffer, offset, size: source.byteLength });
  }

  /** Records a copy of all bytes of `source` to `offset` of a buffer, such as one that the host can map. */
  copyOut(source: BufferBinding, target: GPUBuffer, offset = 0): void {
    const { storage, byteOffset, byteLength } = source;
    const { gpu } = storage;
    storage.lastUse = this.serial;
    this.#commands.push((encoder) =>
      encoder.copyBufferToBuffer(gpu, byteOffset, target, offset, byteLength)
    );
  }

  /** Records a clear of a range of a buffer to zeros. */
  clear({ storage, byteOffset, byteLength }: BufferBinding): void {
    const [buffer, offset, size] = [storage.gpu, byteOffset, byteLength];
    this.#commands.push((encoder) => encoder.clearBuffer(buffer, offset, size));
    this.#markWritten(storage, { buffer, offset, size });
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
    this.#enqueue(this.#commands);
    this.#commands = [];
    this.#writes.clear();
    this.#textureCopies = [];
    this.#unmade.clear();
    this.#params.clear();
    this.serial++;
  }

  /**
   * Submits copies of ranges into buffers, with the commands that the ranges depend on.
   * Later commands stay recorded, unless a pipeline is to be made.
   */
  submitCopies(
    copies: readonly { source: BufferBinding; target: GPUBuffer }[],
  ): void {
    const counts = copies.map(({ source }) => this.#writes.until(source));
    const count = Math.max(...counts);
    const later = this.#commands.splice(count);
    for (const { source, target } of copies) this.copyOut(source, target);
    if (later.length === 0 || this.#unmade.size > 0) {
      this.#commands.push(...later);
      return this.submit();
    }
    this.#enqueue(this.#commands);
    this.#commands = later;
    this.#writes.shift(count);
  }

  /** Puts recorded commands into the queue. */
  #enqueue(recorded: readonly Command[]): void {
    const copies = this.#textureCopies;
    // Later recordings count on the copies of one that is dropped.
    const commands = this.isDry ? copies : recorded;
    const made = this.#unmade.size > 0 && !this.isDry
      ? this.#pipelines.make(this.#unmade)
      : undefined;
    const { gpu: uniform, bytes: params } = this.#params;
    if (params.length > 0) this.#queue.write(uniform, 0, params);
    this.#queue.submit(
      () => encode(this.#gpu, commands, this.counters),
      made,
      () => encode(this.#gpu, copies, this.counters),
    );
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
      this.#commands.push(copy);
      this.#textureCopies.push(copy);
    });
    const allParams: Record<string, number> = { ...params };
    [...textures.values()].forEach((field, i) => {
      allParams[field] = params[field]! + offsets[i]!;
    });
    return allParams;
  }

  /** Marks a range as written by the last recorded command. */
  #markWritten(storage: StorageBuffer, range: GPUBufferBinding): void {
    storage.lastUse = this.serial;
    storage.version++;
    this.#writes.add(range, this.#commands.length);
  }
}
