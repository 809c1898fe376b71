/**
 * Batched readback of scalars: one read stalls the GPU and, in Deno, takes at
 * least 10 ms, so that many scalars share one.
 *
 * @module
 */
import { mapError } from "./errors.ts";
import type { BufferBinding } from "./storage_buffer.ts";
import type { Recorder } from "./recorder.ts";

/** Queued scalars are read back once there are this many. */
const BATCH_SIZE = 32;

interface PendingRead {
  resolve: (value: number) => void;
  reject: (error: unknown) => void;
}

/** A queue of scalars to read back from the GPU. */
export class Readback {
  readonly #gpu: GPUDevice;
  readonly #recorder: Recorder;
  readonly #error: () => Error | undefined;
  /** The staging buffer of the pending reads. */
  #staging: GPUBuffer | undefined;
  readonly #freeStaging: GPUBuffer[] = [];
  #pending: PendingRead[] = [];
  #flushed: Promise<unknown> = Promise.resolve();
  #onSubmit: (() => void) | undefined;

  /**
   * Makes an empty queue.
   *
   * @param gpu The device.
   * @param recorder Records the copies.
   * @param error Returns the error of the device, if there is one: its values are invalid then.
   */
  constructor(
    gpu: GPUDevice,
    recorder: Recorder,
    error: () => Error | undefined,
  ) {
    this.#gpu = gpu;
    this.#recorder = recorder;
    this.#error = error;
  }

  /** Records a copy of a scalar; the promise resolves after a flush. */
  push(scalar: BufferBinding): Promise<number> {
    this.#staging ??= this.#freeStaging.pop() ?? this.#gpu.createBuffer({
      label: "readback",
      size: 4 * BATCH_SIZE,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    this.#recorder.copyOut(scalar, this.#staging, 4 * this.#pending.length);
    const value = new Promise<number>((resolve, reject) => {
      this.#pending.push({ resolve, reject });
    });
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
      submitted.then(() => {
        this.#recorder.counters.waits++;
        return staging.mapAsync(GPUMapMode.READ);
      }).catch(async (cause) => {
        throw await mapError(cause, this.#error);
      }).then(() => {
        const values = new Float32Array(staging.getMappedRange().slice(0));
        staging.unmap();
        this.#freeStaging.push(staging);
        const error = this.#error();
        if (error) throw error;
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
}
