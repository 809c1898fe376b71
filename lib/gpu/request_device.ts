/**
 * Finds an adapter, asks for what it has, and says what it is.
 *
 * @module
 */
import { Device } from "./device.ts";

/** Limits that kernels and large models need more of than WebGPU's defaults. */
const RAISED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
] as const;
/** Limits where less is better. */
const LOWERED_LIMITS = [
  "minStorageBufferOffsetAlignment",
  "minUniformBufferOffsetAlignment",
] as const;

const SOFTWARE = /llvmpipe|lavapipe|swiftshader|softpipe|basic render/i;

const REMEDY: Record<string, string> = {
  linux:
    "install the driver of your GPU with its Vulkan part, or a software one: apt-get install mesa-vulkan-drivers",
  darwin:
    "macOS brings Metal itself: update macOS, and run outside a virtual machine",
  windows: "install the driver of your GPU",
};

/** Options of {@linkcode requestDevice}. */
export interface RequestDeviceOptions {
  /**
   * Which kernels to use: those for graphics hardware or those for software
   * adapters.
   *
   * @default By the adapter.
   */
  kernels?: "hardware" | "software";
}

/**
 * Requests a WebGPU device: a hardware one where there is one.
 *
 * @param options What to ask for.
 * @returns The device.
 * @throws {Error} If the machine has no WebGPU adapter; the message says what to install.
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
    // Drivers report sizes up to 2^64, which Deno refuses as a request.
    requiredLimits[name] = Math.min(
      adapter.limits[name],
      Number.MAX_SAFE_INTEGER,
    );
  }
  const { description, vendor, device } = adapter.info;
  const name = description || `${vendor} ${device}`.trim() || "unknown adapter";
  const onProcessor = adapter.info.isFallbackAdapter === true ||
    SOFTWARE.test(name);
  const isSoftware = options.kernels === undefined
    ? onProcessor
    : options.kernels === "software";
  const { gpu, subgroupSize } = await open(
    adapter,
    requiredLimits,
    isSoftware,
  );
  return new Device(gpu, {
    description: onProcessor
      ? `${name}: a software adapter, on the processor, no GPU`
      : name,
    isSoftware,
    subgroupSize,
  });
}

/** Requests the device, with subgroups where kernels use them and all have one size. */
async function open(
  adapter: GPUAdapter,
  requiredLimits: Record<string, number>,
  isSoftware: boolean,
): Promise<{ gpu: GPUDevice; subgroupSize: number }> {
  const { subgroupMinSize, subgroupMaxSize } = adapter.info;
  // For Device.profile().
  const requiredFeatures: GPUFeatureName[] =
    adapter.features.has("timestamp-query") ? ["timestamp-query"] : [];
  if (
    isSoftware && subgroupMinSize > 0 && subgroupMinSize === subgroupMaxSize
  ) {
    try {
      // Deno has them without listing them in adapter.features.
      const gpu = await adapter.requestDevice({
        requiredLimits,
        requiredFeatures: [...requiredFeatures, "subgroups"],
      });
      return { gpu, subgroupSize: subgroupMinSize };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  const gpu = await adapter.requestDevice({ requiredLimits, requiredFeatures });
  return { gpu, subgroupSize: 0 };
}

/** `linux`, `darwin` or `windows`, from what browsers and Deno both tell. */
function platform(): string {
  const { platform = "" } = globalThis.navigator ?? {};
  if (/^mac|darwin/i.test(platform)) return "darwin";
  return /^win/i.test(platform) ? "windows" : "linux";
}
