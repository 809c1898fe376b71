/**
 * Replaces Deno's WebGPU by Dawn, that of Chromium and of the npm package for Node,
 * so that `deno task test:dawn` runs the same tests on it. Dawn refuses old drivers:
 * on Debian 12, it takes the software driver of `bookworm-backports`.
 *
 * @module
 */

/** The parts of the package that are used. */
interface WebGPUPackage {
  /** Makes an instance of Dawn, with flags such as `backend=vulkan`. */
  create(flags: string[]): GPU;
  /** The classes and constants of WebGPU. */
  readonly globals: Record<string, unknown>;
}

/** Named by a variable, so that no other task downloads its 70 MB. */
const PACKAGE: string = "npm:webgpu@0.6.2";

const { create, globals }: WebGPUPackage = await import(PACKAGE);
const gpu = create([]);
const adapter = await gpu.requestAdapter();
if (!adapter) {
  throw new Error(
    "Cannot test on Dawn: it found no adapter that it supports; set VK_DRIVER_FILES to the manifest of a newer Vulkan driver",
  );
}
// deno-lint-ignore no-console
console.log(`Dawn on ${adapter.info.description || adapter.info.device}`);
Object.assign(globalThis, globals);
const { userAgent } = navigator;
// On the prototype, as in every implementation: a test may hide them and uncover them.
Object.defineProperties(Object.getPrototypeOf(navigator), {
  gpu: { configurable: true, get: () => gpu },
  userAgent: { configurable: true, get: () => `Dawn in ${userAgent}` },
});
