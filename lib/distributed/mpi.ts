/**
 * MPI through the foreign-function interface: MPICH and the libraries of its ABI (Intel
 * MPI, MVAPICH, Cray MPICH), and Open MPI.
 *
 * @module
 */
import type { Communicator } from "./communicator.ts";
import { FROM_FORTRAN, FUNCTIONS, type Handles, MPICH } from "./mpi_abi.ts";
import { launcherOf, libraryPaths, sizeMismatch } from "./mpi_library.ts";

/**
 * Asks Open MPI for the handles of the Fortran numbers in its `mpif-handles.h`;
 * `undefined` for another library.
 */
function openMpiHandles(path: string): Handles | undefined {
  try {
    Deno.dlopen(path, { ompi_mpi_comm_world: { type: "u8" } }).close();
  } catch {
    return undefined;
  }
  const { symbols } = Deno.dlopen(path, FROM_FORTRAN);
  return {
    world: symbols.MPI_Comm_f2c(0),
    byte: symbols.MPI_Type_f2c(1),
    float: symbols.MPI_Type_f2c(14),
    double: symbols.MPI_Type_f2c(15),
    sum: symbols.MPI_Op_f2c(3),
    inPlace: 1n,
    ignoreStatus: 0n,
  };
}

/** `MPI_THREAD_SERIALIZED`: calls from any thread, one at a time. */
const SERIALIZED = 2;
/** Looks for the other processes for so long before the first pause, in ms. */
const LOOK = 1;
/** Looks after each pause: these take microseconds. */
const LOOKS = 200;
/** Longest pause between two looks, in ms. */
const MAX_PAUSE = 2;
/**
 * Elements that one call sums, per process. Those of two, 1 MiB, stay in the cache of a core;
 * a ring of more still sends 512 kB at a time, much longer than its latency.
 */
const SUM_COUNT = 2 ** 17;
/** Most bytes that one call sends, whose count is a 32-bit number. */
const MAX_COUNT = 2 ** 28;

/** The operations, as each process tells the others what it calls. */
const OPERATIONS = ["allReduceSum", "broadcast", "gather", "barrier"] as const;
/** Operations with their lengths are compared modulo this prime: its square is an exact number, those of many processes too. */
const PRIME = 1_000_003;

type Library = Deno.DynamicLibrary<typeof FUNCTIONS>;

/** The processes that `mpirun` or a cluster's launcher started together. */
class MpiCommunicator implements Communicator {
  readonly rank: number;
  readonly size: number;
  readonly #mpi: Library["symbols"];
  readonly #handles: Handles;
  /** The last operation: MPI gets one call at a time. */
  #last: Promise<unknown> = Promise.resolve();

  /** Asks an initialised library for rank and size. */
  constructor(mpi: Library["symbols"], handles: Handles) {
    this.#mpi = mpi;
    this.#handles = handles;
    const number = new Int32Array(1);
    check("MPI_Comm_rank", mpi.MPI_Comm_rank(handles.world, number));
    this.rank = number[0]!;
    check("MPI_Comm_size", mpi.MPI_Comm_size(handles.world, number));
    this.size = number[0]!;
  }

