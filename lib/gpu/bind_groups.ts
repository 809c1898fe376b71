/**
 * Bind groups of kernels, cached by the buffers that they bind.
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";
import type { TextureCache } from "./texture_cache.ts";
import type { BufferBinding } from "./storage_buffer.ts";
import type { Counters } from "./counters.ts";

/** A cache of the bind groups of all kernels. */
export class BindGroups {
  readonly #gpu: GPUDevice;
  readonly #textures: TextureCache;
  readonly #params: GPUBuffer;
  readonly #counters: Counters;
  readonly #groups = new Map<Kernel, Map<string, GPUBindGroup>>();

  /**
   * Makes an empty cache.
   *
   * @param gpu The device.
   * @param textures The texture that kernels read operands from.
   * @param params The buffer with the `Params` of all dispatches.
   * @param counters Counts the bind groups that are created.
   */
  constructor(
    gpu: GPUDevice,
    textures: TextureCache,
    params: GPUBuffer,
    counters: Counters,
  ) {
    this.#gpu = gpu;
    this.#textures = textures;
    this.#params = params;
    this.#counters = counters;
  }

  /**
   * Finds or creates the bind group of a dispatch.
   *
   * @param kernel The kernel.
   * @param layout The layout of its bind group.
   * @param operands The buffers to bind, in `@binding` order.
   * @returns The bind group.
   * @throws {TypeError} If `operands` does not have as many entries as the kernel has bindings.
   * @throws {RangeError} If a binding is not aligned, or one buffer is both read and written.
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

  /** Evicts the bind groups of destroyed buffers, given by their ids. */
  evict(ids: ReadonlySet<number>): void {
    if (ids.size === 0) return;
    for (const groups of this.#groups.values()) {
      for (const key of groups.keys()) {
        if (key.split(" ").some((part) => ids.has(parseInt(part)))) {
          groups.delete(key);
        }
      }
    }
  }

  /** Evicts the bind groups with the texture, after it was replaced. */
  evictTextures(): void {
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
        ? this.#textures.view
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

  /** Throws for what WebGPU would report only later, without the kernel's name. */
  #check(kernel: Kernel, operands: readonly BufferBinding[]): void {
    const alignment = this.#gpu.limits.minStorageBufferOffsetAlignment;
    operands.forEach(({ storage, byteOffset }, i) => {
      if (kernel.bindings[i] === "texture") return;
      if (byteOffset % alignment !== 0) {
        throw new RangeError(
          `Cannot dispatch "${kernel.label}": binding ${i} begins at byte ${byteOffset}, which is not a multiple of ${alignment}`,
        );
      }
      const other = operands.findIndex((operand, j) =>
        operand.storage === storage && kernel.bindings[j] !== "texture" &&
        kernel.bindings[j] !== kernel.bindings[i]
      );
      if (other >= 0) {
        throw new RangeError(
          `Cannot dispatch "${kernel.label}": bindings ${i} and ${other} read and write the same buffer`,
        );
      }
    });
  }
}

/**
 * Cache key. A buffer that starts at byte 0 is bound with its full size,
 * whatever part of it is used, so that the key does not change with the batch;
 * a view of a shared buffer is bound with its exact size.
 */
function keyOf(kernel: Kernel, operands: readonly BufferBinding[]): string {
  let key = "";
  operands.forEach(({ storage, byteOffset, byteLength }, i) => {
    if (kernel.textures.has(i)) return; // there is one texture
    key += byteOffset > 0 || storage.owner === undefined
      ? `${storage.id}+${byteOffset}:${byteLength} `
      : `${storage.id} `;
  });
  return key;
}

/** The range of a buffer that a kernel can reach through an operand. */
export function bufferBinding(operand: BufferBinding): GPUBufferBinding {
  const { storage, byteOffset, byteLength } = operand;
  if (byteOffset === 0 && storage.owner !== undefined) {
    return { buffer: storage.gpu };
  }
  // Kernels read whole vec4s: the last one may extend beyond the view.
  const size = Math.min(
    Math.ceil(byteLength / 16) * 16,
    storage.byteLength - byteOffset,
  );
  return { buffer: storage.gpu, offset: byteOffset, size };
}
