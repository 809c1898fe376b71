/**
 * Errors that a device reports apart from the calls that cause them.
 *
 * @module
 */
import { DeviceLostError, mapError, toError } from "./errors.ts";

/** Message of Dawn for a command with an invalid object, after the error of the object. */
const CONSEQUENCE = /is invalid due to a previous error/;

/**
 * Keeps the first error of a device until it is thrown. WebGPU reports an invalid
 * shader or binding only as an event, and continues with zeros.
 */
export class DeviceErrors {
  /** Number of errors so far; after each, recorded commands may not have run. */
  count = 0;
  #first: Error | undefined;
  /** Message and cause of the error of a device that was lost or destroyed. */
  #gone: { message: string; cause: Error | undefined } | undefined;
  /** Rejects the waits that the loss of the device ends. */
  readonly #waits = new Set<(error: Error) => void>();

  /** Listens to the errors of a device. */
  constructor(gpu: GPUDevice) {
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.keep(toError((event as GPUUncapturedErrorEvent).error));
    });
    gpu.lost.then(({ message, reason }) =>
      this.#end(
        `Cannot continue: the GPU device was lost (${
          message || reason
        }); restart the run, with a smaller batch if memory ran out`,
      )
    );
  }

  /** The error that is thrown next, if there is one. */
  get first(): Error | undefined {
    return this.#goneError() ?? this.#first;
  }

  /** Keeps an error, unless there is an earlier one, or it follows from one that was thrown. */
  keep(error: Error): void {
    const isConsequence = this.count > 0 && CONSEQUENCE.test(error.message);
    this.count++;
    if (!isConsequence) this.#first ??= error;
  }

  /** Throws the kept error, once; the loss of the device every time. */
  throwFirst(): void {
    const error = this.first;
    this.#first = undefined;
    if (error) throw error;
  }

  /** Throws the kept error and goes on to keep it, for callers in the background. */
  check(): void {
    const error = this.first;
    if (error) throw error;
  }

  /** Throws if the device was lost or destroyed. */
  throwIfGone(): void {
    const error = this.#goneError();
    if (error) throw error;
  }

  /**
   * Waits for a promise of the device, which may stay pending when that is gone.
   *
   * @param promise The promise.
   * @returns Its value.
   * @throws {DeviceLostError} If the device is lost or destroyed before.
   */
  async orGone<T>(promise: Promise<T>): Promise<T> {
    let reject!: (error: Error) => void; // Node 20 has no Promise.withResolvers
    const gone = new Promise<never>((_, onError) => reject = onError);
    const error = this.#goneError();
    if (error) reject(error);
    else this.#waits.add(reject);
    try {
      return await Promise.race([gone, promise]);
    } finally {
      this.#waits.delete(reject);
    }
  }

  /**
   * Maps a buffer for reading.
   *
   * @throws {Error} The error of the device behind a failure.
   */
  async map(staging: GPUBuffer): Promise<void> {
    try {
      await this.orGone(staging.mapAsync(GPUMapMode.READ));
    } catch (cause) {
      throw await mapError(cause, () => this.first);
    }
  }

  /** Makes every later use an error, and ends all waits. */
  destroy(): void {
    this.#end("Cannot use a device that was destroyed");
  }

  #end(message: string): void {
    if (this.#gone) return;
    this.#gone = { message, cause: this.#first };
    for (const reject of this.#waits) reject(this.#goneError()!);
    this.#waits.clear();
  }

  /** A new error each time, so that its stack is that of the use. */
  #goneError(): DeviceLostError | undefined {
    if (!this.#gone) return undefined;
    const { message, cause } = this.#gone;
    return new DeviceLostError(message, cause && { cause });
  }
}
