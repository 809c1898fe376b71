/**
 * Binds buffers to kernels: a bind group is made once for the same ones.
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";
import type { TextureCache } from "./texture_cache.ts";
import type { BufferBinding } from "./buffer_pool.ts";
import type { Counters } from "./counters.ts";

/** The bind groups of all kernels. */
export class BindGroups {
  readonly #gpu: GPUDevice;
  readonly #mirrors: TextureCache;
  readonly #params: GPUBuffer;
  readonly #counters: Counters;
  readonly #groups = new Map<Kernel, Map<string, GPUBindGroup>>();

  /**
   * Begins without any.
   *
   * @param gpu The device.
   * @param mirrors What a kernel reads as a texture.
   * @param params The buffer of all `Params`.
   * @param counters Where each one that is made is counted.
   */
  constructor(
    gpu: GPUDevice,
    mirrors: TextureCache,
    params: GPUBuffer,
    counters: Counters,
  ) {
    this.#gpu = gpu;
    this.#mirrors = mirrors;
    this.#params = params;
    this.#counters = counters;
  }

  /**
   * Finds or makes the one of a dispatch.
   *
   * @param kernel The kernel.
   * @param layout Its layout.
   * @param operands Its bindings, in order.
   * @returns The bind group.
   * @throws {TypeError} If there are not as many as the kernel has.
   * @throws {RangeError} If one is not aligned, or is read and written at once.
   */
  get(
    kernel: Kernel,
    layout: GPUBindGroupLayout,
    operands: readonly BufferBinding[],
  ): GPUBindGroup {
    if (operands.length !== kernel.bindings.length) {
      throw new TypeError(
        `Cannot dispatch "${kernel.label}": it has ${kernel.bindings.length} bindings, not ${operands.length}`,
      );
    }
    let groups = this.#groups.get(kernel);
    if (!groups) this.#groups.set(kernel, groups = new Map());
    const key = keyOf(kernel, operands);
    let group = groups.get(key);
    if (!group) {
      group = this.#make(kernel, layout, operands);
      groups.set(key, group);
      this.#counters.bindGroups++;
    }
    return group;
  }

  /** Forgets those of buffers that were destroyed, by their ids. */
  forget(ids: ReadonlySet<number>): void {
    if (ids.size === 0) return;
    for (const groups of this.#groups.values()) {
      for (const key of groups.keys()) {
        if (key.split(" ").some((part) => ids.has(parseInt(part)))) {
          groups.delete(key);
        }
      }
    }
  }

  /** Forgets those of the texture, which is another one now. */
  forgetTextures(): void {
    for (const [{ textures }, groups] of this.#groups) {
      if (textures.size > 0) groups.clear();
    }
  }

  #make(
    kernel: Kernel,
    layout: GPUBindGroupLayout,
    operands: readonly BufferBinding[],
  ): GPUBindGroup {
    this.#check(kernel, operands);
    const entries: GPUBindGroupEntry[] = operands.map((operand, binding) => ({
      binding,
      resource: kernel.bindings[binding] === "texture"
        ? this.#mirrors.view
        : bufferBinding(operand),
    }));
    if (kernel.paramsByteLength > 0) {
      entries.push({
        binding: entries.length,
        resource: { buffer: this.#params, size: kernel.paramsByteLength },
      });
    }
    return this.#gpu.createBindGroup({ label: kernel.label, layout, entries });
  }

  /** Refuses what WebGPU would report later, without the kernel's name. */
  #check(kernel: Kernel, operands: readonly BufferBinding[]): void {
    const alignment = this.#gpu.limits.minStorageBufferOffsetAlignment;
    operands.forEach(({ storage, byteOffset }, i) => {
      if (kernel.bindings[i] === "texture") return;
      if (byteOffset % alignment !== 0) {
        throw new RangeError(
          `Cannot dispatch "${kernel.label}": binding ${i} begins at byte ${byteOffset}, no multiple of ${alignment}`,
        );
      }
      const other = operands.findIndex((operand, j) =>
        operand.storage === storage && kernel.bindings[j] !== "texture" &&
        kernel.bindings[j] !== kernel.bindings[i]
      );
      if (other >= 0) {
        throw new RangeError(
          `Cannot dispatch "${kernel.label}": bindings ${i} and ${other} read and write one buffer`,
        );
      }
    });
  }
}

/**
 * A part of a shared buffer is bound with its exact size, a whole buffer as a
 * whole, so that the key does not change with the batch.
 */
function keyOf(kernel: Kernel, operands: readonly BufferBinding[]): string {
  let key = "";
  operands.forEach(({ storage, byteOffset, byteLength }, i) => {
    if (kernel.textures.has(i)) return; // always the same one
    key += byteOffset > 0 || storage.owner === undefined
      ? `${storage.id}+${byteOffset}:${byteLength} `
      : `${storage.id} `;
  });
  return key;
}

function bufferBinding(operand: BufferBinding): GPUBufferBinding {
  const { storage, byteOffset, byteLength } = operand;
  if (byteOffset === 0 && storage.owner !== undefined) {
    return { buffer: storage.gpu };
  }
  // Bindings are whole vec4s: the last one may reach over the part's end.
  const size = Math.min(
    Math.ceil(byteLength / 16) * 16,
    storage.byteLength - byteOffset,
  );
  return { buffer: storage.gpu, offset: byteOffset, size };
}
