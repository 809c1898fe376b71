import { device } from "./device.ts";

/**
 * Name and options of a test of half precision. An adapter without `shader-f16`, as that
 * of Chromium without a GPU, ignores it and says why; that of `deno task test` has it.
 */
export function needsFloat16(name: string): { name: string; ignore: boolean } {
  if (device.hasFloat16) return { name, ignore: false };
  return { name: `${name} (needs shader-f16)`, ignore: true };
}
