import { type Device, requestDevice } from "../../mod.ts";

/**
 * The available adapter with each set of kernels: every adapter runs all kernels,
 * so that both sets are tested on any machine.
 */
export const KERNEL_SETS: readonly { name: string; device: Device }[] = [
  { name: "software", device: await requestDevice({ kernels: "software" }) },
  { name: "hardware", device: await requestDevice({ kernels: "hardware" }) },
];
