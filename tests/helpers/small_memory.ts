import { overriding } from "./overriding.ts";

/** Bytes of a texel of `rgba32float`, the format of all textures. */
const TEXEL_BYTES = 16;

/** Limits the memory of the buffers and textures of each device of this process. */
export function limitMemory(bytes: number): void {
  const { gpu } = navigator;
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = (await gpu.requestAdapter(options))!;
    return overriding(adapter, {
      async requestDevice(descriptor?: GPUDeviceDescriptor) {
        return withMemory(await adapter.requestDevice(descriptor), bytes);
      },
    });
  };
  Object.defineProperty(navigator, "gpu", {
    value: overriding(gpu, { requestAdapter }),
  });
}

/**
 * Limits the memory of the buffers and textures of a device.
 *
 * @param device The device.
 * @param bytes Size of all of them together.
 * @returns The device, which reports one that is too much. It makes that all the same:
 * errors of its use would follow.
 */
export function withMemory(device: GPUDevice, bytes: number): GPUDevice {
  let used = 0;
  const counted = <T extends GPUBuffer | GPUTexture>(
    object: T,
    size: number,
  ) => {
    used += size;
    if (used > bytes) reportLater(device);
    const destroy = object.destroy.bind(object);
    object.destroy = () => {
      used -= size;
      destroy();
    };
    return object;
  };
  return overriding(device, {
    createBuffer: (descriptor) =>
      counted(device.createBuffer(descriptor), descriptor.size),
    createTexture: (descriptor) => {
      const texture = device.createTexture(descriptor);
      return counted(texture, texture.width * texture.height * TEXEL_BYTES);
    },
  });
}

/** Reports an error as wgpu does: after the call, as an event, before a later read is done. */
function reportLater(device: GPUDevice): void {
  queueMicrotask(() => {
    device.dispatchEvent(
      Object.assign(new Event("uncapturederror", { cancelable: true }), {
        error: new GPUOutOfMemoryError("not enough memory left"),
      }),
    );
  });
}

/** Flags of `deno run` that limit the memory of the process's devices. */
export function smallMemoryFlags(bytes: number): string[] {
  const url = new URL(import.meta.url);
  url.searchParams.set("bytes", `${bytes}`);
  return [`--preload=${url}`];
}

const bytes = new URL(import.meta.url).searchParams.get("bytes");
if (bytes !== null) limitMemory(Number(bytes));
