/**
 * Finds the MPI library that belongs to the launcher of this process.
 *
 * @module
 */

/** Reads an environment variable; `undefined` if it is not set. */
export type Environment = (name: string) => string | undefined;

/** The environment variables that are read. */
export const VARIABLES = [
  "GRADLOOP_MPI_LIBRARY",
  "OMPI_COMM_WORLD_SIZE",
  "PMI_SIZE",
  "PMIX_RANK",
  "SLURM_STEP_NUM_TASKS",
] as const;

/** The program that started the processes of a job. */
export interface Launcher {
  /** Name, for errors. */
  readonly name: string;
  /** Number of processes that it started; `undefined` if there is no launcher. */
  readonly size?: number;
  /** Paths of the libraries that understand it, the likeliest first. */
  readonly libraries: readonly string[];
}

/** MPICH and the libraries of its ABI, which is version 12: Debian, Fedora, Arch. */
const MPICH = [
  "/usr/lib/x86_64-linux-gnu/libmpich.so.12",
  "/usr/lib/aarch64-linux-gnu/libmpich.so.12",
  "/usr/lib64/mpich/lib/libmpi.so.12",
  "/usr/lib/libmpi.so.12",
];
/** Open MPI 3 to 5, which is version 40. */
const OPEN_MPI = [
  "/usr/lib/x86_64-linux-gnu/libmpi.so.40",
  "/usr/lib/aarch64-linux-gnu/libmpi.so.40",
  "/usr/lib64/openmpi/lib/libmpi.so.40",
  "/usr/lib/libmpi.so.40",
];

/**
 * Tells the launcher by the variables that it sets.
 *
 * @param environment Reads a variable.
 * @returns The launcher.
 */
export function launcherOf(environment: Environment): Launcher {
  const isPmix = environment("PMIX_RANK") !== undefined;
  const launchers = [
    ["OMPI_COMM_WORLD_SIZE", "mpirun of Open MPI", OPEN_MPI],
    ["PMI_SIZE", "mpirun of MPICH", MPICH],
    [
      "SLURM_STEP_NUM_TASKS",
      "srun",
      isPmix ? [...OPEN_MPI, ...MPICH] : [...MPICH, ...OPEN_MPI],
    ],
  ] as const;
  for (const [variable, name, libraries] of launchers) {
    const size = environment(variable);
    if (size !== undefined) return { name, size: Number(size), libraries };
  }
  return { name: "no launcher", libraries: [...MPICH, ...OPEN_MPI] };
}

/**
 * Lists the paths where the library may lie.
 *
 * @param launcher The launcher.
 * @param environment Reads a variable: `GRADLOOP_MPI_LIBRARY` names the only one.
 * @returns The paths, the likeliest first.
 */
export function libraryPaths(
  { libraries }: Launcher,
  environment: Environment,
): string[] {
  const named = environment("GRADLOOP_MPI_LIBRARY");
  if (named) return [named];
  return [...libraries];
}

/**
 * Finds out that a library is that of another MPI than the launcher's: every process
 * would train alone.
 *
 * @param launcher The launcher.
 * @param path The path of the library.
 * @param found Number of processes that the library sees.
 * @returns The message of the error; undefined if the library fits.
 */
export function sizeMismatch(
  { size, name }: Launcher,
  path: string,
  found: number,
): string | undefined {
  if (size === undefined || size === found) return undefined;
  return `Cannot train together: ${name} started ${size} processes, and ${path} sees ${found}; ${
    name === "srun"
      ? "start them with srun --mpi=pmi2 for MPICH, --mpi=pmix for Open MPI"
      : `use the mpirun of that library, or name the library of ${name} in GRADLOOP_MPI_LIBRARY`
  }`;
}
