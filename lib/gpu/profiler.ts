/**
 * Profilers that time kernels one by one.
 *
 * @module
 */
import type { DeviceErrors } from "./device_errors.ts";
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
  /** Duration of one run, in ms. */
  readonly ms: number;
}

/** A dispatch that is recorded and not yet timed. */
export type RecordedRun = Omit<KernelRun, "startMs" | "ms">;

/** Times the dispatches of a recorder. */
export interface Profiler {
  /** Number of times that each dispatch runs, one after the other. */
  readonly repeats: number;
  /** Whether it submits every dispatch and waits for it: its pipeline is made before. */
  readonly submitsEach: boolean;
  /**
   * Announces the next dispatch, before any of its commands is recorded.
   *
   * @returns Descriptor of a compute pass for this dispatch alone; `undefined` if it needs none.
   */
  next(run: RecordedRun): GPUComputePassDescriptor | undefined;
  /** Submits, waits for the GPU, and returns the timed dispatches in order. */
  finish(): Promise<KernelRun[]>;
}

/** Runs recorded commands. */
export interface CommandRunner {
  /** Submits the recorded commands. */
  submit(): void;
  /** Submits them, and resolves once they are on their way; rejects if they cannot run. */
  submitAll(): Promise<void>;
  /** Calls back once the GPU has done all that was submitted, before anything later. */
  whenIdle(then: () => void): void;
}

/**
 * Makes the profiler that suits a device.
 *
 * @param gpu The device.
 * @param errors The errors of the device.
 * @param repeats Number of times that each dispatch runs.
 * @param runner Runs the recorded commands.
 * @returns The profiler.
 * @throws {RangeError} If `repeats` is not a positive integer.
 */
function profilerFor(
  gpu: GPUDevice,
  errors: DeviceErrors,
  repeats: number,
  runner: CommandRunner,
): Profiler {
  if (!Number.isInteger(repeats) || repeats < 1) {
    throw new RangeError(
      `Cannot run each dispatch ${repeats} times: repeats must be a positive integer`,
    );
  }
  return gpu.features.has("timestamp-query")
    ? new TimestampProfiler(gpu, errors, runner, repeats)
    : new ClockProfiler(runner, repeats);
}

/** The parts of a device that a profile needs. */
export interface Profiled {
  /** The device. */
  readonly gpu: GPUDevice;
  /** Its errors. */
  readonly errors: DeviceErrors;
  /** Records the dispatches. */
  readonly recorder: {
    /** Resolves once all that was submitted is on its way; `undefined` if it is. */
    readonly waiting: Promise<void> | undefined;
    /** Times every dispatch while it is set. */
    profiler: Profiler | undefined;
  };
  /** Submits the recorded commands. */
  submit(): void;
  /** Implements {@linkcode CommandRunner.whenIdle}. */
  whenIdle(then: () => void): void;
}

/**
 * Times every kernel that `work` dispatches, as `Device.profile()`.
 *
 * @param work A function that dispatches kernels.
 * @param repeats Number of times that each dispatch runs.
 * @param device Parts of the device.
 * @returns The dispatches with their times.
 */
export async function profileWork(
  work: () => void,
  repeats: number,
  { gpu, errors, recorder, submit, whenIdle }: Profiled,
): Promise<KernelRun[]> {
  for (submit(); recorder.waiting; submit()) await recorder.waiting;
  const submitAll = async () => {
    submit();
    await recorder.waiting;
    errors.check();
  };
  const runner = { submit, submitAll, whenIdle };
  const profiler = profilerFor(gpu, errors, repeats, runner);
  recorder.profiler = profiler;
  try {
    work();
  } finally {
    recorder.profiler = undefined;
  }
  const runs = await profiler.finish();
  errors.check();
  return runs;
}

/** Takes GPU timestamps before and after each kernel, each in its own compute pass. */
class TimestampProfiler implements Profiler {
  /** Implements {@linkcode Profiler.repeats}. */
  readonly repeats: number;
  /** Implements {@linkcode Profiler.submitsEach}. */
  readonly submitsEach = false;
  readonly #gpu: GPUDevice;
  readonly #errors: DeviceErrors;
  readonly #runner: CommandRunner;
  readonly #querySets: GPUQuerySet[] = [];
  readonly #runs: RecordedRun[] = [];

  /**
   * Makes a profiler; the device needs the feature `timestamp-query`. The queries
   * of commands that were dropped cannot be read: then `submitAll()` rejects.
   */
  constructor(
    gpu: GPUDevice,
    errors: DeviceErrors,
    runner: CommandRunner,
    repeats: number,
  ) {
    this.repeats = repeats;
    this.#gpu = gpu;
    this.#errors = errors;
    this.#runner = runner;
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
    const times = await this.#times();
    const ms = (i: number) => Number(times[i]! - times[0]!) / 1e6;
    return this.#runs.map((run, i) => ({
      ...run,
      startMs: ms(2 * i),
      ms: (ms(2 * i + 1) - ms(2 * i)) / this.repeats,
    }));
  }

  /** Submits, reads all timestamps, in ns, and frees them. */
  async #times(): Promise<BigUint64Array> {
    try {
      await this.#runner.submitAll();
      return await this.#read(2 * this.#runs.length);
    } finally {
      for (const querySet of this.#querySets) querySet.destroy();
    }
  }

  async #read(count: number): Promise<BigUint64Array> {
    if (count === 0) return new BigUint64Array();
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
    try {
      await this.#errors.map(staging);
      return new BigUint64Array(staging.getMappedRange().slice(0));
    } finally {
      staging.destroy();
      resolved.destroy();
    }
  }
}

/**
 * Takes the host's clock before and after each kernel, each in its own submit,
 * which waits for the one before; copies that a kernel needs are included in its
 * time. For devices without timestamps.
 */
class ClockProfiler implements Profiler {
  /** Implements {@linkcode Profiler.repeats}. */
  readonly repeats: number;
  /** Implements {@linkcode Profiler.submitsEach}. */
  readonly submitsEach = true;
  readonly #runner: CommandRunner;
  readonly #runs: RecordedRun[] = [];
  /** The time at which each dispatch begins, and that at which the last one ends. */
  readonly #times: number[] = [];

  /** Makes a profiler, while no work waits for pipelines. */
  constructor(runner: CommandRunner, repeats: number) {
    this.repeats = repeats;
    this.#runner = runner;
  }

  /** Implements {@linkcode Profiler.next}. */
  next(run: RecordedRun): undefined {
    this.#takeTime();
    this.#runs.push(run);
  }

  /** Implements {@linkcode Profiler.finish}. */
  async finish(): Promise<KernelRun[]> {
    this.#takeTime();
    await this.#runner.submitAll();
    await new Promise((resolve) => setTimeout(resolve, 0)); // errors are events
    const startMs = (i: number) => this.#times[i]! - this.#times[0]!;
    return this.#runs.map((run, i) => ({
      ...run,
      startMs: startMs(i),
      ms: (startMs(i + 1) - startMs(i)) / this.repeats,
    }));
  }

  /** Takes the time when the GPU has done the recorded commands. */
  #takeTime(): void {
    this.#runner.submit();
    this.#runner.whenIdle(() => this.#times.push(performance.now()));
  }
}
