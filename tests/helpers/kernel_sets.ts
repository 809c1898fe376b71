import { type Device, requestDevice } from "../../mod.ts";

/**
 * The adapter there is, once with each set of kernels: all of them run
 * everywhere, and a change to one must not wait for the other machine.
 */
export const KERNEL_SETS: readonly { name: string; device: Device }[] = [
  { name: "software", device: await requestDevice({ kernels: "software" }) },
  { name: "hardware", device: await requestDevice({ kernels: "hardware" }) },
];
