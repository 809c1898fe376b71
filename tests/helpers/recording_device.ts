import { assert } from "@std/assert";
import { Device, type RequestDeviceOptions } from "../../mod.ts";
import { overriding } from "./overriding.ts";

/** A kernel as a device compiled it. */
export interface CompiledKernel {
  readonly label: string;
  /** WGSL. */
  readonly code: string;
  /** Values of its `override` declarations. */
  readonly overrides: Readonly<Record<string, number>>;
  /** Entries of its bind group. */
  readonly bindings: readonly GPUBindGroupLayoutEntry[];
}

/** Properties of the device of {@linkcode recordKernels}. */
export interface RecordingOptions {
  readonly isSoftware: boolean;
  readonly subgroupSize: number;
  readonly tuning?: RequestDeviceOptions["tuning"];
  /** Largest size of a binding and of a buffer, in bytes; the default limits if left out. */
  readonly maxBytes?: number;
}

/** The kernels of a recording. */
export interface Recording {
  readonly kernels: readonly CompiledKernel[];
  /** Errors and warnings of the compiler, each after the label of its kernel. */
  readonly messages: readonly string[];
  /** The error that WebGPU reported, or that `work` threw. */
  readonly error: unknown;
  /** Whether the adapter has `shader-f16`. */
  readonly hasFloat16: boolean;
}

/**
 * Records the kernels of a device with WebGPU's default limits, which compiles and
 * validates everything, and executes nothing: results are zeros.
 *
 * @param options Properties of the device.
 * @param work A function that uses it.
 * @returns The kernels, and the first error.
 */
export async function recordKernels(
  { isSoftware, subgroupSize, tuning = "none", maxBytes }: RecordingOptions,
  work: (device: Device) => Promise<void>,
): Promise<Recording> {
  const adapter = await navigator.gpu.requestAdapter();
  assert(adapter);
  const hasFloat16 = adapter.features.has("shader-f16");
  const gpu = await adapter.requestDevice({
    requiredFeatures: [
      ...subgroupSize > 0 ? ["subgroups" as GPUFeatureName] : [],
      ...hasFloat16 ? ["shader-f16" as const] : [],
    ],
  });
  const kernels: CompiledKernel[] = [];
  const modules = new Map<GPUShaderModule, GPUShaderModuleDescriptor>();
  using device = new Device(recording(gpu, kernels, modules, maxBytes), {
    description: "recording",
    isSoftware,
    subgroupSize,
    enablesSubgroups: adapter.features.has("subgroups"),
    hasFloat16,
    tuning,
  });
  let error: unknown;
  try {
    await work(device);
  } catch (thrown) {
    error = thrown;
  }
  const compiled = [...modules].map(async ([module, { label }]) => {
    const { messages } = await module.getCompilationInfo();
    return messages.map(({ type, message }) => `${label}: ${type}: ${message}`);
  });
  await gpu.queue.onSubmittedWorkDone(); // Chromium answers no sooner than work follows
  const messages = (await Promise.all(compiled)).flat();
  return { kernels, messages, error, hasFloat16 };
}

function recording(
  gpu: GPUDevice,
  kernels: CompiledKernel[],
  modules: Map<GPUShaderModule, GPUShaderModuleDescriptor>,
  maxBytes: number | undefined,
): GPUDevice {
  const bindings = new WeakMap<object, GPUBindGroupLayoutEntry[]>();
  const keep = ({ label, layout, compute }: GPUComputePipelineDescriptor) =>
    kernels.push({
      label: label!,
      code: modules.get(compute.module)!.code,
      overrides: compute.constants ?? {},
      bindings: bindings.get(layout as GPUPipelineLayout)!,
    });
  const own: Partial<GPUDevice> = {
    limits: maxBytes === undefined ? gpu.limits : overriding(gpu.limits, {
      maxBufferSize: maxBytes,
      maxStorageBufferBindingSize: maxBytes,
    }),
    queue: overriding(gpu.queue, { submit() {} }),
    createShaderModule(descriptor) {
      const module = gpu.createShaderModule(descriptor);
      modules.set(module, descriptor);
      return module;
    },
    createBindGroupLayout(descriptor) {
      const layout = gpu.createBindGroupLayout(descriptor);
      bindings.set(layout, [...descriptor.entries]);
      return layout;
    },
    createPipelineLayout(descriptor) {
      const layout = gpu.createPipelineLayout(descriptor);
      const [group] = [...descriptor.bindGroupLayouts];
      bindings.set(layout, bindings.get(group!)!);
      return layout;
    },
    createComputePipeline(descriptor) {
      keep(descriptor);
      return gpu.createComputePipeline(descriptor);
    },
    createComputePipelineAsync(descriptor) {
      keep(descriptor);
      return gpu.createComputePipelineAsync(descriptor);
    },
  };
  return overriding(gpu, own);
}
