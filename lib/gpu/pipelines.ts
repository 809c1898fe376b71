/**
 * Pipelines of kernels: those that a recording needs are made together.
 *
 * @module
 */
import type { Counters } from "./counters.ts";
import type { DeviceErrors } from "./device_errors.ts";
import type { DeviceClass, Kernel } from "./kernel.ts";

/** Time after which the user is told what the wait was for, in ms. */
const SLOW_MS = 2000;

/** A kernel on one device. */
export interface Compiled {
  /** Layout of its bind group. */
  readonly layout: GPUBindGroupLayout;
  /** Its pipeline, once it is made. */
  pipeline: GPUComputePipeline | undefined;
  /** Resolves to whether the pipeline was made, while it is being made. */
  making: Promise<boolean> | undefined;
}

/** The pipelines of all kernels on one device. */
export class Pipelines {
  readonly #gpu: GPUDevice;
  readonly #deviceClass: DeviceClass;
  readonly #errors: DeviceErrors;
  readonly #counters: Counters;
  readonly #compiled = new Map<Kernel, Compiled>();
  readonly #lost: Promise<false>;

  /**
   * Makes an empty table.
   *
   * @param gpu The device.
   * @param deviceClass Properties that the constants of a kernel may depend on.
   * @param errors Keeps the errors of kernels that do not compile.
   * @param counters Counts the pipelines.
   */
  constructor(
    gpu: GPUDevice,
    deviceClass: DeviceClass,
    errors: DeviceErrors,
    counters: Counters,
  ) {
    this.#gpu = gpu;
    this.#deviceClass = deviceClass;
    this.#errors = errors;
    this.#counters = counters;
    this.#lost = gpu.lost.then(() => false);
  }

  /** Returns the entry of a kernel, with its pipeline if that is made. */
  of(kernel: Kernel): Compiled {
    let compiled = this.#compiled.get(kernel);
    if (!compiled) {
      const layout = kernel.bindGroupLayout(this.#gpu, this.#deviceClass);
      compiled = { layout, pipeline: undefined, making: undefined };
      this.#compiled.set(kernel, compiled);
    }
    return compiled;
  }

  /**
   * Makes the pipelines of kernels, all at once: browsers do so on several threads.
   *
   * @param kernels The kernels.
   * @returns A promise that resolves to whether all are made; `undefined` if they already were.
   */
  make(kernels: Iterable<Kernel>): Promise<boolean> | undefined {
    const startMs = performance.now();
    const all: Promise<boolean>[] = [];
    let count = 0;
    for (const kernel of kernels) {
      const compiled = this.of(kernel);
      if (compiled.pipeline) continue;
      if (!compiled.making) {
        compiled.making = this.#make(kernel, compiled);
        count++;
      }
      all.push(compiled.making);
    }
    return all.length > 0 ? this.#finish(all, count, startMs) : undefined;
  }

  /** Makes the pipeline of a kernel while the caller waits, unless it is made. */
  makeNow(kernel: Kernel): void {
    const compiled = this.of(kernel);
    if (compiled.pipeline) return;
    this.#counters.pipelines++;
    const { pipeline } = kernel.compile(this.#gpu, this.#deviceClass);
    compiled.pipeline = pipeline;
  }

  /** Waits for pipelines, and reports a long wait. */
  async #finish(
    all: readonly Promise<boolean>[],
    count: number,
    startMs: number,
  ): Promise<boolean> {
    const made = await Promise.race([Promise.all(all), this.#lost]);
    const ms = performance.now() - startMs;
    if (count > 0 && ms > SLOW_MS) {
      const kernels = count === 1 ? "kernel" : "kernels";
      // deno-lint-ignore no-console
      console.warn(
        `Compiled ${count} ${kernels} in ${(ms / 1000).toFixed(1)} s`,
      );
    }
    return made !== false && made.every((isMade) => isMade);
  }

  async #make(kernel: Kernel, compiled: Compiled): Promise<boolean> {
    this.#counters.pipelines++;
    try {
      compiled.pipeline = await this.#gpu.createComputePipelineAsync(
        kernel.pipelineDescriptor(
          this.#gpu,
          this.#deviceClass,
          compiled.layout,
        ),
      );
      return true;
    } catch (cause) {
      // The error of the shader, which names the line, arrives as an event after this.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#errors.keep(
        new Error(`Cannot compile "${kernel.label}": ${reason}`, { cause }),
      );
      return false;
    } finally {
      compiled.making = undefined; // one that failed is made again at its next use
    }
  }
}
