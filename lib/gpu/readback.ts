/**
 * Reads of ranges, and batched readback of scalars: one read stalls the GPU and,
 * in Deno, takes at least 10 ms, so that many scalars share one.
 *
 * @module
 */
import type { DeviceErrors } from "./device_errors.ts";
import { OutOfMemoryError } from "./errors.ts";
import { joinBytes, splitRange } from "./shards.ts";
import type { BufferBinding } from "./storage_buffer.ts";
import type { Recorder } from "./recorder.ts";

/** Queued scalars are read back once there are this many. */
const BATCH_SIZE = 32;

interface PendingRead {
  resolve: (value: number) => void;
  reject: (error: unknown) => void;
}

/** Bytes of the GPU that the host reads without a copy of its own. */
export interface MappedBytes {
  /**
   * Returns the bytes, which may be changed; they are gone after `unmap()`.
   *
   * @throws {OutOfMemoryError} If the host has too little memory.
   */
  readonly bytes: () => ArrayBuffer;
  /** Ends the use of the bytes. */
  readonly unmap: () => void;
}

/** Reads from the GPU, at once or by way of a queue of scalars. */
export class Readback {
  readonly #gpu: GPUDevice;
  readonly #recorder: Recorder;
  readonly #errors: DeviceErrors;
  /** The staging buffer of the pending reads. */
  #staging: GPUBuffer | undefined;
  readonly #freeStaging: GPUBuffer[] = [];
  /** Staging buffers of repeated reads, by size. */
  readonly #repeated = new Map<number, GPUBuffer[]>();
  #pending: PendingRead[] = [];
  #flushed: Promise<unknown> = Promise.resolve();
  #onSubmit: (() => void) | undefined;

  /**
   * Makes an empty queue.
   *
   * @param gpu The device.
   * @param recorder Records the copies.
   * @param errors The errors of the device: where there is one, its values are invalid.
   */
  constructor(
    gpu: GPUDevice,
    recorder: Recorder,
    errors: DeviceErrors,
  ) {
    this.#gpu = gpu;
    this.#recorder = recorder;
    this.#errors = errors;
  }

  /**
   * Copies a range of a buffer to the host.
   *
   * @param source The range to read.
   * @param submit Submits the recorded commands.
   * @returns Its bytes.
   * @throws {Error} The error of the device, if there is one.
   * @throws {OutOfMemoryError} If the host has too little memory.
   */
  async read(source: BufferBinding, submit: () => void): Promise<ArrayBuffer> {
    if (source.storage.shards) {
      const parts = splitRange(source).map((part) => this.read(part, submit));
      return joinBytes(await Promise.all(parts));
    }
    const staging = this.#makeStaging(Math.max(4, source.byteLength));
    try {
      await this.#fetch(source, staging, submit);
      return mappedBytes(staging, source.byteLength);
    } finally {
      staging.destroy();
    }
  }

  /**
   * Copies ranges of buffers into staging buffers and maps these, once the commands that
   * they depend on are done. Staging buffers are kept: a read that repeats makes none.
   *
   * @param sources The ranges to read, each in one shard.
   * @returns The mapped bytes of each.
   * @throws {Error} The error of the device, if there is one.
   */
  map(sources: readonly BufferBinding[]): Promise<MappedBytes>[] {
    const copies = sources.map((source) => {
      const { byteLength } = source;
      const free = this.#repeated.get(byteLength) ?? [];
      this.#repeated.set(byteLength, free);
      const target = free.pop() ?? this.#makeStaging(byteLength);
      return { source, target, free };
    });
    this.#recorder.submitCopies(copies);
    const reads = copies.map(
      async ({ source: { byteLength }, target, free }) => {
        try {
          await this.#mapNext(target);
        } catch (error) {
          target.destroy();
          throw error;
        }
        return {
          bytes: () => readMapped(target, byteLength, (range) => range),
          unmap() {
            target.unmap();
            free.push(target);
          },
        };
      },
    );
    // After an error of one read, the others are not waited for.
    for (const read of reads) read.catch(() => {});
    return reads;
  }

  #makeStaging(size: number, label = "read"): GPUBuffer {
    return this.#gpu.createBuffer({
      label,
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  /** Copies a range into a staging buffer, and maps it. */
  async #fetch(
    source: BufferBinding,
    staging: GPUBuffer,
    submit: () => void,
  ): Promise<void> {
    if (source.byteLength > 0) this.#recorder.copyOut(source, staging);
    submit();
    await this.#mapNext(staging);
  }

  /** Maps a staging buffer, and throws the error of the device, if there is one. */
  async #mapNext(staging: GPUBuffer): Promise<void> {
    try {
      await this.#map(staging);
    } finally {
      this.#errors.throwFirst();
    }
  }

  /** Records a copy of a scalar; the promise resolves after a flush. */
  push(scalar: BufferBinding): Promise<number> {
    this.#staging ??= this.#freeStaging.pop() ??
      this.#makeStaging(4 * BATCH_SIZE, "readback");
    this.#recorder.copyOut(scalar, this.#staging, 4 * this.#pending.length);
    const value = this.#errors.orGone(
      new Promise<number>((resolve, reject) => {
        this.#pending.push({ resolve, reject });
      }),
    );
    value.catch(() => {}); // no unhandled rejection: the next read throws the error too
    if (this.#pending.length === BATCH_SIZE) this.flush();
    return value;
  }

  /** Reads the pending scalars after the next submit; resolves once all earlier ones are read too. */
  flush(): Promise<unknown> {
    const staging = this.#staging;
    const pending = this.#pending;
    if (!staging) return this.#flushed;
    this.#staging = undefined;
    this.#pending = [];
    const submitted = new Promise<void>((resolve) => {
      const earlier = this.#onSubmit;
      this.#onSubmit = () => (earlier?.(), resolve());
    });
    this.#flushed = Promise.all([
      this.#flushed,
      submitted.then(() => this.#map(staging)).then(() => {
        this.#errors.check();
        const bytes = mappedBytes(staging, 4 * pending.length);
        staging.unmap();
        this.#freeStaging.push(staging);
        const values = new Float32Array(bytes);
        pending.forEach(({ resolve }, i) => resolve(values[i]!));
      }).catch((error) => pending.forEach(({ reject }) => reject(error))),
    ]);
    return this.#flushed;
  }

  /** Starts the flushes that waited for this submit. */
  afterSubmit(): void {
    this.#onSubmit?.();
    this.#onSubmit = undefined;
  }

  /** Waits until the copies into a staging buffer were submitted and are done. */
  async #map(staging: GPUBuffer): Promise<void> {
    const { waiting, counters } = this.#recorder;
    counters.waits++;
    if (waiting) await waiting;
    await this.#errors.map(staging);
  }
}

/** Copies the first bytes of a mapped buffer. */
function mappedBytes(staging: GPUBuffer, byteLength: number): ArrayBuffer {
  return readMapped(staging, byteLength, (range) => range.slice(0, byteLength));
}

/** Reads a mapped buffer; Deno copies its range. */
function readMapped<T>(
  staging: GPUBuffer,
  byteLength: number,
  read: (range: ArrayBuffer) => T,
): T {
  try {
    return read(staging.getMappedRange());
  } catch (cause) {
    throw new OutOfMemoryError(
      `Cannot read ${byteLength} bytes from the GPU: the host has too little free memory`,
      { cause },
    );
  }
}
