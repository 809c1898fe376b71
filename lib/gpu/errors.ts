/**
 * Errors of a device.
 *
 * @module
 */

/** The GPU, or the memory of the machine, has too little free memory for a buffer. */
export class OutOfMemoryError extends Error {
  /** Makes the error. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OutOfMemoryError";
  }
}

/** The device was destroyed, or its driver failed. */
export class DeviceLostError extends Error {
  /** Makes the error. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeviceLostError";
  }
}

/**
 * Error of a failed `mapAsync`. Its cause, such as a staging buffer that could not
 * be allocated, arrives as an event after the rejection.
 *
 * @param cause The rejection.
 * @param uncaptured Returns the first uncaptured error of the device.
 * @returns The uncaptured error, or else a {@linkcode DeviceLostError}.
 */
export async function mapError(
  cause: unknown,
  uncaptured: () => Error | undefined,
): Promise<Error> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  const reason = cause instanceof Error ? cause.message : String(cause);
  return uncaptured() ??
    new DeviceLostError(
      `Cannot read from the GPU: ${reason}; restart the run, with a smaller batch if memory ran out`,
      { cause },
    );
}

/**
 * Converts an uncaptured WebGPU error into one with a remedy.
 *
 * @param error The uncaptured error.
 * @returns An {@linkcode OutOfMemoryError}, or an error with WebGPU's message, which
 * names the kernel and line.
 */
export function toError(error: GPUError): Error {
  if (error instanceof GPUOutOfMemoryError) {
    return new OutOfMemoryError(
      `Cannot allocate on the GPU: ${
        error.message || "out of memory"
      }; use a smaller batch or shorter sequences`,
    );
  }
  return new Error(`Cannot run on the GPU: ${error.message}`);
}
