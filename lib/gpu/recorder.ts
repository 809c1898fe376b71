/**
 * Collects dispatches and copies into one command encoder until they are
 * submitted together.
 *
 * @module
 */
import type { BufferPool, StorageBuffer } from "./buffer_pool.ts";
import type { DeviceClass, Kernel, Params } from "./kernel.ts";
import { MirrorRing } from "./mirror_ring.ts";
import type { Profiler } from "./profiler.ts";

/** Bytes of `Params` that one submit can hold: thousands of dispatches. */
const PARAMS_CAPACITY = 1 << 20;

/** A part of a storage buffer that a kernel reads or writes. */
export interface Operand {
  /** The buffer. */
  readonly storage: StorageBuffer;
  /** Where the part begins, in bytes. */
  readonly byteOffset: number;
  /** How long it is, in bytes. */
  readonly byteLength: number;
}

/** What a device has done since it was made. */
export interface Counters {
  /** Kernels run. */
  dispatches: number;
  /** Command buffers handed to the GPU. */
  submits: number;
  /** Compute passes. */
  passes: number;
  /** Times that the host waited for the GPU. */
  waits: number;
  /** Pipelines compiled. */
  pipelines: number;
  /** Bind groups made. */
  bindGroups: number;
}

interface Compiled {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  bindGroups: Map<string, GPUBindGroup>;
}

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
  readonly #mirrors: MirrorRing;
  readonly #deviceClass: DeviceClass;
  readonly #kernels = new Map<Kernel, Compiled>();
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
    this.#mirrors = new MirrorRing(gpu);
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
    operands: readonly Operand[],
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
    const bindGroup = this.#bindGroup(kernel, compiled, operands);
    const offsets = this.#pushParams(kernel, mirrored);
    if (!this.#pass) {
      this.#pass = this.#open().beginComputePass(timedPass);
      this.counters.passes++;
    }
    this.#pass.setPipeline(compiled.pipeline);
    this.#pass.setBindGroup(0, bindGroup, this.#offset, 0, offsets);
    this.#pass.dispatchWorkgroups(...workgroups);
    this.counters.dispatches++;
    operands.forEach(({ storage }, i) => {
      storage.lastUse = this.serial;
      if (kernel.bindings[i] === "read_write") storage.version++;
    });
  }

  /** Records a copy of `source` to the start of `target`'s part. */
  copy(source: Operand, target: Operand): void {
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
  copyOut(source: Operand, staging: GPUBuffer, byteOffset = 0): void {
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
  clear({ storage, byteOffset, byteLength }: Operand): void {
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
    { storage, byteOffset }: Operand,
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
    if (ids.size === 0) return;
    for (const { bindGroups } of this.#kernels.values()) {
      for (const key of bindGroups.keys()) {
        if (key.split(" ").some((part) => ids.has(parseInt(part)))) {
          bindGroups.delete(key);
        }
      }
    }
  }

  #compile(kernel: Kernel): Compiled {
    let compiled = this.#kernels.get(kernel);
    if (!compiled) {
      compiled = {
        ...kernel.compile(this.#gpu, this.#deviceClass),
        bindGroups: new Map(),
      };
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
    operands: readonly Operand[],
    params: Params,
  ): Params {
    if (textures.size === 0) return params;
    const read = operands.filter((_, i) => textures.has(i));
    if (!this.#mirrors.hasRoom(read)) {
      this.submit();
      this.#pool.count(-this.#mirrors.byteLength);
      this.#mirrors.grow(read);
      this.#pool.count(this.#mirrors.byteLength);
      for (const [{ textures }, { bindGroups }] of this.#kernels) {
        if (textures.size > 0) bindGroups.clear(); // of the old texture
      }
    }
    const starts = this.#mirrors.place(read, () => this.#endPass());
    const mirrored: Record<string, number> = { ...params };
    [...textures.values()].forEach((field, i) => {
      mirrored[field] = params[field]! + starts[i]!;
    });
    return mirrored;
  }

  #bindGroup(
    kernel: Kernel,
    { layout, bindGroups }: Compiled,
    operands: readonly Operand[],
  ): GPUBindGroup {
    if (operands.length !== kernel.bindings.length) {
      throw new TypeError(
        `Cannot dispatch "${kernel.label}": it has ${kernel.bindings.length} bindings, not ${operands.length}`,
      );
    }
    // A part of a shared buffer is bound with its exact size, a whole buffer
    // as a whole, so that the key does not change with the batch.
    let key = "";
    operands.forEach(({ storage, byteOffset, byteLength }, i) => {
      if (kernel.textures.has(i)) return; // always the same one
      key += byteOffset > 0 || storage.owner === undefined
        ? `${storage.id}+${byteOffset}:${byteLength} `
        : `${storage.id} `;
    });
    let bindGroup = bindGroups.get(key);
    if (!bindGroup) {
      this.#check(kernel, operands);
      const entries: GPUBindGroupEntry[] = operands.map((operand, binding) => ({
        binding,
        resource: kernel.bindings[binding] === "texture"
          ? this.#mirrors.view
          : bufferBinding(operand),
      }));
      if (kernel.paramsByteLength > 0) {
        entries.push({
          binding: entries.length,
          resource: { buffer: this.#uniform, size: kernel.paramsByteLength },
        });
      }
      bindGroup = this.#gpu.createBindGroup({
        label: kernel.label,
        layout,
        entries,
      });
      bindGroups.set(key, bindGroup);
      this.counters.bindGroups++;
    }
    return bindGroup;
  }

  /** Refuses what WebGPU would report later, without the kernel's name. */
  #check(kernel: Kernel, operands: readonly Operand[]): void {
    const alignment = this.#gpu.limits.minStorageBufferOffsetAlignment;
    operands.forEach(({ storage, byteOffset }, i) => {
      if (kernel.bindings[i] === "texture") return;
      if (byteOffset % alignment !== 0) {
        throw new RangeError(
          `Cannot dispatch "${kernel.label}": binding ${i} begins at byte ${byteOffset}, no multiple of ${alignment}`,
        );
      }
      const other = operands.findIndex((operand, j) =>
        operand.storage === storage && kernel.bindings[j] !== "texture" &&
        kernel.bindings[j] !== kernel.bindings[i]
      );
      if (other >= 0) {
        throw new RangeError(
          `Cannot dispatch "${kernel.label}": bindings ${i} and ${other} read and write one buffer`,
        );
      }
    });
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

function bufferBinding(operand: Operand): GPUBufferBinding {
  const { storage, byteOffset, byteLength } = operand;
  if (byteOffset === 0 && storage.owner !== undefined) {
    return { buffer: storage.gpu };
  }
  // Bindings are whole vec4s: the last one may reach over the part's end.
  const size = Math.min(
    Math.ceil(byteLength / 16) * 16,
    storage.byteLength - byteOffset,
  );
  return { buffer: storage.gpu, offset: byteOffset, size };
}
