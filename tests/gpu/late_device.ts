import { assert } from "@std/assert";
import { Device } from "../../mod.ts";
import { overriding } from "../helpers/overriding.ts";

/**
 * Requests a device on which some WebGPU methods are replaced.
 *
 * @param own Returns the methods for the real device.
 * @param isSoftware Whether to use the kernels for software adapters.
 * @param requiredFeatures Features of the device.
 * @returns The device.
 */
export async function requestReplaced(
  own: (gpu: GPUDevice) => Partial<GPUDevice>,
  isSoftware = false,
  requiredFeatures: GPUFeatureName[] = [],
): Promise<Device> {
  const adapter = await navigator.gpu.requestAdapter();
  assert(adapter);
  const gpu = await adapter.requestDevice({ requiredFeatures });
  return new Device(overriding(gpu, own(gpu)), {
    description: "replaced",
    isSoftware,
    subgroupSize: 0,
  });
}

/** Milliseconds by which {@linkcode makesLate} delays a pipeline. */
const LATE_MS = 40;

/** Makes each pipeline some time after it was asked for, as browsers do. */
export function makesLate(gpu: GPUDevice): Partial<GPUDevice> {
  return {
    async createComputePipelineAsync(descriptor) {
      await new Promise((resolve) => setTimeout(resolve, LATE_MS));
      return gpu.createComputePipelineAsync(descriptor);
    },
  };
}

/** Makes pipelines that are never ready. */
export function makesNever(): Partial<GPUDevice> {
  return { createComputePipelineAsync: () => new Promise(() => {}) };
}
