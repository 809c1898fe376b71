/**
 * The queue of a GPU, in which work can wait for pipelines.
 *
 * @module
 */
import type { DeviceErrors } from "./device_errors.ts";

interface Job {
  /** Runs the job on the queue of the GPU. */
  readonly run: () => void;
  /** Called when it is the next one; resolves to whether it can run, else it is dropped. */
  readonly ready: (() => Promise<boolean>) | undefined;
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
      ready && (() => ready),
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

  /** Calls `then` once the GPU has done all work so far; all later work waits for that. */
  whenIdle(then: () => void): void {
    this.#push(then, async () => {
      const done = this.#gpu.queue.onSubmittedWorkDone();
      if (!waitBlocks()) await this.#errors.orGone(done);
      return true;
    });
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
    ready?: () => Promise<boolean>,
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
      try {
        const isReady = job.ready ? await job.ready() : true;
        if (this.#isClosed) continue;
        if (isReady) job.run();
        else job.runIfDropped?.();
      } catch (error) {
        this.#errors.keep(error as Error);
      }
    }
    this.#waiting = undefined;
  }
}

/**
 * Whether `onSubmittedWorkDone()` returns once the GPU is idle, as in Deno 2.9; there
 * its promise resolves 10 ms later.
 */
function waitBlocks(): boolean {
  return /^Deno\//.test(globalThis.navigator?.userAgent ?? "");
}
