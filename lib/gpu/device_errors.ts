/**
 * Errors that a device reports apart from the calls that cause them.
 *
 * @module
 */
import { DeviceLostError, toError } from "./errors.ts";

/**
 * Keeps the first error of a device until it is thrown. WebGPU reports an invalid
 * shader or binding only as an event, and continues with zeros.
 */
export class DeviceErrors {
  #first: Error | undefined;
  #lost: DeviceLostError | undefined;
  #isDestroyed = false;

  /** Listens to the errors of a device. */
  constructor(gpu: GPUDevice) {
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.keep(toError((event as GPUUncapturedErrorEvent).error));
    });
    gpu.lost.then(({ message, reason }) => {
      if (this.#isDestroyed) return;
      this.#lost = new DeviceLostError(
        `Cannot continue: the GPU device was lost (${
          message || reason
        }); restart the run, with a smaller batch if memory ran out`,
      );
    });
  }

  /** The error that is thrown next, if there is one. */
  get first(): Error | undefined {
    return this.#first ?? this.#lost;
  }

  /** Keeps an error, unless there is an earlier one or the device is gone. */
  keep(error: Error): void {
    if (!this.#lost && !this.#isDestroyed) this.#first ??= error;
  }

  /** Throws the kept error, once; the loss of the device every time. */
  throwFirst(): void {
    const error = this.first;
    this.#first = undefined;
    if (error) throw error;
  }

  /** Throws the kept error and goes on to keep it, for callers in the background. */
  check(): void {
    if (this.first) throw this.first;
  }

  /** Throws if the device was lost or destroyed. */
  throwIfGone(): void {
    if (this.#isDestroyed) {
      throw new DeviceLostError("Cannot use a device that was destroyed");
    }
    if (this.#lost) throw this.#lost;
  }

  /** Makes every later use an error. */
  destroy(): void {
    this.#isDestroyed = true;
  }
}
