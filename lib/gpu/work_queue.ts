/**
 * The queue of a GPU, in which work can wait for pipelines.
 *
 * @module
 */
import type { DeviceErrors } from "./device_errors.ts";

interface Job {
  /** Runs the job on the queue of the GPU. */
  readonly run: () => void;
  /** Resolves to whether it can run; it is dropped otherwise. */
  readonly ready: Promise<boolean> | undefined;
  /** Runs in place of a dropped job. */
  readonly runIfDropped: (() => void) | undefined;
}

/**
 * Work for the queue of the GPU, in the order of the calls: where a submit waits
 * for pipelines, all later work waits behind it.
 */
export class WorkQueue {
  readonly #gpu: GPUDevice;
  readonly #errors: DeviceErrors;
  /** Jobs that did not run yet, the next one first. */
  #jobs: Job[] = [];
  #waiting: Promise<void> | undefined;
  #isClosed = false;

  /**
   * Makes an empty queue.
   *
   * @param gpu The device.
   * @param errors Keeps the errors of work that waited.
   */
  constructor(gpu: GPUDevice, errors: DeviceErrors) {
    this.#gpu = gpu;
    this.#errors = errors;
  }

  /** Resolves once no work waits any more; `undefined` if none does. */
  get waiting(): Promise<void> | undefined {
    return this.#waiting;
  }

  /**
   * Submits commands.
   *
   * @param encode Encodes them.
   * @param ready Resolves to whether their pipelines are made, or else they are
   * dropped; `undefined` if nothing is to be made.
   * @param encodeIfDropped Encodes the commands to submit in place of dropped ones.
   */
  submit(
    encode: () => GPUCommandBuffer,
    ready: Promise<boolean> | undefined,
    encodeIfDropped: () => GPUCommandBuffer,
  ): void {
    const { queue } = this.#gpu;
    this.#push(
      () => queue.submit([encode()]),
      ready,
      () => queue.submit([encodeIfDropped()]),
    );
  }

  /** Writes bytes into a buffer; those that have to wait are copied. */
  write(
    buffer: GPUBuffer,
    byteOffset: number,
    bytes: Uint8Array<ArrayBuffer>,
  ): void {
    const values = this.#waiting ? bytes.slice() : bytes;
    this.#push(() => this.#gpu.queue.writeBuffer(buffer, byteOffset, values));
  }

  /** Destroys a buffer or texture, after the work that uses it was submitted. */
  destroy(object: GPUBuffer | GPUTexture): void {
    this.#push(() => object.destroy());
  }

  /** Drops all work that waits, and all that comes. */
  close(): void {
    this.#isClosed = true;
    this.#jobs = [];
  }

  #push(
    run: () => void,
    ready?: Promise<boolean>,
    runIfDropped?: () => void,
  ): void {
    if (this.#isClosed) return;
    if (!ready && !this.#waiting) return run();
    this.#jobs.push({ run, ready, runIfDropped });
    this.#waiting ??= this.#drain();
  }

  /** Runs the jobs one after the other. A job stays in the list until it may run. */
  async #drain(): Promise<void> {
    for (let job; (job = this.#jobs[0]); this.#jobs.shift()) {
      const isReady = job.ready ? await job.ready : true;
      if (this.#isClosed) continue;
      try {
        if (isReady) job.run();
        else job.runIfDropped?.();
      } catch (error) {
        this.#errors.keep(error as Error);
      }
    }
    this.#waiting = undefined;
  }
}
