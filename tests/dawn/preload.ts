/**
 * Replaces Deno's WebGPU by Dawn, that of Chromium and of the npm package for Node,
 * so that `deno task test:dawn` runs the same tests on it. Dawn refuses old drivers:
 * on Debian 12, it takes the software driver of `bookworm-backports`, or that of
 * Chromium. Arguments after `--` are flags of Dawn: `backend=null` compiles and
 * validates kernels without a driver, and runs nothing.
 *
 * @module
 */

/** The parts of the package that are used. */
interface WebGPUPackage {
  /** Makes an instance of Dawn, with flags such as `backend=vulkan`. */
  create(flags: string[]): GPU;
  /** The classes and constants of WebGPU. */
  readonly globals: Record<string, unknown> & {
    readonly GPUAdapter: { readonly prototype: GPUAdapter };
  };
}

/** Named by a variable, so that no other task downloads its 70 MB. */
const PACKAGE: string = "npm:webgpu@0.6.2";

/**
 * Interval of the polls for events of the GPU. While a promise is pending, the package
 * polls with `setImmediate`, without a pause, and each poll makes a function with a
 * finalizer, which Deno 2.9 takes from a list in linear time: a pipeline that takes
 * 12 s took more than 120 s. https://github.com/dawn-gpu/node-webgpu/issues/17
 */
const POLL_MS = 1;

/** Tests may leave timers and promises that end within this time. */
const SETTLE_MS = 100;

Object.assign(globalThis, {
  setImmediate: (poll: () => void) => setTimeout(poll, POLL_MS),
});
const { create, globals }: WebGPUPackage = await import(PACKAGE);
const gpu = create([...Deno.args]);
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

// While Deno shuts down, calls of the package crash, and so do promises that are pending.
const devices: GPUDevice[] = [];
const { prototype } = globals.GPUAdapter;
const { requestDevice } = prototype;
prototype.requestDevice = async function (descriptor) {
  const device = await requestDevice.call(this, descriptor);
  devices.push(device);
  return device;
};
Deno.test.afterAll(async () => {
  for (const device of devices) device.destroy();
  await Promise.all(devices.map(({ lost }) => lost));
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
});
