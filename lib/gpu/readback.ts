/**
 * Scalars that travel from the GPU to the host in groups, since one read costs
 * a full stop of the GPU and, in Deno, at least 10 ms.
 *
 * @module
 */
import { DeviceLostError } from "./errors.ts";
import type { BufferBinding } from "./buffer_pool.ts";
import type { Recorder } from "./recorder.ts";

/** Scalars that are collected at the latest when so many wait. */
const RING_LENGTH = 32;

interface Pending {
  resolve: (value: number) => void;
  reject: (error: unknown) => void;
}

/** A ring of scalars on their way to the host. */
export class Readback {
  readonly #gpu: GPUDevice;
  readonly #recorder: Recorder;
  readonly #error: () => Error | undefined;
  #staging: GPUBuffer | undefined;
  readonly #idle: GPUBuffer[] = [];
  #pending: Pending[] = [];
  #arrived: Promise<unknown> = Promise.resolve();
  #collecting: (() => void) | undefined;

  /**
   * Makes an empty ring.
   *
   * @param gpu The device.
   * @param recorder What copies are recorded with.
   * @param error What has gone wrong on the device, so that its numbers mean nothing.
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

  /** Records a copy of a scalar; the value arrives after a collection. */
  push(scalar: BufferBinding): Promise<number> {
    this.#staging ??= this.#idle.pop() ?? this.#gpu.createBuffer({
      label: "scalars",
      size: 4 * RING_LENGTH,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    this.#recorder.copyOut(scalar, this.#staging, 4 * this.#pending.length);
    const value = new Promise<number>((resolve, reject) => {
      this.#pending.push({ resolve, reject });
    });
    value.catch(() => {}); // who does not look at it hears of it at the next read
    if (this.#pending.length === RING_LENGTH) this.flush();
    return value;
  }

  /** Sends for what is pending, with the next submit; resolves when it has arrived. */
  flush(): Promise<unknown> {
    const staging = this.#staging;
    const pending = this.#pending;
    if (!staging) return this.#arrived;
    this.#staging = undefined;
    this.#pending = [];
    const submitted = new Promise<void>((resolve) => {
      const earlier = this.#collecting;
      this.#collecting = () => (earlier?.(), resolve());
    });
    this.#arrived = Promise.all([
      this.#arrived,
      submitted.then(() => {
        this.#recorder.counters.waits++;
        return staging.mapAsync(GPUMapMode.READ);
      }).catch((cause) => {
        throw new DeviceLostError("Cannot read from the GPU", { cause });
      }).then(() => {
        const values = new Float32Array(staging.getMappedRange().slice(0));
        staging.unmap();
        this.#idle.push(staging);
        const error = this.#error();
        if (error) throw error;
        pending.forEach(({ resolve }, i) => resolve(values[i]!));
      }).catch((error) => pending.forEach(({ reject }) => reject(error))),
    ]);
    return this.#arrived;
  }

  /** Lets the collections go that waited for this submit. */
  afterSubmit(): void {
    this.#collecting?.();
    this.#collecting = undefined;
  }
}
