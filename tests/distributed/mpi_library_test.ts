import { assert, assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import {
  launcherOf,
  libraryPaths,
  sizeMismatch,
  VARIABLES,
} from "../../lib/distributed/mpi_library.ts";

const environment = (variables: Record<string, string>) => (name: string) =>
  variables[name];

Deno.test("launcherOf() tells the launcher and its libraries", () => {
  for (
    const [variables, name, size, version] of [
      [{ OMPI_COMM_WORLD_SIZE: "4" }, "mpirun of Open MPI", 4, /\.40$/],
      [{ PMI_SIZE: "2" }, "mpirun of MPICH", 2, /\.12$/],
      [{ SLURM_STEP_NUM_TASKS: "8" }, "srun", 8, /\.(12|40)$/],
      [
        { SLURM_STEP_NUM_TASKS: "8", PMIX_RANK: "0" },
        "srun",
        8,
        /\.(12|40)$/,
      ],
      [{}, "no launcher", undefined, /\.(12|40)$/],
      // mpirun inside of an allocation of Slurm.
      [
        { SLURM_STEP_NUM_TASKS: "8", PMI_SIZE: "2" },
        "mpirun of MPICH",
        2,
        /\.12$/,
      ],
    ] as const
  ) {
    const launcher = launcherOf(environment(variables));
    assertEquals([launcher.name, launcher.size], [name, size]);
    const paths = libraryPaths(launcher, environment(variables));
    assert(paths.length > 0 && paths.every((path) => version.test(path)));
    const isOpenMpi = "OMPI_COMM_WORLD_SIZE" in variables ||
      "PMIX_RANK" in variables;
    assertEquals(paths[0]!.endsWith(".40"), isOpenMpi);
  }
});

Deno.test("sizeMismatch() finds the library of another MPI", () => {
  const launcher = (variables: Record<string, string>) =>
    launcherOf(environment(variables));
  for (const [found, variables] of [[2, { PMI_SIZE: "2" }], [1, {}]] as const) {
    assertEquals(sizeMismatch(launcher(variables), "/a.so", found), undefined);
  }
  assertEquals(
    sizeMismatch(launcher({ PMI_SIZE: "2" }), "/a.so", 1),
    "Cannot train together: mpirun of MPICH started 2 processes, and /a.so sees 1; use the mpirun of that library, or name the library of mpirun of MPICH in GRADLOOP_MPI_LIBRARY",
  );
  assertEquals(
    sizeMismatch(launcher({ SLURM_STEP_NUM_TASKS: "2" }), "/a.so", 1),
    "Cannot train together: srun started 2 processes, and /a.so sees 1; start them with srun --mpi=pmi2 for MPICH, --mpi=pmix for Open MPI",
  );
});

Deno.test("GRADLOOP_MPI_LIBRARY names the only library", () => {
  const named = environment({ GRADLOOP_MPI_LIBRARY: "/opt/mpi.so" });
  assertEquals(libraryPaths(launcherOf(named), named), ["/opt/mpi.so"]);
});

Deno.test("the tasks may load those libraries and read those variables", () => {
  const none = environment({});
  const libraries = libraryPaths(launcherOf(none), none).join(",");
  for (const task of ["train:mpi", "classify:mpi"] as const) {
    const { command } = project.tasks[task];
    assert(command.includes(` --allow-ffi=${libraries} `), command);
    assert(command.includes(` --allow-env=${VARIABLES.join(",")} `), command);
  }
});
