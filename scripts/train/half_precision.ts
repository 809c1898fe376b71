/**
 * Half precision of a run: `--fp16`.
 *
 * @module
 */
import { type Device, GradScaler } from "../../mod.ts";
import type { Options } from "./options.ts";

/**
 * Makes the scaler of a run, which does nothing without `--fp16`.
 *
 * @param device The device.
 * @param options Settings of the run.
 * @returns The scaler.
 * @throws {Error} With `--fp16`, if the device has no `shader-f16`.
 */
export function scalerOf(
  device: Device,
  { fp16: enabled = false }: Pick<Options, "fp16">,
): GradScaler {
  if (enabled && !device.hasFloat16) {
    throw new Error(
      `--fp16 needs a GPU with shader-f16, which this one lacks (${device.description}): leave out --fp16; --gradient-checkpointing takes less memory too`,
    );
  }
  return new GradScaler(device, { enabled });
}
