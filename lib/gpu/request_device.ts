/**
 * Requests a WebGPU device with the limits and features that kernels use.
 *
 * @module
 */
import { checkOptions, describe, type OptionNames } from "../check_options.ts";
import { Device } from "./device.ts";
import type { DeviceInfo } from "./device_info.ts";
import { checkTuning, type TuningTable } from "./tuning.ts";

/**
 * Limits that are raised from WebGPU's defaults to the adapter's, for the parameters
 * of large models. Kernels need no more than the defaults.
 */
const RAISED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
] as const;
/** Limits that are lowered from WebGPU's defaults to the adapter's. */
const LOWERED_LIMITS = [
  "minStorageBufferOffsetAlignment",
  "minUniformBufferOffsetAlignment",
] as const;

/** For `Device.profile()`, and for half precision. */
const OPTIONAL_FEATURES = [
  "timestamp-query",
  "shader-f16",
] as const satisfies GPUFeatureName[];

const SOFTWARE =
  /llvmpipe|lavapipe|swiftshader|softpipe|basic render|mesa software/i;

const REMEDY: Record<string, string> = {
  linux:
    "install the driver of your GPU with Vulkan support, or a software driver: apt-get install mesa-vulkan-drivers",
  darwin:
    "macOS includes Metal: update macOS, and run outside a virtual machine",
  windows: "install the driver of your GPU",
};

/** Options of {@linkcode requestDevice}. */
export interface RequestDeviceOptions {
  /**
   * Set of kernels to use: for graphics hardware or for software adapters, which
   * run on the CPU.
   *
   * @default The set that suits the adapter.
   */
  kernels?: "hardware" | "software";
  /**
   * Choice of the tiles of matrix products on graphics hardware: `"measure"` times
   * the candidates in the first steps, for about two seconds in all; `"none"` uses
   * one tile for all; a table names the tile of each class, as `device.tuning.table`
   * and the `config.json` of an earlier run do. All tiles add in the same order: by
   * construction the choice changes no bit, which is tested on llvmpipe. Kernels for
   * software adapters have fixed tiles, and ignore it.
   *
   * @default `"measure"` on graphics hardware, `"none"` on a software adapter.
   */
  tuning?: "measure" | "none" | TuningTable;
}

const OPTIONS: OptionNames<RequestDeviceOptions> = {
  kernels: true,
  tuning: true,
};
const EXAMPLE = 'nothing, or { kernels: "software" }';

/**
 * Requests a WebGPU device, on a GPU if the machine has one.
 *
 * @param options Options.
 * @returns The device.
 * @throws {TypeError} If an option has an unknown name or another value.
 * @throws {Error} If the machine has no WebGPU adapter; the message names the driver to install.
 *
 * @example
 * ```ts
 * import { requestDevice } from "@gradloop/gradloop";
 *
 * using device = await requestDevice();
 * console.log(device.description);
 * ```
 */
export async function requestDevice(
  options: RequestDeviceOptions = {},
): Promise<Device> {
  checkOptions("request a device", options, OPTIONS, EXAMPLE);
  checkKernels(options.kernels);
  if (options.tuning !== undefined) checkTuning(options.tuning);
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({
    powerPreference: "high-performance",
  });
  if (!adapter) {
    const remedy = REMEDY[platform()] ?? "install a GPU driver";
    throw new Error(
      `Cannot request a WebGPU device: no adapter was found; ${remedy}`,
    );
  }
  const requiredLimits: Record<string, number> = {};
  for (const name of [...RAISED_LIMITS, ...LOWERED_LIMITS]) {
    // Drivers report sizes up to 2^64, which Deno does not accept in a request.
    requiredLimits[name] = Math.min(
      adapter.limits[name],
      Number.MAX_SAFE_INTEGER,
    );
  }
  const { description, vendor, architecture, device } = adapter.info;
  const words = [vendor, architecture, device].filter(Boolean).join(" ");
  const name = description || words || "unknown adapter";
  const runsOnCpu = adapter.info.isFallbackAdapter === true ||
    SOFTWARE.test(`${name} ${words}`);
  const isSoftware = options.kernels === undefined
    ? runsOnCpu
    : options.kernels === "software";
  const { gpu, ...subgroups } = await requestGpuDevice(
    adapter,
    requiredLimits,
    isSoftware,
  );
  return new Device(gpu, {
    description: runsOnCpu
      ? `${name}: a software adapter, on the CPU, no GPU`
      : name,
    isSoftware,
    ...subgroups,
    hasFloat16: gpu.features.has("shader-f16"),
    tuning: options.tuning ?? (runsOnCpu ? "none" : "measure"),
  });
}

function checkKernels(kernels: unknown): void {
  if ([undefined, "hardware", "software"].includes(kernels as string)) return;
  throw new TypeError(
    `Cannot request a device: kernels is ${
      describe(kernels)
    }; pass "hardware" or "software"`,
  );
}

type Subgroups = Pick<DeviceInfo, "subgroupSize" | "enablesSubgroups">;

/** Requests the device, with subgroups if software kernels are used and all subgroups have one size. */
async function requestGpuDevice(
  adapter: GPUAdapter,
  requiredLimits: Record<string, number>,
  isSoftware: boolean,
): Promise<{ gpu: GPUDevice } & Subgroups> {
  const { subgroupMinSize, subgroupMaxSize } = adapter.info;
  const requiredFeatures = OPTIONAL_FEATURES.filter((name) =>
    adapter.features.has(name)
  );
  if (
    isSoftware && subgroupMinSize > 0 && subgroupMinSize === subgroupMaxSize
  ) {
    try {
      // Deno supports subgroups without listing them in adapter.features, and its
      // compiler does not know the directive that WebGPU wants.
      const gpu = await adapter.requestDevice({
        requiredLimits,
        requiredFeatures: [...requiredFeatures, "subgroups"],
      });
      const enablesSubgroups = adapter.features.has("subgroups");
      return { gpu, subgroupSize: subgroupMinSize, enablesSubgroups };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  const gpu = await adapter.requestDevice({ requiredLimits, requiredFeatures });
  return { gpu, subgroupSize: 0 };
}

/** `linux`, `darwin` or `windows`, from `navigator.platform`, which browsers and Deno have. */
function platform(): string {
  const { platform = "" } = globalThis.navigator ?? {};
  if (/^mac|darwin/i.test(platform)) return "darwin";
  return /^win/i.test(platform) ? "windows" : "linux";
}
