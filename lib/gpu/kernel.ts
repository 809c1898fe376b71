/**
 * A compute kernel: WGSL source, bindings and parameters.
 *
 * @module
 */

/** Access of a kernel to one of its bindings. */
export type BindingAccess = "read" | "read_write" | "texture";

/** Values of a kernel's `Params`, by field name. */
export type Params = Readonly<Record<string, number>>;

/** Values for a kernel's `override` declarations, by name. */
export type Constants = Readonly<Record<string, number>>;

/** Device properties that the constants of a kernel may depend on. */
export interface DeviceClass {
  /** Whether to use the kernels for software adapters, which run on the CPU. */
  readonly isSoftware: boolean;
  /** Number of threads in a subgroup; 0 if kernels cannot use subgroup operations. */
  readonly subgroupSize: number;
  /** Whether WGSL with subgroup operations needs the directive `enable subgroups`. */
  readonly enablesSubgroups?: boolean;
}

const BINDING =
  /@binding\((\d+)\) var(?:<storage, (read_write|read)>|(<uniform>))? ?(\w+): ?(\w+)/g;
const PARAMS_STRUCT = /struct Params \{([^}]*)\}/;
/** An operation of subgroups. */
const SUBGROUPS = /\bsubgroup[A-Z]/;
/** A type of half precision. */
const FLOAT16 = /<f16>/;
const PARAMS_FIELD = /^\s*(\w+): (u32|f32),/gm;

/**
 * A compute kernel. Its source declares, in `@group(0)`, storage buffers (or
 * storage textures with a copy of their content) as bindings 0, 1, …, and as the
 * last binding `var<uniform> params: Params`, a struct of `u32` and `f32`
 * scalars. An operand read as texture `x` starts at texel `params.x_offset`.
 */
export class Kernel {
  /** Name in errors and profiles: the name of the source file without `.wgsl`. */
  readonly label: string;
  /** WGSL source, unchanged, so that line numbers in compile errors are right. */
  readonly source: string;
  /** Access of each binding, in `@binding` order, without `params`. */
  readonly bindings: readonly BindingAccess[];
  /** Bindings that are textures, each with the `Params` field for its offset in texels. */
  readonly textures: ReadonlyMap<number, string>;
  readonly #constants: Constants | ((device: DeviceClass) => Constants);
  readonly #fields: readonly { name: string; float: boolean }[];

  /**
   * Makes a kernel; it is compiled before its first dispatch on a device runs.
   *
   * @param label Name in errors and profiles.
   * @param source WGSL source.
   * @param constants Values of its `override` declarations, or a function of the device that returns them.
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

  /** Size of the `Params` struct in bytes; 0 if the kernel has none. */
  get paramsByteLength(): number {
    return 4 * this.#fields.length;
  }

  /**
   * Writes `Params` in WGSL's memory layout: 4 bytes per field, in order.
   *
   * @param params The value of each field.
   * @param view The destination.
   * @param byteOffset Start of the struct in `view`, in bytes.
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
   * Compiles the entry point `main` while the caller waits.
   *
   * @param gpu The device to compile for.
   * @param deviceClass Properties that the constants may depend on.
   * @returns The pipeline and the layout of its bind group.
   */
  compile(
    gpu: GPUDevice,
    deviceClass: DeviceClass,
  ): { pipeline: GPUComputePipeline; layout: GPUBindGroupLayout } {
    const layout = this.bindGroupLayout(gpu, deviceClass);
    const pipeline = gpu.createComputePipeline(
      this.pipelineDescriptor(gpu, deviceClass, layout),
    );
    return { pipeline, layout };
  }

  /**
   * Makes the layout of its bind group.
   *
   * @param gpu The device.
   * @param deviceClass Properties of the device.
   * @returns The layout: the bindings, then `params`.
   */
  bindGroupLayout(
    gpu: GPUDevice,
    deviceClass: DeviceClass,
  ): GPUBindGroupLayout {
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
          type: paramsInStorage(this, deviceClass)
            ? "read-only-storage"
            : "uniform",
          hasDynamicOffset: true,
        },
      });
    }
    return gpu.createBindGroupLayout({ label: this.label, entries });
  }

  /**
   * Describes the pipeline of the entry point `main`.
   *
   * @param gpu The device to compile for.
   * @param deviceClass Properties that the constants may depend on.
   * @param layout The layout of its bind group.
   * @returns The descriptor, with a new shader module.
   */
  pipelineDescriptor(
    gpu: GPUDevice,
    deviceClass: DeviceClass,
    layout: GPUBindGroupLayout,
  ): GPUComputePipelineDescriptor {
    const { label } = this;
    const code = codeFor(this, deviceClass);
    return {
      label,
      layout: gpu.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: {
        module: gpu.createShaderModule({ label, code }),
        entryPoint: "main",
        constants: typeof this.#constants === "function"
          ? this.#constants(deviceClass)
          : this.#constants,
      },
    };
  }
}

/** The source as the compiler of the device takes it, with the same line numbers. */
function codeFor(kernel: Kernel, deviceClass: DeviceClass): string {
  const { source } = kernel;
  const directives = (FLOAT16.test(source) ? "enable f16; " : "") +
    (deviceClass.enablesSubgroups && SUBGROUPS.test(source)
      ? "enable subgroups; "
      : "");
  const code = paramsInStorage(kernel, deviceClass)
    ? source.replace("var<uniform> params", "var<storage, read> params")
    : source;
  return directives + code;
}

/** Storage buffers that a kernel may have on every device. */
const MAX_STORAGE_BUFFERS = 8;

/**
 * Whether `params` is a storage buffer: llvmpipe recompiles a kernel for every
 * value of a uniform that bounds a loop. It is a uniform if the kernel has as
 * many storage buffers as it may have.
 */
function paramsInStorage(
  { bindings, textures }: Kernel,
  { isSoftware }: DeviceClass,
): boolean {
  return isSoftware && bindings.length - textures.size < MAX_STORAGE_BUFFERS;
}
