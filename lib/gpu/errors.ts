/**
 * What can go wrong on a device, by name.
 *
 * @module
 */

/** The GPU, or the memory of the machine, has no room for a buffer. */
export class OutOfMemoryError extends Error {
  /** Makes the error. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OutOfMemoryError";
  }
}

/** The device is gone: it was destroyed, or its driver failed. */
export class DeviceLostError extends Error {
  /** Makes the error. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeviceLostError";
  }
}

/**
 * Turns what WebGPU reports into an error that a reader can act on.
 *
 * @param error The uncaptured error.
 * @returns An {@linkcode OutOfMemoryError}, or an error with the kernel and line that WebGPU names.
 */
export function toError(error: GPUError): Error {
  if (error instanceof GPUOutOfMemoryError) {
    return new OutOfMemoryError(
      `Cannot allocate on the GPU: ${
        error.message || "out of memory"
      }; use a smaller batch or shorter rows`,
    );
  }
  return new Error(`Cannot run on the GPU: ${error.message}`);
}