  /** Sums arrays; see {@linkcode Communicator.allReduceSum}. */
  allReduceSum(
    values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
  ): Promise<void> {
    const { float, double, sum, inPlace, world } = this.#handles;
    const type = values instanceof Float32Array ? float : double;
    return this.#together("allReduceSum", values.length, () => {
      const count = SUM_COUNT * this.size;
      for (let first = 0; first < values.length; first += count) {
        const part = values.subarray(first, first + count);
        check(
          "MPI_Allreduce",
          this.#mpi.MPI_Allreduce(inPlace, part, part.length, type, sum, world),
        );
      }
      return Promise.resolve();
    });
  }

  /** Sends bytes to all; see {@linkcode Communicator.broadcast}. */
  broadcast(bytes: Uint8Array<ArrayBuffer>, root = 0): Promise<void> {
    const { byte, world } = this.#handles;
    return this.#together("broadcast", bytes.length, async () => {
      for (let first = 0; first < bytes.length; first += MAX_COUNT) {
        const part = bytes.subarray(first, first + MAX_COUNT);
        check(
          "MPI_Bcast",
          await this.#mpi.MPI_Bcast(part, part.length, byte, root, world),
        );
      }
    });
  }

  /** Sends bytes to process 0; see {@linkcode Communicator.gather}. */
  async gather(
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>[]> {
    const lengths = new Float64Array(this.size);
    lengths[this.rank] = bytes.length;
    await this.allReduceSum(lengths);
    const counts = Int32Array.from(lengths);
    const starts = new Int32Array(this.size);
    for (let i = 1; i < this.size; i++) {
      starts[i] = starts[i - 1]! + counts[i - 1]!;
    }
    const all = new Uint8Array(
      this.rank === 0 ? starts.at(-1)! + counts.at(-1)! : 0,
    );
    const { byte, world } = this.#handles;
    await this.#together("gather", this.size, async () => {
      check(
        "MPI_Gatherv",
        await this.#mpi.MPI_Gatherv(
          bytes,
          bytes.length,
          byte,
          all,
          counts,
          starts,
          byte,
          0,
          world,
        ),
      );
    });
    if (this.rank !== 0) return [];
    return Array.from(
      counts,
      (count, i) => all.slice(starts[i]!, starts[i]! + count),
    );
  }

  /** Waits for all processes. */
  barrier(): Promise<void> {
    return this.#together("barrier", 0, () => Promise.resolve());
  }

  /** Ends all processes at once. */
  abort(exitCode: number): void {
    this.#mpi.MPI_Abort(this.#handles.world, exitCode);
  }

  /** Leaves the job, once all processes do. */
  [Symbol.dispose](): void {
    this.#mpi.MPI_Finalize();
  }

  /**
   * Runs an operation once all processes have come to it. MPI waits in a busy loop, on
   * processors that the others may need to arrive at all; so the wait is here, with
   * pauses, and the operation itself finds nobody missing. Processes that call
   * different operations would wait in MPI for ever: they are refused.
   */
  #together(
    name: typeof OPERATIONS[number],
    length: number,
    operation: () => Promise<void>,
  ): Promise<void> {
    const run = this.#last.then(async () => {
      if (!await this.#meet(OPERATIONS.indexOf(name), length)) {
        throw new Error(
          `Cannot go on with the other processes: this one calls ${name} of length ${length}, and another one does something else; all must run the same program on the same data`,
        );
      }
      await operation();
    });
    this.#last = run.catch(() => {});
    return run;
  }

  /** Waits for all processes, and tells whether they call the same operation. */
  async #meet(operation: number, length: number): Promise<boolean> {
    const { world, double, sum, inPlace, ignoreStatus } = this.#handles;
    const id = (length * OPERATIONS.length + operation) % PRIME;
    // Equal ids alone have the mean square of this one and its mean. MPI writes the
    // sums later: small arrays without a buffer of their own can move.
    const sums = new Float64Array(new ArrayBuffer(16));
    sums.set([id, id ** 2]);
    const request = new BigUint64Array(1);
    const isDone = new Int32Array(1);
    check(
      "MPI_Iallreduce",
      this.#mpi.MPI_Iallreduce(inPlace, sums, 2, double, sum, world, request),
    );
    const spinUntil = performance.now() + LOOK;
    for (let pause = 0;; pause = Math.min(pause + 0.25, MAX_PAUSE)) {
      for (
        let look = 0;
        look < LOOKS || performance.now() < spinUntil;
        look++
      ) {
        check("MPI_Test", this.#mpi.MPI_Test(request, isDone, ignoreStatus));
        if (isDone[0]) {
          return sums[0] === this.size * id && sums[1] === this.size * id ** 2;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function check(name: string, code: number): void {
  if (code !== 0) {
    throw new Error(
      `Cannot go on with the other processes: ${name} returned error ${code}`,
    );
  }
}

/**
 * Joins the processes that an MPI launcher started: `mpirun -n 2 …`, or `srun`.
 * The library is found by the launcher's environment variables, or named by
 * `GRADLOOP_MPI_LIBRARY`.
 *
 * @returns The communicator. Dispose of it when training has ended, which waits for all
 * processes. After an error, where `using` would do so too, call `abort` instead.
 * @throws {Error} If there is no MPI library, it may not be loaded, or the launcher is
 * that of another MPI.
 */
export function connectMpi(): Communicator {
  const environment = (name: string) => Deno.env.get(name);
  const launcher = launcherOf(environment);
  const { path, library } = openFirst(libraryPaths(launcher, environment));
  const { symbols } = library;
  const provided = new Int32Array(1);
  check(
    "MPI_Init_thread",
    symbols.MPI_Init_thread(null, null, SERIALIZED, provided),
  );
  if (provided[0]! < SERIALIZED) {
    symbols.MPI_Finalize();
    throw new Error(
      `Cannot train with ${path}: it is built without threads (MPI_THREAD_SERIALIZED); install a build with them`,
    );
  }
  const communicator = new MpiCommunicator(
    symbols,
    openMpiHandles(path) ?? MPICH,
  );
  const mismatch = sizeMismatch(launcher, path, communicator.size);
  if (mismatch === undefined) return communicator;
  communicator[Symbol.dispose]();
  throw new Error(mismatch);
}

/** Loads the first library that is there. */
function openFirst(
  paths: readonly string[],
): { path: string; library: Library } {
  let denied: string | undefined;
  let failure: string | undefined;
  for (const path of paths) {
    try {
      return { path, library: Deno.dlopen(path, FUNCTIONS) };
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof Deno.errors.NotCapable) denied ??= path;
      else if (paths.length === 1 || !message.includes("No such file")) {
        failure ??=
          `the library ${path} cannot be loaded (${message.trimEnd()}); name another one in GRADLOOP_MPI_LIBRARY`;
      }
    }
  }
  throw new Error(
    `Cannot train together: ${
      failure ??
        (denied === undefined
          ? "there is no MPI library; install one (apt-get install mpich), or name it in GRADLOOP_MPI_LIBRARY"
          : `this run has no permission to load ${denied}; start it with --allow-ffi=${denied}`)
    }`,
  );
}
