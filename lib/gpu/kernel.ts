/**
 * One compute kernel: a WGSL text, its bindings and its parameters.
 *
 * @module
 */

/** How a kernel uses one of its bindings. */
export type BindingAccess = "read" | "read_write" | "texture";

/** Values of a kernel's `Params`, by field name. */
export type Params = Readonly<Record<string, number>>;

/** Values for a kernel's `override` declarations, by name. */
export type Constants = Readonly<Record<string, number>>;

/** What a kernel may choose its constants by. */
export interface DeviceClass {
  /** Whether the adapter runs on the processor. */
  readonly isSoftware: boolean;
  /** Threads whose values a kernel may exchange by subgroup operations; 0 for none. */
  readonly subgroupSize: number;
}

const BINDING =
  /@binding\((\d+)\) var(?:<storage, (read_write|read)>|(<uniform>))? ?(\w+): ?(\w+)/g;
const PARAMS_STRUCT = /struct Params \{([^}]*)\}/;
const PARAMS_FIELD = /^\s*(\w+): (u32|f32),/gm;

/**
 * A compute kernel. The text declares, in `@group(0)`, its storage buffers (or
 * storage textures that hold their content) as bindings 0, 1, …, and last
 * `var<uniform> params: Params`, a struct of `u32` and `f32` scalars. What is
 * read as texture `x` begins `params.x_offset` texels after the texture does.
 */
export class Kernel {
  /** Name shown in errors and profiles: the file's name without `.wgsl`. */
  readonly label: string;
  /** The WGSL text, unchanged, so that compile errors point at its lines. */
  readonly source: string;
  /** How each binding is used, in order, without `params`. */
  readonly bindings: readonly BindingAccess[];
  /** Which bindings are textures, and the fields of `Params` that say where in it they begin. */
  readonly textures: ReadonlyMap<number, string>;
  readonly #constants: Constants | ((device: DeviceClass) => Constants);
  readonly #fields: readonly { name: string; float: boolean }[];

  /**
   * Describes a kernel; nothing is compiled until it is first dispatched.
   *
   * @param label Its name.
   * @param source The WGSL text.
   * @param constants Values for its `override` declarations, fixed or by device.
   * @throws {SyntaxError} If the bindings are not numbered 0, 1, … in order.
   */
  constructor(
    label: string,
    source: string,
    constants: Constants | ((device: DeviceClass) => Constants) = {},
  ) {
    this.label = label;
    this.source = source;
    this.#constants = constants;
    const bindings: BindingAccess[] = [];
    const textures = new Map<number, string>();
    let count = 0;
    for (const [, index, access, uniform, name] of source.matchAll(BINDING)) {
      if (Number(index) !== count++) {
        throw new SyntaxError(
          `Cannot use kernel "${label}": binding ${index} is out of order`,
        );
      }
      if (uniform) continue;
      if (!access) textures.set(bindings.length, `${name}_offset`);
      bindings.push((access as BindingAccess | undefined) ?? "texture");
    }
    this.bindings = bindings;
    this.textures = textures;
    const struct = source.match(PARAMS_STRUCT)?.[1] ?? "";
    this.#fields = [...struct.matchAll(PARAMS_FIELD)].map(([, name, type]) => ({
      name: name!,
      float: type === "f32",
    }));
  }

  /** Bytes of the `Params` struct; 0 if the kernel has none. */
  get paramsByteLength(): number {
    return 4 * this.#fields.length;
  }

  /**
   * Writes `Params` as WGSL lays it out: 4 bytes a field, in order.
   *
   * @param params The value of each field.
   * @param view Where to write.
   * @param byteOffset Where in `view`.
   * @throws {TypeError} If a field has no value.
   */
  packParams(params: Params, view: DataView, byteOffset: number): void {
    for (const { name, float } of this.#fields) {
      const value = params[name];
      if (value === undefined) {
        throw new TypeError(
          `Cannot dispatch "${this.label}": parameter "${name}" has no value`,
        );
      }
      if (float) view.setFloat32(byteOffset, value, true);
      else view.setUint32(byteOffset, value, true);
      byteOffset += 4;
    }
  }

  /**
   * Compiles the entry point `main`.
   *
   * @param gpu The device to compile for.
   * @param deviceClass What kind of device it is.
   * @returns The pipeline and the layout of its bind group.
   */
  compile(
    gpu: GPUDevice,
    deviceClass: DeviceClass,
  ): { pipeline: GPUComputePipeline; layout: GPUBindGroupLayout } {
    const { label } = this;
    // llvmpipe compiles a kernel again for every value of a uniform that bounds
    // a loop: there, params is a storage buffer.
    const inStorage = deviceClass.isSoftware;
    const code = inStorage
      ? this.source.replace("var<uniform> params", "var<storage, read> params")
      : this.source;
    const entries: GPUBindGroupLayoutEntry[] = this.bindings.map((
      access,
      binding,
    ) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      ...(access === "texture"
        ? { storageTexture: { access: "read-only", format: "rgba32float" } }
        : {
          buffer: {
            type: access === "read" ? "read-only-storage" : "storage",
          },
        }),
    }));
    if (this.#fields.length > 0) {
      entries.push({
        binding: entries.length,
        visibility: GPUShaderStage.COMPUTE,
        buffer: {
          type: inStorage ? "read-only-storage" : "uniform",
          hasDynamicOffset: true,
        },
      });
    }
    const layout = gpu.createBindGroupLayout({ label, entries });
    const pipeline = gpu.createComputePipeline({
      label,
      layout: gpu.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: {
        module: gpu.createShaderModule({ label, code }),
        entryPoint: "main",
        constants: typeof this.#constants === "function"
          ? this.#constants(deviceClass)
          : this.#constants,
      },
    });
    return { pipeline, layout };
  }
}
