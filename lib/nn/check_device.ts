/**
 * Checks that a device is one.
 *
 * @module
 */
import { describe } from "../check_options.ts";

/**
 * Rejects what is not a device: its name, a promise of one, or nothing.
 *
 * @param action The action that needs it, such as `load a model`.
 * @param device The device.
 * @param remedy What to pass, and where.
 * @throws {TypeError} If it is not a device.
 */
export function checkDevice(
  action: string,
  device: unknown,
  remedy: string,
): void {
  if (typeof device === "object" && device && "allocate" in device) return;
  throw new TypeError(
    `Cannot ${action}: its device is ${describe(device)}; pass ${remedy}`,
  );
}
