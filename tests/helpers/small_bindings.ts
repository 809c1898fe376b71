import { assert, assertEquals } from "@std/assert";
import { Device } from "../../mod.ts";
import { KERNEL_SETS } from "./kernel_sets.ts";
import { overriding } from "./overriding.ts";

/**
 * Each set of kernels on an adapter that binds at most `maxBytes`. Buffers larger
 * than that, and bindings of them, are errors.
 *
 * @param maxBytes Largest size of a binding and of a buffer, in bytes.
 * @returns The devices.
 */
export async function smallBindings(
  maxBytes: number,
): Promise<{ name: string; device: Device }[]> {
  return [
    { name: "software", device: await request(maxBytes, true) },
    { name: "hardware", device: await request(maxBytes, false) },
  ];
}

async function request(maxBytes: number, isSoftware: boolean): Promise<Device> {
  const adapter = await navigator.gpu.requestAdapter();
  assert(adapter);
  const hasSubgroups = isSoftware && adapter.info.subgroupMinSize === 8 &&
    adapter.info.subgroupMaxSize === 8;
  const gpu = await adapter.requestDevice({
    requiredFeatures: hasSubgroups ? ["subgroups" as GPUFeatureName] : [],
  });
  return new Device(limited(gpu, maxBytes), {
    description: "small bindings",
    isSoftware,
    subgroupSize: hasSubgroups ? 8 : 0,
    enablesSubgroups: adapter.features.has("subgroups"),
  });
}

function limited(gpu: GPUDevice, maxBytes: number): GPUDevice {
  const limits = overriding(gpu.limits, {
    maxBufferSize: maxBytes,
    maxStorageBufferBindingSize: maxBytes,
  });
  const createBindGroup = (descriptor: GPUBindGroupDescriptor) => {
    for (const { resource } of descriptor.entries) {
      if (!("buffer" in resource)) continue;
      const { buffer, offset = 0, size = buffer.size - offset } = resource;
      assert(size <= maxBytes, `${descriptor.label} binds ${size} bytes`);
    }
    return gpu.createBindGroup(descriptor);
  };
  const createBuffer = (descriptor: GPUBufferDescriptor) => {
    const isParams = descriptor.label === "params";
    assert(isParams || descriptor.size <= maxBytes, "too large a buffer");
    return gpu.createBuffer(descriptor);
  };
  return overriding(gpu, { limits, createBindGroup, createBuffer });
}

/** Values by name. */
export type Results = Map<string, Float32Array<ArrayBuffer>>;

/**
 * Fails unless every set of kernels gives the same bits on an adapter that splits
 * large parameters and on one that does not.
 */
export async function assertSameIfSplit(
  t: Deno.TestContext,
  name: string,
  small: readonly { name: string; device: Device }[],
  run: (device: Device) => Promise<Results>,
): Promise<void> {
  for (const [i, { name: kernels, device }] of small.entries()) {
    await t.step(`${name}, ${kernels} kernels`, async () => {
      const expected = await run(KERNEL_SETS[i]!.device);
      const actual = await run(device);
      assertEquals([...actual.keys()], [...expected.keys()]);
      for (const [key, values] of expected) {
        assert(values.some((value) => value !== 0), `${key} is all zeros`);
        assertIdentical(actual.get(key)!, values, key);
      }
    });
  }
}

/** Fails with the first number that differs; `assertEquals` takes minutes for a long list. */
export function assertIdentical(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  name: string,
): void {
  assertEquals(actual.length, expected.length, `length of ${name}`);
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) continue;
    throw new Error(`${name}[${i}] is ${actual[i]}, expected ${expected[i]}`);
  }
}
