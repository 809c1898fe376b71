/**
 * Times kernels one by one.
 *
 * @module
 */
import type { Params } from "./kernel.ts";

/** Timestamps that a query set holds at most; a kernel takes two. */
const MAX_QUERIES = 4096;

/** One run of a kernel. */
export interface KernelRun {
  /** The kernel's label. */
  readonly kernel: string;
  /** Its `Params`. */
  readonly params: Params;
  /** How many workgroups, in x, y and z. */
  readonly workgroups: readonly [number, number, number];
  /** Bytes of what its bindings show. */
  readonly bytes: number;
  /** When it began, in ms after the first one did. */
  readonly startMs: number;
  /** How long it took, in ms. */
  readonly ms: number;
}

/** A run that is recorded and not yet timed. */
export type RecordedRun = Omit<KernelRun, "startMs" | "ms">;

/** Times what a recorder dispatches. */
export interface Profiler {
  /**
   * Takes the next run, before anything of it is recorded.
   *
   * @returns How to begin a pass for it alone; `undefined` if that does not matter.
   */
  next(run: RecordedRun): GPUComputePassDescriptor | undefined;
  /** Submits, waits for the GPU, and gives the runs in order. */
  finish(): Promise<KernelRun[]>;
}

/** Reads the GPU's own clock before and after each kernel, in passes of their own. */
export class TimestampProfiler implements Profiler {
  readonly #gpu: GPUDevice;
  readonly #submit: () => void;
  readonly #querySets: GPUQuerySet[] = [];
  readonly #runs: RecordedRun[] = [];

  /** Needs the feature `timestamp-query`; `submit` hands over what was recorded. */
  constructor(gpu: GPUDevice, submit: () => void) {
    this.#gpu = gpu;
    this.#submit = submit;
  }

  /** As {@linkcode Profiler.next}. */
  next(run: RecordedRun): GPUComputePassDescriptor {
    const i = 2 * this.#runs.length % MAX_QUERIES;
    if (i === 0) {
      this.#querySets.push(
        this.#gpu.createQuerySet({ type: "timestamp", count: MAX_QUERIES }),
      );
    }
    this.#runs.push(run);
    return {
      timestampWrites: {
        querySet: this.#querySets.at(-1)!,
        beginningOfPassWriteIndex: i,
        endOfPassWriteIndex: i + 1,
      },
    };
  }

  /** As {@linkcode Profiler.finish}. */
  async finish(): Promise<KernelRun[]> {
    this.#submit();
    if (this.#runs.length === 0) return [];
    const times = await this.#read(2 * this.#runs.length);
    const ms = (i: number) => Number(times[i]! - times[0]!) / 1e6;
    return this.#runs.map((run, i) => ({
      ...run,
      startMs: ms(2 * i),
      ms: ms(2 * i + 1) - ms(2 * i),
    }));
  }

  /** All timestamps, in ns. */
  async #read(count: number): Promise<BigUint64Array> {
    const size = 8 * count;
    const resolved = this.#gpu.createBuffer({
      label: "timestamps",
      size,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const staging = this.#gpu.createBuffer({
      label: "timestamps",
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = this.#gpu.createCommandEncoder();
    this.#querySets.forEach((querySet, i) => {
      const first = i * MAX_QUERIES;
      encoder.resolveQuerySet(
        querySet,
        0,
        Math.min(count - first, MAX_QUERIES),
        resolved,
        8 * first,
      );
    });
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    this.#gpu.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const times = new BigUint64Array(staging.getMappedRange().slice(0));
    for (const used of [staging, resolved, ...this.#querySets]) used.destroy();
    return times;
  }
}

/**
 * Reads the host's clock around each kernel, in submits of their own, and copies
 * that a kernel needs count for it. For devices without timestamps, in Deno:
 * there `onSubmittedWorkDone()` returns when the GPU is idle.
 */
export class ClockProfiler implements Profiler {
  readonly #gpu: GPUDevice;
  readonly #submit: () => void;
  readonly #runs: KernelRun[] = [];
  #pending: RecordedRun | undefined;
  #startMs = 0;

  /** `submit` hands over what was recorded. */
  constructor(gpu: GPUDevice, submit: () => void) {
    this.#gpu = gpu;
    this.#submit = submit;
  }

  /** As {@linkcode Profiler.next}. */
  next(run: RecordedRun): undefined {
    this.#time();
    this.#pending = run;
  }

  /** As {@linkcode Profiler.finish}. */
  finish(): Promise<KernelRun[]> {
    this.#time();
    return Promise.resolve(this.#runs);
  }

  /** Runs what was recorded: the pending run, or what came before the first. */
  #time(): void {
    const start = performance.now();
    this.#submit();
    void this.#gpu.queue.onSubmittedWorkDone();
    const ms = performance.now() - start;
    if (!this.#pending) return;
    this.#runs.push({ ...this.#pending, startMs: this.#startMs, ms });
    this.#startMs += ms;
  }
}
