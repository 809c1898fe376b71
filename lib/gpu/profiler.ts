/**
 * Profilers that time kernels one by one.
 *
 * @module
 */
import type { Params } from "./kernel.ts";

/** Largest number of timestamps in a query set; a kernel takes two. */
const MAX_QUERIES = 4096;

/** A timed dispatch of a kernel. */
export interface KernelRun {
  /** The kernel's label. */
  readonly kernel: string;
  /** The values of its `Params`. */
  readonly params: Params;
  /** Number of workgroups along x, y and z. */
  readonly workgroups: readonly [number, number, number];
  /** Total size of the buffer ranges that it binds, in bytes. */
  readonly bytes: number;
  /** Start time, in ms after the start of the first dispatch. */
  readonly startMs: number;
  /** Duration, in ms. */
  readonly ms: number;
}

/** A dispatch that is recorded and not yet timed. */
export type RecordedRun = Omit<KernelRun, "startMs" | "ms">;

/** Times the dispatches of a recorder. */
export interface Profiler {
  /**
   * Announces the next dispatch, before any of its commands is recorded.
   *
   * @returns Descriptor of a compute pass for this dispatch alone; `undefined` if it needs none.
   */
  next(run: RecordedRun): GPUComputePassDescriptor | undefined;
  /** Submits, waits for the GPU, and returns the timed dispatches in order. */
  finish(): Promise<KernelRun[]>;
}

/** Takes GPU timestamps before and after each kernel, each in its own compute pass. */
export class TimestampProfiler implements Profiler {
  readonly #gpu: GPUDevice;
  readonly #submit: () => void;
  readonly #querySets: GPUQuerySet[] = [];
  readonly #runs: RecordedRun[] = [];

  /**
   * Makes a profiler; the device needs the feature `timestamp-query`, and
   * `submit` submits the recorded commands.
   */
  constructor(gpu: GPUDevice, submit: () => void) {
    this.#gpu = gpu;
    this.#submit = submit;
  }

  /** Implements {@linkcode Profiler.next}. */
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

  /** Implements {@linkcode Profiler.finish}. */
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

  /** Reads all timestamps, in ns. */
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
    for (const object of [staging, resolved, ...this.#querySets]) {
      object.destroy();
    }
    return times;
  }
}

/**
 * Takes the host's clock before and after each kernel, each in its own submit;
 * copies that a kernel needs are included in its time. For devices without
 * timestamps, in Deno only: there `onSubmittedWorkDone()` blocks until the GPU is
 * idle.
 */
export class ClockProfiler implements Profiler {
  readonly #gpu: GPUDevice;
  readonly #submit: () => void;
  readonly #runs: KernelRun[] = [];
  #pending: RecordedRun | undefined;
  #startMs = 0;

  /** Makes a profiler; `submit` submits the recorded commands. */
  constructor(gpu: GPUDevice, submit: () => void) {
    this.#gpu = gpu;
    this.#submit = submit;
  }

  /** Implements {@linkcode Profiler.next}. */
  next(run: RecordedRun): undefined {
    this.#time();
    this.#pending = run;
  }

  /** Implements {@linkcode Profiler.finish}. */
  finish(): Promise<KernelRun[]> {
    this.#time();
    return Promise.resolve(this.#runs);
  }

  /** Runs and times the recorded commands: the pending dispatch, or those before the first one. */
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
